//! The examples: each is checked, planned for an assumed source, and run for real on a small clip.

mod assumed;

use assumed::{FACTS, compile_assumed, diagnostic_line};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use vodflow::driver::{Checked, Compilation, Compiler, Entry};
use vodflow::explain::{self, Shown};
use vodflow::media::SourceFacts;
use vodflow::optimizer::OptimizerOptions;
use vodflow::plan::text;
use vodflow::target::Target;
use vodflow::world::NoFiles;

/// The examples in order of name.
fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("examples").expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "vod"));
    paths.sort();
    assert!(paths.len() >= 5, "examples are missing: {paths:?}");
    paths
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8")
}

fn keep(path: &Path, stages: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("example-{}-{stages}", stem(path)), text));
}

/// The name is always written with `/`, so that diagnostics are the same everywhere.
fn check(compiler: &Compiler, path: &Path) -> (String, Checked) {
    let name = format!("examples/{}.vod", stem(path));
    let text = std::fs::read_to_string(path).expect("an example is readable");
    let checked = compiler.check_file(&name, &text, Entry::Main, &NoFiles);
    (text, checked)
}

#[test]
fn each_says_whose_need_it_is_and_is_sound() {
    let compiler = Compiler::new();
    for path in examples() {
        let (text, checked) = check(&compiler, &path);
        assert!(text.starts_with("// Whose: "), "{} does not say whose need it is", path.display());
        let said: String =
            checked.diagnostics.iter().map(|problem| diagnostic_line(problem, &checked.sources, &[])).collect();
        assert!(said.is_empty(), "{said}");
        for template in text.split("image: \"").skip(1) {
            let image = template.split('"').next().unwrap_or_default();
            assert!(
                Path::new("examples").join(image).is_file(),
                "{} names {image}, which is not there",
                path.display()
            );
        }
    }
}

#[test]
fn each_is_planned_as_before() {
    let compiler = Compiler::new();
    let source: SourceFacts = FACTS.parse().expect("the assumed source");
    for path in examples() {
        let (_, checked) = check(&compiler, &path);
        let procedure = checked.procedure.as_ref().expect("a sound example");
        let (target, options) = (Target::assumed(), OptimizerOptions::default());
        let (compilation, found) =
            compile_assumed(&compiler, procedure, &source, &target, &options).expect("plans are sound");
        let said: String = found.iter().map(|problem| diagnostic_line(problem, &checked.sources, &[])).collect();
        let compilation: Compilation = compilation.unwrap_or_else(|| panic!("{said}"));
        let shown = Shown { procedure: &procedure.name, source: &source, compilation: &compilation, standing: None };
        keep(&path, "plan", &format!("{}\n{said}\n{}", explain::hir_text(procedure), explain::plan_tree(shown)));
        keep(&path, "optimised", &text::print(&compilation.optimised));
        keep(&path, "commands", &format!("{}\n{}", explain::physical(&compilation), explain::commands(&compilation)));
    }
}

/// The snapshots of examples that are gone, or were never there.
#[test]
fn no_snapshot_is_left_over() {
    let names: BTreeSet<String> = examples().iter().map(|path| stem(path).to_owned()).collect();
    for entry in std::fs::read_dir("snapshots").expect("the folder is there").flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if let Some(rest) = file.strip_prefix("example-") {
            assert!(names.iter().any(|name| rest.starts_with(&format!("{name}-"))), "{file} belongs to no example");
        }
    }
}

/// A folder that goes away with the test, with a clip of four seconds in it.
fn folder_with_clip() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("ffmpeg")
        .args("-hide_banner -nostdin -v error -f lavfi -i testsrc2=size=320x240:rate=25".split(' '))
        .args("-f lavfi -i sine=frequency=440:sample_rate=48000 -t 4 -ac 2 -pix_fmt yuv420p".split(' '))
        .args("-c:v libx264 -preset ultrafast -c:a aac clip.mp4".split(' '))
        .current_dir(folder.path())
        .output()
        .expect("ffmpeg starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

/// Runs the program as a user would, with a cache of its own.
fn vodflow(command: &str, example: &Path, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vodflow"))
        .arg(command)
        .arg(example)
        .arg("--input")
        .arg(folder.join("clip.mp4"))
        .args(arguments)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .expect("the program starts")
}

fn succeeded(output: &Output, what: &str) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{what}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

#[test]
fn each_runs_and_makes_what_its_plan_announces() {
    let folder = folder_with_clip();
    for example in examples() {
        let name = stem(&example);
        let plan = succeeded(&vodflow("plan", &example, folder.path(), &["--format", "json"]), name);
        let plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
        let out = folder.path().join(name);
        let out_text = out.to_str().expect("a path in UTF-8");
        succeeded(&vodflow("run", &example, folder.path(), &["--out", out_text]), name);
        let mut announced = 0;
        for output in plan["outputs"].as_array().expect("outputs") {
            for path in output["paths"].as_array().expect("paths") {
                let file = out.join(path.as_str().expect("a path"));
                let size = std::fs::metadata(&file).unwrap_or_else(|_| panic!("{} is not there", file.display())).len();
                assert!(size > 0, "{} is empty", file.display());
                announced += 1;
            }
        }
        assert!(announced > 0, "{name} makes nothing");
    }
}
