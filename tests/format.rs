//! The formatter: it settles at once, keeps every word and comment, changes no meaning, and leaves mistakes alone.

use std::fmt::Write;
use vodflow::syntax::{Formatted, Outcome, format};
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
fn every_prefix_of_the_examples_settles() {
    for (_, text) in EXAMPLES {
        for (at, _) in text.char_indices() {
            holds(&text[..at]);
        }
    }
}

#[test]
fn every_deletion_settles() {
    for (_, text) in EXAMPLES {
        for (at, sign) in text.char_indices() {
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
    " ", " ", " ", " ", " ", " ", " ", " ", "\n", "\n\n\n", "\t ", "\r\n", " // note\n", "\n//note\n", " /* a */ ", "\n/* b\n c */\n",
    "\n\n  /// doc\n", " //--- x\n// y\n\n", "/* d */ /* e */", " /* f */\n",
];

/// The same, and what breaks a text.
const BREAKS: &[&str] = &[
    "，", "“", "”", "\"", "'", "；", "\u{200b}", "{", "}", "(", ")", "[", "]", ";", ",", ":", "=", "-", "/*", "//", "else", "with", "transcode",
    "template", "procedure", "x", "10", "\n", "and", "*/", "。", "\\", "<", "?", "%", "\r",
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
    for _ in 0..3000 {
        holds(&sound_text(&mut dice));
    }
}

#[test]
fn broken_texts_settle() {
    let mut dice = Dice(2);
    for round in 0..6000 {
        let mut text = if round % 2 == 0 { sound_text(&mut dice) } else { EXAMPLES[dice.below(EXAMPLES.len())].1.to_owned() };
        for _ in 0..=dice.below(3) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = places[dice.below(places.len())];
            text.insert_str(at, dice.pick(BREAKS));
        }
        holds(&text);
    }
}
