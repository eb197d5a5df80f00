//! The plan for programs.

use super::conformance::conformance_json;
use super::{Shown, WorkCount};
use crate::physical::{Choice, Decision, Measure, Work};
use crate::plan::{Disposition, OutputSpec, Sign, text};
use serde_json::{Value, json};

/// Version of the shape below; raised only for changes that are not additions.
const SCHEMA_VERSION: u32 = 1;

/// The document.
pub fn plan_json(shown: Shown) -> Value {
    let compilation = shown.compilation;
    let rules: Vec<Value> =
        compilation.applied.iter().map(|applied| json!({ "rule": applied.rule, "times": applied.times })).collect();
    let mut document = json!({
        "schema_version": SCHEMA_VERSION,
        "kind": "plan",
        "procedure": shown.procedure,
        "source": shown_source(shown),
        "outputs": compilation.outputs.iter().map(output).collect::<Vec<_>>(),
        "work": WorkCount::of(&compilation.optimised),
        "unshared": WorkCount::of(&compilation.logical),
        "rules": rules,
        "estimate": super::cost::estimate_json(&compilation.estimate),
        "decisions": compilation.physical.decisions.iter().map(decision).collect::<Vec<_>>(),
        "nodes": nodes(shown),
        "jobs": jobs(shown),
    });
    if let Some(standing) = shown.standing {
        document["standing"] = json!({
            "outputs": standing.signs.iter().map(|(id, sign)| json!({
                "id": id,
                "sign": match sign {
                    Sign::Make => "make",
                    Sign::Remake(_) => "remake",
                    Sign::UpToDate => "up_to_date",
                },
                "reason": if let Sign::Remake(why) = sign { Some(why) } else { None },
                "from_kept_streams": standing.kept.contains(id),
            })).collect::<Vec<_>>(),
            "stale": standing.stale,
            "processes": standing.processes,
        });
    }
    document
}

/// What was weighed about reading the source and about processes.
fn decision(decision: &Decision) -> Value {
    let unit = match decision.measure {
        Measure::Cpu => "cpu_seconds",
        Measure::Wall => "wall_seconds",
    };
    let choice = |choice: &Choice| json!({ "way": choice.name, unit: choice.microseconds as f64 / 1e6 });
    json!({ "subject": decision.subject, "chosen": choice(&decision.chosen), "rejected": choice(&decision.rejected) })
}

fn shown_source(shown: Shown) -> Value {
    let source = shown.source;
    json!({
        "name": source.name,
        "identity": source.identity,
        "size": source.size,
        "container": source.container,
        "duration": source.duration().seconds().to_f64(),
        "video": source.picture().map(|video| json!({
            "codec": video.codec,
            "width": video.displayed_size().width,
            "height": video.displayed_size().height,
            "fps": video.rate.per_second(),
        })),
        "audio": source.sound().map(|audio| json!({
            "codec": audio.codec,
            "sample_rate": audio.sample_rate,
            "channels": audio.channels,
        })),
        "damage": source.damage,
    })
}

fn output(output: &OutputSpec) -> Value {
    let (state, code, reason) = match &output.disposition {
        Disposition::Make => ("make", None, None),
        Disposition::Skip(reason) => ("skip", None, Some(reason)),
        Disposition::Fail(code, reason) => ("fail", Some(code), Some(reason)),
    };
    json!({
        "type": output.kind,
        "label": output.label,
        "definition": output.definition,
        "state": state,
        "code": code,
        "reason": reason,
        "summary": output.summary,
        "marks": output.marks,
        "notes": output.notes,
        "conformance": conformance_json(output),
        "paths": output.paths,
    })
}

fn nodes(shown: Shown) -> Vec<Value> {
    let plan = &shown.compilation.optimised;
    let number = |index| plan.node(index).number;
    let describe = |index| {
        let node = plan.node(index);
        json!({
            "number": node.number,
            "operation": node.op.word(),
            "inputs": plan.inputs(index).into_iter().map(number).collect::<Vec<_>>(),
            "text": text::node_line(plan, index),
            "key": node.key,
        })
    };
    plan.ordered().into_iter().map(describe).collect()
}

fn jobs(shown: Shown) -> Vec<Value> {
    let plan = &shown.compilation.physical;
    let describe = |job: &crate::physical::Job| {
        let artifacts: Vec<&str> = job.makes().into_iter().map(|id| plan.artifact(id).name.as_str()).collect();
        json!({
            "number": job.id,
            "kind": match job.work { Work::Encode(_) => "encode", Work::Package(_) => "package", Work::Adaptive(_) => "adaptive" },
            "needs": job.needs,
            "makes": artifacts,
            "estimate": shown.compilation.estimate.jobs.iter().find(|one| one.job == job.id).map(super::cost::job_json),
            "command": crate::ffmpeg::emit(plan, job).to_string(),
        })
    };
    plan.jobs.iter().map(describe).collect()
}
