//! Any text can be laid out: nothing is lost, and a second time changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vodflow::syntax::{Outcome, format};
use vodflow::text::SourceMap;

fuzz_target!(|text: &str| {
    let once = format(&SourceMap::default().add("fuzz.vod", text));
    assert_ne!(once.outcome, Outcome::Refused);
    let twice = format(&SourceMap::default().add("fuzz.vod", &once.text));
    assert_eq!(twice.text, once.text);
});
