//! The formatter: it settles at once, keeps every word and comment, changes no meaning, and leaves mistakes alone.

use vodflow::syntax::{Formatted, Outcome, format, parse};
use vodflow::text::SourceMap;

const EXAMPLES: &[(&str, &str)] = &[
    ("publish", include_str!("../examples/publish.vod")),
    ("lecture", include_str!("../examples/lecture.vod")),
    ("community", include_str!("../examples/community.vod")),
    ("ladder", include_str!("../examples/ladder.vod")),
];

fn formatted(text: &str) -> Formatted {
    format(&SourceMap::default().add("t.vod", text))
}

/// What is not blank, no `;` and no comma, sorted: the formatter may move a clause.
fn signs(text: &str) -> Vec<char> {
    let mut signs: Vec<char> =
        text.chars().filter(|sign| !matches!(sign, ' ' | '\t' | '\n' | '\r' | ';' | ',' | '\u{feff}')).collect();
    signs.sort_unstable();
    signs
}

/// What a text is promised and does not get.
fn fault(text: &str) -> Option<String> {
    let once = formatted(text);
    let twice = formatted(&once.text);
    if once.outcome == Outcome::Refused {
        Some("the layout would lose something".to_owned())
    } else if once.changed != (once.text != text.trim_start_matches('\u{feff}')) {
        Some("it is not told whether the text changed".to_owned())
    } else if signs(&once.text) != signs(text) {
        Some(format!("signs are lost or added:\n{}", once.text))
    } else if twice.text != once.text {
        Some(format!("it does not settle:\n{}\n──── then\n{}", once.text, twice.text))
    } else {
        None
    }
}

/// Holds a text to what every text is promised; a text that fails is cut down before it is shown.
fn holds(text: &str) {
    holds_by(text, fault);
}

