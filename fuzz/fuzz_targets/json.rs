//! Any text is a body in JSON: it is checked without a panic, and what is sound can be written in every form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use vodflow::driver::{Compiler, Entry, Form};
use vodflow::world::NoFiles;

static COMPILER: LazyLock<Compiler> = LazyLock::new(Compiler::new);

fuzz_target!(|text: &str| {
    for form in Form::ALL {
        COMPILER.convert_file("fuzz.json", text, &Entry::Main, form, &NoFiles);
    }
});
