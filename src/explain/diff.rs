//! Two plans side by side: outputs that came, went and changed, with the clauses that changed.

use super::count::counted;
use super::detail::Detail;
use super::digest::{OutputDigest, PlanDigest};
use crate::plan::difference;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// Version of the JSON shape; raised only for changes that are not additions.
const SCHEMA_VERSION: u32 = 1;

/// So many clauses of an output are shown where not all are wanted.
const MOST_CLAUSES: usize = 6;
/// The name of a difference that no clause names.
const OTHERWISE: &str = "made otherwise";

/// What became of an output between two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the later plan has it.
    Added,
    /// Only the earlier plan has it.
    Removed,
    /// Both have it, and these clauses differ: name, value before, value after; an empty value is none.
    Changed(Vec<(String, String, String)>),
    /// Both have it, and it comes out the same.
    Unchanged,
}

/// An output of either plan and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// How people call it.
    pub label: String,
    /// What it is now; what it was, if it went.
    pub summary: String,
    /// What became of it.
    pub change: Change,
}

/// Two plans compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanDiff<'a> {
    before: &'a PlanDigest,
    after: &'a PlanDigest,
    /// Outputs in the order of the later plan, then those that went.
    pub outputs: Vec<Changed>,
}

impl<'a> PlanDiff<'a> {
    /// Compares. Outputs of one label are paired: those that are equal first, the others in their order.
    pub fn of(before: &'a PlanDigest, after: &'a PlanDigest) -> Self {
        let same_source = before.identity == after.identity;
        let mut left: Vec<&OutputDigest> = before.outputs.iter().collect();
        let mut pairs: Vec<Option<&OutputDigest>> = vec![None; after.outputs.len()];
        for equal in [true, false] {
            for (output, pair) in after.outputs.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
                let fits = |old: &&OutputDigest| {
                    (&old.kind, &old.label) == (&output.kind, &output.label) && (!equal || *old == output)
                };
                *pair = left.iter().position(fits).map(|at| left.remove(at));
            }
        }
        let outcome = |output: &OutputDigest, old: Option<&OutputDigest>| Changed {
            label: output.label.clone(),
            summary: output.summary.clone(),
            change: old.map_or(Change::Added, |old| change(old, output, same_source)),
        };
        let mut outputs: Vec<Changed> =
            after.outputs.iter().zip(&pairs).map(|(output, old)| outcome(output, *old)).collect();
        outputs.extend(left.into_iter().map(|old| Changed {
            label: old.label.clone(),
            summary: old.summary.clone(),
            change: Change::Removed,
        }));
        PlanDiff { before, after, outputs }
    }

    /// Whether anything that is delivered differs.
    pub fn differs(&self) -> bool {
        self.outputs.iter().any(|output| output.change != Change::Unchanged)
    }

    fn count(&self, wanted: impl Fn(&Change) -> bool) -> usize {
        self.outputs.iter().filter(|output| wanted(&output.change)).count()
    }

    /// For people: what is compared, one line for each output, the counts last. Only in full are outputs shown that
    /// stay as they are, and all clauses of one that differs in many.
    pub fn text(&self, detail: Detail) -> String {
        let mut text = format!("{}\n", self.heading());
        let full = detail == Detail::Full;
        let shown: Vec<&Changed> =
            self.outputs.iter().filter(|output| full || output.change != Change::Unchanged).collect();
        if !shown.is_empty() {
            text.push('\n');
        }
        let width = shown.iter().map(|output| output.label.width()).max().unwrap_or(0);
        for output in shown {
            let (sign, rest) = line(output, if full { usize::MAX } else { MOST_CLAUSES });
            let space = " ".repeat(width.saturating_sub(output.label.width()));
            text.push_str(&format!("  {sign} {}{space}  {rest}\n", output.label));
        }
        text.push_str(&format!("\n{}", self.summary()));
        text
    }

    fn heading(&self) -> String {
        let (before, after) = (self.before, self.after);
        let procedures = arrow(&before.procedure, &after.procedure);
        let sources = match before.identity == after.identity {
            true => after.source.clone(),
            false if before.source == after.source => format!("{} (its content is another)", after.source),
            false => arrow(&before.source, &after.source),
        };
        format!("{procedures}   {sources}")
    }

    fn summary(&self) -> String {
        let counts = [
            (self.count(|change| matches!(change, Change::Changed(_))), "changed"),
            (self.count(|change| *change == Change::Added), "added"),
            (self.count(|change| *change == Change::Removed), "removed"),
            (self.count(|change| *change == Change::Unchanged), "unchanged"),
        ];
        let said: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        let said = if said.is_empty() { "no outputs".to_owned() } else { said.join(", ") };
        let (before, after) = (self.before, self.after);
        let work = arrow(&before.work.to_string(), &after.work.to_string());
        let processes = arrow(&counted(before.processes, "process"), &counted(after.processes, "process"));
        format!("Difference: {said}.\nWork: {work}; {processes}.\n")
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let side = |plan: &PlanDigest| {
            json!({
                "procedure": plan.procedure,
                "source": { "name": plan.source, "identity": plan.identity },
                "work": plan.work,
                "processes": plan.processes,
            })
        };
        let output = |output: &Changed| {
            let (word, clauses) = match &output.change {
                Change::Added => ("added", Vec::new()),
                Change::Removed => ("removed", Vec::new()),
                Change::Unchanged => ("unchanged", Vec::new()),
                Change::Changed(clauses) => ("changed", clauses.iter().map(clause).collect()),
            };
            json!({ "label": output.label, "change": word, "summary": output.summary, "clauses": clauses })
        };
        json!({
            "schema_version": SCHEMA_VERSION,
            "kind": "plan-diff",
            "differs": self.differs(),
            "before": side(self.before),
            "after": side(self.after),
            "outputs": self.outputs.iter().map(output).collect::<Vec<_>>(),
        })
    }
}

