//! Any text is a procedure file: it is checked without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use vodflow::driver::{Compiler, Entry};
use vodflow::world::NoFiles;

static COMPILER: LazyLock<Compiler> = LazyLock::new(Compiler::new);

fuzz_target!(|text: &str| {
    COMPILER.check_file("fuzz.vod", text, Entry::Main, &NoFiles);
});
