//! Broken, hostile and huge texts: the front end never panics, never hangs, and never stays silent about a broken text.

use proptest::prelude::*;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use vodflow::driver::{Compiler, Entry};
use vodflow::world::NoFiles;

const EXAMPLES: &[&str] = &[
    include_str!("../examples/publish.vod"),
    include_str!("../examples/lecture.vod"),
    include_str!("../examples/community.vod"),
];

const CALL: &str = "QCVB_SimpleProcessFile({10, 0x14; [1]=3, a='x\\n'}, [20,\"y\"], [==[z]==], -1.5e3)";

fn compiler() -> &'static Compiler {
    static COMPILER: OnceLock<Compiler> = OnceLock::new();
    COMPILER.get_or_init(Compiler::new)
}

/// Checks a text both ways, and that every place of a diagnostic can be shown.
fn check(text: &str) {
    for checked in [compiler().check_file("t.vod", text, Entry::Main, &NoFiles), compiler().check_call(text)] {
        let shown: String = text.chars().take(2000).collect();
        assert!(checked.procedure.is_some() != checked.diagnostics.has_errors(), "{shown:?} {:?}", checked.diagnostics);
        for problem in checked.diagnostics.iter() {
            let labels = problem.primary.iter().chain(&problem.secondary).map(|label| label.span);
            for span in labels.chain(problem.fix.iter().flat_map(|fix| fix.edits.iter().map(|(span, _)| *span))) {
                let source = checked.sources.get(span.source).expect("the source is there");
                assert!(source.text.get(span.range()).is_some(), "{shown:?} {problem:?}");
            }
            assert!(problem.message.to_string().len() < 4096, "{shown:?}");
        }
    }
}

#[test]
fn every_prefix_of_the_examples_is_told_something_sensible() {
    for text in EXAMPLES.iter().copied().chain([CALL]) {
        for (at, _) in text.char_indices() {
            check(&text[..at]);
        }
    }
}

#[test]
fn every_single_deletion_is_survived() {
    for text in EXAMPLES.iter().copied().chain([CALL]) {
        for (at, sign) in text.char_indices() {
            check(&format!("{}{}", &text[..at], &text[at + sign.len_utf8()..]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn insertions_are_survived(example in 0usize..3, at in any::<prop::sample::Index>(), junk in "[{}()\\[\\]<>,:;\"'“”，：/*=%.\u{200b}\u{202e}高 a0-9\n-]{1,6}") {
        let text = EXAMPLES[example];
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        check(&format!("{}{junk}{}", &text[..at], &text[at..]));
    }

    #[test]
    fn words_in_any_order_are_survived(words in prop::collection::vec(prop::sample::select(vec![
        "transcode", "snapshot", "at", "using", "with", "encrypt", "procedure", "template", "watermark", "import",
        "p", "10", "5s", "{", "}", "(", ")", "[", "]", ",", ":", "\"x\"", "at_most", "not", "+", "- ", "=", "<", ">",
        "none", "default", "\n", "when", "for", "options", "/*", "//", "nil", "高清",
    ]), 0..40)) {
        check(&words.join(" "));
        check(&words.concat());
    }
}

/// A generous bound: these take milliseconds when compiled for release, and must not grow with each level.
fn in_time(text: &str) {
    let start = Instant::now();
    check(text);
    assert!(start.elapsed() < Duration::from_secs(90), "{} bytes took {:?}", text.len(), start.elapsed());
}

#[test]
fn deep_nesting_is_refused_or_read_without_growing_costs() {
    for opening in
        ["{", "[", "(", "a:[{", "a:([{", "f({", "transcode x with m(a:[{", "x {", "[{a:", "{[", "at_most (", "（"]
    {
        for count in [20, 63, 1000, 20_000] {
            let nest = opening.repeat(count);
            in_time(&nest);
            in_time(&format!("procedure p {{ {nest}"));
            in_time(&format!("template transcode t {{ a: {nest}"));
            in_time(&format!("f({nest}"));
        }
    }
}

#[test]
fn huge_texts_are_refused_or_read() {
    in_time(&"x".repeat((1 << 20) + 1));
    in_time(&"procedure p { transcode x }\n".repeat(2_000));
    in_time(&format!("procedure p {{ {} }}", "whenn x { transcode 10 }\n".repeat(5_000)));
    in_time(&format!("procedure p {{ transcode {} }}", "10, ".repeat(20_000)));
    let chain: String = (1..3_000).map(|at| format!("template transcode t{at} {{ extends: t{} }}\n", at + 1)).collect();
    in_time(&chain);
    let calls: String = (1..3_000).map(|at| format!("procedure p{at} {{ p{}() p{}() }}\n", at + 1, at + 1)).collect();
    in_time(&format!("{calls}procedure p3000 {{ transcode 10 }}\np1()"));
    let doubling: String = (1..40).map(|at| format!("procedure p{at} {{ p{0}()\np{0}() }}\n", at + 1)).collect();
    in_time(&format!("{doubling}procedure p40 {{ transcode 10 }}\np1()"));
    in_time(&format!("f({})", "9".repeat(500_000)));
}

#[test]
fn a_text_of_a_mebibyte_is_read_whole() {
    let one = "/// A rendition, as wide as it may be.\ntemplate transcode NAME {\n    extends: 100030 // in HD\n    video: { fps: 25, gop: 2s }\n}\n\n";
    let mut text = String::new();
    for at in 0.. {
        let next = one.replace("NAME", &format!("t{at}"));
        if text.len() + next.len() > (1 << 20) - 64 {
            break;
        }
        text.push_str(&next);
    }
    text.push_str("procedure p { transcode t1, t2 }\n");
    let checked = compiler().check_file("t.vod", &text, Entry::Main, &NoFiles);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics.iter().next());
    assert_eq!(checked.procedure.map(|procedure| procedure.tasks().len()), Some(2));
}

#[test]
fn no_text_makes_the_costs_multiply() {
    let fields: String = (0..60_000).map(|at| format!("a{at}: 1 ")).collect();
    in_time(&format!("template transcode t {{ {fields} }}"));
    let same = "a: 1 ".repeat(100_000);
    in_time(&format!("template transcode t {{ {same} }}"));
    let parameters: String = (0..30_000).map(|at| format!("a{at}: int = 1, ")).collect();
    in_time(&format!("procedure q({parameters}) {{ }}\nprocedure p {{ {} }}", "q()\n".repeat(50_000)));
    let shots = "1s, ".repeat(100_000);
    in_time(&format!(
        "procedure q(s: list<time> = [{shots}]) {{ q2(s) }}\nprocedure q2(s: list<time>) {{ snapshot at s using 10 }}\nprocedure p {{ {} }}\np()",
        "q()\n".repeat(50_000)
    ));
    let names: String = (0..10_000).map(|at| format!("template transcode n{at} {{ extends: 10 }}\n")).collect();
    in_time(&format!("{names}procedure p {{ {} }}", "transcode unknown_name\n".repeat(20_000)));
    in_time(&format!(
        "template watermark w {{ image: \"a\" }}\nprocedure p {{ transcode 10 with {}w }}",
        "w, ".repeat(200_000)
    ));
}
