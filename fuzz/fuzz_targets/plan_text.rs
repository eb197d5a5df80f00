//! Plan text that can be read prints as something that reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vodflow::plan::text::{parse, print};

fuzz_target!(|text: &str| {
    if let Ok(plan) = parse(text) {
        let printed = print(&plan);
        let again = parse(&printed).expect("printed plans can be read");
        assert_eq!(print(&again), printed);
    }
});
