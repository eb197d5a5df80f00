//! What tests assume of the outside: pictures of marks, a source, one line for a diagnostic.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use vodflow::catalog::template::Template;
use vodflow::cost::Machine;
use vodflow::diag::{Diagnostic, Diagnostics};
use vodflow::driver::{Compilation, CompileError, Compiler, KeyService, LowerInput, compile};
use vodflow::explain::{hir_text, template_fields};
use vodflow::hir::{OrDefault, Procedure, TaskKind};
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
    compile_on(compiler, procedure, source, (target, &Limits::default(), &Machine::assumed()), options)
}

/// The same with other limits and on another machine.
pub fn compile_on(
    compiler: &Compiler,
    procedure: &Procedure,
    source: &SourceFacts,
    (target, limits, machine): (&Target, &Limits, &Machine),
    options: &OptimizerOptions,
) -> Result<(Option<Compilation>, Diagnostics), CompileError> {
    let marks: BTreeMap<MarkKey, MarkFacts> = mark_keys(procedure).into_iter().map(assumed_mark).collect();
    let (defaults, keys) = (compiler.defaults(), KeyService::default());
    let input = LowerInput { source, marks: &marks, target, defaults: &defaults, limits, keys: &keys };
    compile(procedure, input, options, machine)
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

/// What a procedure means: its tasks, and every field of every template that it uses.
pub fn meaning(procedure: &Procedure) -> String {
    let sources = SourceMap::default();
    let notify = procedure.flow.notify.map_or("none said", |notify| notify.word());
    let mut text =
        format!("{}notify {notify}, priority {}\n", hir_text(procedure), procedure.flow.priority.unwrap_or(0));
    let mut add = |template: Template| {
        let head = template.head();
        let id = head.id.map_or("no id".to_owned(), |id| id.to_string());
        text.push_str(&format!("{} {} {id}\n", template.kind(), head.label()));
        for field in template_fields(&template, &sources) {
            text.push_str(&format!("  {} = {}\n", field.path, field.value));
        }
    };
    for task in procedure.tasks() {
        match task.kind.clone() {
            TaskKind::Transcode(transcode) => {
                if let OrDefault::Given(template) = transcode.template {
                    add(Template::Transcode(template));
                }
                transcode.encryption.into_iter().for_each(|template| add(Template::Encryption(template)));
            }
            TaskKind::Snapshot { template, .. } | TaskKind::Cover { template, .. } => add(Template::Snapshot(template)),
            TaskKind::Sample { template, .. } => add(Template::Sample(template)),
            TaskKind::Sprite(template) => add(Template::Sprite(template)),
            TaskKind::Adaptive { template, .. } => add(Template::Adaptive(template)),
            TaskKind::Animate { template, .. } => add(Template::Animated(template)),
            TaskKind::Review(template) => add(Template::Review(template)),
        }
        for mark in task.marks() {
            if let OrDefault::Given(template) = &mark.template {
                add(Template::Watermark(template.clone()));
            }
        }
    }
    text
}
