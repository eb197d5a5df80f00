//! Texts that are made to hurt: each gives one clear diagnostic, and none takes the parser with it.

use vodflow::driver::{Compiler, Entry};
use vodflow::world::NoFiles;

/// What is wrong with a text, on one line each: `E0101 1:5 message`.
fn said(compiler: &Compiler, text: &str) -> Vec<String> {
    let checked = compiler.check_file("hostile.json", text, Entry::Nothing, &NoFiles);
    let line = |problem: &vodflow::diag::Diagnostic| {
        let place = problem.primary.as_ref().and_then(|label| {
            let at = checked.sources.get(label.span.source)?.position(label.span.start);
            Some(format!("{}:{}", at.line, at.column))
        });
        format!("{} {} {}", problem.code.id, place.unwrap_or_else(|| "-".to_owned()), problem.message)
    };
    checked.diagnostics.iter().map(line).collect()
}

#[test]
fn texts_that_are_no_json_get_one_clear_message() {
    let compiler = Compiler::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = "{\"a\":".repeat(5000);
    let many = format!("[{}0]", "0,".repeat(300_000));
    let large = format!("\"{}\"", "x".repeat(2 << 20));
    let long_name = format!("{{\"{}\":1}}", "n".repeat(900_000));
    let long_number = format!("{{\"transcode\":{{\"definition\":{}}}}}", "9".repeat(900_000));
    let table: &[(&str, &str)] = &[
        ("", "E0101 1:1 the text is empty"),
        ("   \n\t ", "E0101 1:1 the text is empty"),
        ("{", "E0101 1:2 the text ends in the middle of a value"),
        ("{\"a\": [1, 2", "E0101 1:12 the text ends in the middle of a value"),
        ("{\"a\": NaN}", "E0101 1:7 `NaN` is no JSON value"),
        ("{\"a\": -Infinity}", "E0101 1:7 `-Infinity` is no JSON number"),
        ("{\"a\": undefined}", "E0101 1:7 `undefined` is no JSON value"),
        ("{\"a\": True}", "E0101 1:7 `True` is no JSON value"),
        ("{\"a\": 1,}", "E0101 1:8 a comma stands before the closing bracket"),
        ("[1, 2, ]", "E0101 1:6 a comma stands before the closing bracket"),
        ("{\"a\" 1}", "E0101 1:6 `1` does not belong here"),
        ("{1: 2}", "E0101 1:2 `1` does not belong here"),
        ("{\"a\": 1, 2}", "E0101 1:10 `2` does not belong here"),
        ("[1 2]", "E0101 1:4 `2` does not belong here"),
        ("{\"a\": \"b\" \"c\"}", "E0101 1:11 a string does not belong here"),
        ("{\"a\": 1]", "E0101 1:8 `]` does not belong here"),
        ("{\"a\": 1 \"b\": 2}", "E0101 1:9 a string does not belong here"),
        ("{a: 1}", "E0101 1:2 `a` is no JSON value"),
        ("{'a': 1}", "E0101 1:2 strings stand between double quotes"),
        ("{\"a\": 01}", "E0101 1:7 `01` is no JSON number"),
        ("{\"a\": +1}", "E0101 1:7 `+1` is no JSON number"),
        ("{\"a\": .5}", "E0101 1:7 `.5` is no JSON number"),
        ("{\"a\": 0x10}", "E0101 1:7 `0x10` is no JSON number"),
        ("{\"a\": 1} // no", "E0101 1:10 JSON has no comments"),
        ("/* no */ {}", "E0101 1:1 JSON has no comments"),
        ("{} {}", "E0101 1:4 `{` does not belong here"),
        ("{\"a\": \"x\ny\"}", "E0101 1:7 the string is not closed on its line"),
        ("{\"a\": \"\u{1}\"}", "E0101 1:8 the control character U+0001 stands in a string"),
        ("{\"a\": \"\\x\"}", "E0101 1:8 `\\x` is no escape of JSON"),
        ("{\"a\": \"\\u12\"}", "E0101 1:8 `\\u` is no escape of JSON"),
        ("{\"a\": \"unclosed", "E0101 1:7 the string is not closed"),
        ("{“a”: 1}", "E0101 1:2 `“` does not belong here"),
        ("\u{feff}\u{feff}{}", "E0101 1:1 `\u{feff}` does not belong here"),
        (
            "{\"Name\": \"\\ud800\", \"MediaProcessTask\": {}}",
            "E0101 1:11 `\\ud800` is half of a pair and no character",
        ),
        (&deep, "E0104 1:65 objects and arrays are nested deeper than 64 levels"),
        (&deep_objects, "E0104 1:321 objects and arrays are nested deeper than 64 levels"),
        (&many, "E0002 1:100001 `hostile.json` holds more than 50000 values"),
        (&large, "E0002 - `hostile.json` is larger than 1 MiB"),
        (&long_name, "E0008 1:2 the object is no body that is known"),
        (&long_number, "E0303 1:28 `definition` is no number of a template: a whole number from 1 to 2^63 - 1"),
    ];
    let mut differences = Vec::new();
    for (text, wanted) in table {
        let found = said(&compiler, text);
        if found != [wanted.to_string()] {
            let start: String = text.chars().take(40).collect();
            differences.push(format!("{start:?}\n  {found:?}\n  {wanted:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_mistake_of_a_body_is_told_and_none_twice() {
    let compiler = Compiler::new();
    let body = r#"{
  "Name": "course",
  "SubAppId": 15,
  "MediaProcessTask": {
    "TranscodeTaskSet": [
      { "Definition": 99, "StartTimeOffset": "5s" },
      { "Definition": 100010, "BlindWatermark": { "Definition": 3 } },
      { "Defintion": 100020 }
    ],
    "SampleSnapshotTasksSet": [],
    "CoverBySnapshotTaskSet": [{ "Definition": 10, "PositionType": "time", "PositionValue": -1 }]
  }
}"#;
    let found = said(&compiler, body).join("\n");
    let wanted = "W0221 3:3 `SubAppId` is not about what is made; it is left out\n\
        E0203 6:23 the transcode template `99` does not exist\n\
        E0301 6:46 `StartTimeOffset` takes a number, here is a text\n\
        E0220 7:31 the language has no word for `BlindWatermark`\n\
        E0209 8:9 `TranscodeTaskInput` of API `v3` has no field `Defintion`\n\
        E0209 10:5 `MediaProcessTask` of API `v3` has no field `SampleSnapshotTasksSet`\n\
        E0304 11:68 `PositionType` does not take `time`\n\
        E0303 11:93 `PositionValue` is -1, API `v3` allows 0 to 604800";
    assert_eq!(found, wanted);
}
