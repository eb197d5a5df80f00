//! Facts as text are read without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vodflow::media::SourceFacts;

fuzz_target!(|text: &str| {
    let _ = text.parse::<SourceFacts>();
});
