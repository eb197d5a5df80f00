//! The README tells the truth: its procedure is an example, its plan is that example's, its mistake is reported so.

mod assumed;

use assumed::{FACTS, compile_assumed};
use vodflow::driver::{Compiler, Entry};
use vodflow::explain::{self, Shown};
use vodflow::media::SourceFacts;
use vodflow::optimizer::OptimizerOptions;
use vodflow::target::Target;
use vodflow::world::NoFiles;

fn read(path: &str) -> String {
    std::fs::read_to_string(path).expect("a file of the repository")
}

#[test]
fn the_procedure_and_its_plan_are_those_of_the_example() {
    let (readme, example) = (read("README.md"), read("examples/publish.vod"));
    assert!(readme.contains(example.trim()), "the procedure differs from examples/publish.vod");
    let compiler = Compiler::new();
    let checked = compiler.check_file("publish.vod", &example, Entry::Main, &NoFiles);
    let procedure = checked.procedure.expect("the example is sound");
    let source: SourceFacts = FACTS.parse().expect("facts");
    let options = OptimizerOptions::default();
    let compiled = compile_assumed(&compiler, &procedure, &source, &Target::assumed(), &options).expect("a plan");
    let compilation = compiled.0.expect("no errors");
    let tree = explain::plan_tree(Shown {
        procedure: &procedure.name,
        source: &source,
        compilation: &compilation,
        standing: None,
    });
    let said = tree + &explain::estimate(&compilation.estimate);
    assert!(readme.contains(said.trim()), "the plan should be\n{said}");
}

#[cfg(feature = "cli")]
#[test]
fn the_mistake_is_reported_as_shown() {
    use vodflow::diag::{Language, RenderOptions, render};
    let text = "procedure publish {\n    transcode 20, 2200\n    cover at 5 using 10\n}\n";
    let checked = Compiler::new().check_file("publish.vod", text, Entry::Nothing, &NoFiles);
    let drawn = render(
        &checked.diagnostics,
        &checked.sources,
        RenderOptions { colour: false, width: 100, language: Language::English },
    );
    assert!(read("README.md").contains(drawn.trim()), "the report should be\n{drawn}");
}