fn clause((name, before, after): &(String, String, String)) -> Value {
    let value = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({ "name": name, "before": value(before), "after": value(after) })
}

fn line(output: &Changed, most: usize) -> (&'static str, String) {
    match &output.change {
        Change::Added => ("+", output.summary.clone()),
        Change::Removed => ("-", output.summary.clone()),
        Change::Unchanged => ("=", output.summary.clone()),
        Change::Changed(clauses) => {
            let words = |(name, before, after): &(String, String, String)| match (before.as_str(), after.as_str()) {
                ("", value) if name == OTHERWISE => format!("{OTHERWISE} ({value})"),
                ("", value) => format!("with {name} {value}"),
                (value, "") => format!("without {name} {value}"),
                (before, after) => format!("{name} {before} → {after}"),
            };
            let mut said: Vec<String> = clauses.iter().take(most).map(words).collect();
            if clauses.len() > most {
                said.push(format!("{} more", clauses.len() - most));
            }
            ("~", said.join(", "))
        }
    }
}

/// `a → b`, or what both are.
fn arrow(before: &str, after: &str) -> String {
    if before == after { after.to_owned() } else { format!("{before} → {after}") }
}

/// What differs between an output and the same one before.
fn change(old: &OutputDigest, new: &OutputDigest, same_source: bool) -> Change {
    if old.state != new.state {
        let said = |output: &OutputDigest| match output.state.as_str() {
            "make" => "made".to_owned(),
            "skip" => format!("left out ({})", output.summary),
            _ => format!("cannot be made ({})", output.summary),
        };
        return Change::Changed(vec![("state".into(), said(old), said(new))]);
    }
    let mut clauses = Vec::new();
    let value = |output: &OutputDigest, at: usize, name: &str| {
        let named = output.clauses.iter().filter(|(own, _)| own == name);
        named.map(|(_, value)| value.clone()).nth(at).unwrap_or_default()
    };
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for (name, _) in old.clauses.iter().chain(&new.clauses) {
        let most = [old, new].map(|output| output.clauses.iter().filter(|(own, _)| own == name).count());
        for at in 0..most.into_iter().max().unwrap_or(0) {
            let key = (name.as_str(), at);
            let (before, after) = (value(old, at, name), value(new, at, name));
            if !seen.contains(&key) && before != after {
                clauses.push((name.clone(), before, after));
            }
            seen.push(key);
        }
    }
    // Another source is decoded otherwise in every case; a difference that no clause has a name for is told as it is.
    if clauses.is_empty() && same_source && new.state == "make" {
        clauses.extend(difference(&old.recipe, &new.recipe).map(|said| (OTHERWISE.to_owned(), String::new(), said)));
    }
    if clauses.is_empty() { Change::Unchanged } else { Change::Changed(clauses) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::WorkCount;

    fn output(label: &str, clauses: &[(&str, &str)]) -> OutputDigest {
        let clauses = clauses.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        OutputDigest {
            kind: "Transcode".into(),
            label: label.into(),
            state: "make".into(),
            summary: format!("summary of {label}"),
            clauses,
            recipe: Vec::new(),
        }
    }

    fn plan(outputs: Vec<OutputDigest>) -> PlanDigest {
        let work = WorkCount::default();
        PlanDigest { procedure: "p".into(), source: "a.mp4".into(), identity: "1".into(), outputs, work, processes: 1 }
    }

    #[test]
    fn equal_outputs_of_one_label_are_paired_before_others() {
        let before = plan(vec![output("a", &[("size", "1x1")]), output("a", &[("size", "2x2")]), output("b", &[])]);
        let after = plan(vec![output("a", &[("size", "2x2")]), output("a", &[("size", "3x3"), ("mark", "m")])]);
        let diff = PlanDiff::of(&before, &after);
        assert!(diff.differs());
        insta::assert_snapshot!(diff.text(Detail::Full), @r"
        p   a.mp4

          = a  summary of a
          ~ a  size 1x1 → 3x3, with mark m
          - b  summary of b

        Difference: 1 changed, 1 removed, 1 unchanged.
        Work: no work; 1 process.
        ");
        assert!(!PlanDiff::of(&before, &before).differs());
    }
}
