//! Any text is a preset call: it is checked without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use vodflow::driver::Compiler;

static COMPILER: LazyLock<Compiler> = LazyLock::new(Compiler::new);

fuzz_target!(|text: &str| {
    COMPILER.check_call(text);
});