fn holds_by(text: &str, fault: fn(&str) -> Option<String>) {
    if fault(text).is_none() {
        return;
    }
    let mut small: Vec<char> = text.chars().collect();
    let mut size = small.len();
    while size > 0 {
        let mut at = 0;
        while at < small.len() {
            let mut less = small.clone();
            less.drain(at..(at + size).min(small.len()));
            if fault(&less.iter().collect::<String>()).is_some() {
                small = less;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    let small: String = small.into_iter().collect();
    panic!("{small:?}: {}", fault(&small).unwrap_or_default());
}

#[test]
fn prefixes_of_the_examples_settle() {
    for (_, text) in EXAMPLES {
        for (at, _) in text.char_indices().step_by(2) {
            holds(&text[..at]);
        }
    }
}

#[test]
fn deletions_settle() {
    for (_, text) in EXAMPLES {
        for (at, sign) in text.char_indices().step_by(3) {
            holds(&format!("{}{}", &text[..at], &text[at + sign.len_utf8()..]));
        }
    }
}

/// Pieces of procedures that are sound; `gaps` marks where comments and line ends may be put in.
const WORDS: &[&str] = &[
    "template transcode hd { extends : 100030 , video : { fps : 25 , gop : 2s } }",
    "template watermark \"my-mark\" { image : \"a//b\" x : 2% }",
    "template transcode \"and\" { container : mp4 , video : none }",
    "import \"brand.vod\"",
    "procedure p ( a : list < template < transcode > > ? = [ 10 , 20 ] , b : time = 1s ) { }",
    "procedure q { transcode hd , 20 encrypt vault with logo ( from : 5s , to : -5s ) , mark from 1s { video : { fps : 25 } } }",
    "procedure r { cover with logo using 10 at 50% ; snapshot at 0s , 1s , end using small ; sample using 10 }",
    "procedure s { options { priority : 3 } let a = 1s + 2s * 3 - 1s for x in [ 1s , 2s ] { cover at x using 10 } }",
    "procedure t { when source.height >= 720 and not source.hdr or false { p ( ) } else when a { q } else { r } }",
    "procedure u { review using 10 ; animate 10 to 5s from at_most ( 1s + 2s ) ; sprite using ( x ) }",
    "procedure v { preset ( { 10 , 20 } , [ 1 , 2 ] , { a = 1 ; b = 2 } , name : 5s ) bare }",
    "p ( a : [ 10 ] , b : 5s )",
    "q ( )",
    "r",
];

/// What may stand between two words of a sound text.
const GAPS: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    " ",
    " ",
    " ",
    " ",
    "\n",
    "\n\n\n",
    "\t ",
    "\r\n",
    " // note\n",
    "\n//note\n",
    " /* a */ ",
    "\n/* b\n c */\n",
    "\n\n  /// doc\n",
    " //--- x\n// y\n\n",
    "/* d */ /* e */",
    " /* f */\n",
];

/// The same, and what breaks a text.
const BREAKS: &[&str] = &[
    "，",
    "“",
    "”",
    "\"",
    "'",
    "；",
    "\u{200b}",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    ":",
    "=",
    "-",
    "/*",
    "//",
    "else",
    "with",
    "transcode",
    "template",
    "procedure",
    "x",
    "10",
    "\n",
    "and",
    "*/",
    "。",
    "\\",
    "<",
    "?",
    "%",
    "\r",
];

/// Numbers from a seed, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

fn sound_text(dice: &mut Dice) -> String {
    let mut text = String::new();
    let calm = dice.below(3) == 0;
    for _ in 0..=dice.below(5) {
        for word in dice.pick(WORDS).split(' ') {
            text.push_str(word);
            let gap = dice.pick(GAPS);
            text.push_str(if calm && dice.below(6) > 0 { " " } else { gap });
            // A blank, so that a bare minus and the words of strings stay what they are.
            text.push(' ');
        }
        text.push('\n');
    }
    text
}

#[test]
fn comments_anywhere_are_kept() {
    let mut dice = Dice(1);
    for _ in 0..1500 {
        holds(&sound_text(&mut dice));
    }
}

#[test]
fn broken_texts_settle() {
    let mut dice = Dice(2);
    for round in 0..2000 {
        let mut text =
            if round % 2 == 0 { sound_text(&mut dice) } else { EXAMPLES[dice.below(EXAMPLES.len())].1.to_owned() };
        for _ in 0..=dice.below(3) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = places[dice.below(places.len())];
            text.insert_str(at, dice.pick(BREAKS));
        }
        holds(&text);
    }
}

/// The AST without places: what a text means before names are looked up.
fn meaning(text: &str) -> String {
    let parsed = parse(&SourceMap::default().add("t.vod", text));
    let shown = format!("{:?}", parsed.file);
    let mut parts = shown.split("Span {");
    let first = parts.next().unwrap_or_default().to_owned();
    // A span ends with its only closing brace: the place in it has round brackets.
    parts.fold(first, |all, part| all + part.split_once('}').map_or(part, |(_, rest)| rest))
}

fn fault_of_meaning(text: &str) -> Option<String> {
    let once = formatted(text).text;
    (meaning(text) != meaning(&once)).then(|| format!("it means something else:\n{once}"))
}

#[test]
fn sound_texts_keep_their_meaning() {
    let mut dice = Dice(3);
    for _ in 0..1500 {
        holds_by(&sound_text(&mut dice), fault_of_meaning);
    }
}

#[test]
fn every_file_of_the_repository_settles_and_keeps_its_meaning() {
    for (folder, settled) in [("examples", true), ("catalog", false)] {
        for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
            if entry.path().extension().is_some_and(|ending| ending == "vod") {
                let text = std::fs::read_to_string(entry.path()).expect("readable");
                holds(&text);
                holds_by(&text, fault_of_meaning);
                let changed = formatted(&text).changed;
                assert!(!(settled && changed), "{}: run `vodflow fmt examples`", entry.path().display());
            }
        }
    }
}

#[test]
fn marks_line_ends_and_blanks_of_other_systems_go() {
    let once = formatted("\u{feff}import \"a.vod\"\r\n\r\n\r\np()   \r\n\r\n");
    assert_eq!((once.text.as_str(), once.changed), ("import \"a.vod\"\n\np()\n", true));
    assert_eq!(formatted("").text, "");
    assert_eq!(formatted("\n\n").text, "");
}

#[test]
fn a_text_that_cannot_be_parsed_comes_back_as_it_was() {
    for text in ["{".repeat(100), "p()\rq()  ".to_owned(), " ".repeat((1 << 20) + 1)] {
        let once = formatted(&text);
        assert_eq!((once.text == text, once.changed, once.outcome), (true, false, Outcome::Unreadable));
    }
}
