//! What tests assume of the outside: pictures of marks, a source, one line for a diagnostic.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use vodflow::diag::{Diagnostic, Diagnostics};
use vodflow::driver::{Compilation, CompileError, Compiler, KeyService, LowerInput, compile};
use vodflow::hir::{OrDefault, Procedure};
use vodflow::limits::Limits;
use vodflow::media::{ContentHash, MarkFacts, MarkKey, MarkMeasure, SourceFacts};
use vodflow::optimizer::OptimizerOptions;
use vodflow::target::Target;
use vodflow::text::SourceMap;
use vodflow::units::Resolution;

/// A minute of full HD with stereo sound.
pub const FACTS: &str = "video 0 h264 1920x1080 25/1 yuv420p 60s\naudio 1 aac 48000 stereo 60s\n";

/// Compiles with marks whose pictures all have 256x256 pixels.
pub fn compile_assumed(
    compiler: &Compiler,
    procedure: &Procedure,
    source: &SourceFacts,
    target: &Target,
    options: &OptimizerOptions,
) -> Result<(Option<Compilation>, Diagnostics), CompileError> {
    let marks: BTreeMap<MarkKey, MarkFacts> = mark_keys(procedure).into_iter().map(assumed_mark).collect();
    let (defaults, limits, keys) = (compiler.defaults(), Limits::default(), KeyService::default());
    let input = LowerInput { source, marks: &marks, target, defaults: &defaults, limits: &limits, keys: &keys };
    compile(procedure, input, options)
}

/// Marks of text have letters that are all as wide as high; the marks of templates called `moving` move.
fn assumed_mark(key: MarkKey) -> (MarkKey, MarkFacts) {
    let drawn = ContentHash(format!("drawn{}", key.content.as_deref().map_or(0, str::len)));
    let mut facts = MarkFacts::still(ContentHash("drawn".into()), Resolution::new(256, 256));
    match key.content.as_deref() {
        Some(content) if content.starts_with('<') => facts.identity = drawn,
        Some(content) => {
            facts.identity = drawn;
            facts.size = Resolution::new(1000 * content.chars().count() as u32, 1200);
            facts.measure = MarkMeasure::ThousandthsOfEm;
            facts.fonts = vec!["Assumed Sans".into()];
        }
        None if key.template == "moving" => facts.pace = "3x1/10+1x1/2".parse().ok(),
        None => {}
    }
    (key, facts)
}

fn mark_keys(procedure: &Procedure) -> BTreeSet<MarkKey> {
    let lists = procedure.tasks().into_iter().map(|task| task.marks());
    let given = lists.flatten().filter_map(|mark| match &mark.template {
        OrDefault::Given(template) => {
            let content = mark.content.as_ref().map(|content| content.value.clone());
            Some(MarkKey { template: template.head.name.clone(), content })
        }
        OrDefault::Default => None,
    });
    given.collect()
}

/// `E0203 unknown-template 1:12 message`; another text than the caller's own is named, `-` is no place.
pub fn diagnostic_line(problem: &Diagnostic, sources: &SourceMap, own: &[&str]) -> String {
    let place = problem.primary.as_ref().and_then(|label| {
        let source = sources.get(label.span.source)?;
        let start = source.position(label.span.start);
        let file = if own.contains(&source.name.as_str()) { String::new() } else { format!("{}:", source.name) };
        Some(format!("{file}{}:{}", start.line, start.column))
    });
    let place = place.unwrap_or_else(|| "-".to_owned());
    format!("{} {} {place} {}\n", problem.code.id, problem.code.name, problem.message)
}
