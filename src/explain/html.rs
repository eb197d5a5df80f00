//! Everything about a plan on one page for a browser: it asks for nothing else, and runs no script.

use super::conformance::verdict;
use super::graph::{WorkGraph, WorkSort};
use super::svg::{element, escaped};
use super::tree::{output_rows, summary};
use super::{Shown, source_line};
use crate::plan::OutputSpec;

/// The page. Names of files and templates are foreign: all of them are escaped, and the page's policy lets nothing load
/// or run even so.
pub fn html(shown: Shown) -> String {
    let compilation = shown.compilation;
    let title = format!("{} · {}", shown.procedure, shown.source.name);
    let graph = WorkGraph::of(shown);
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{}</h1>\n<p class=\"source\">{}</p>\n",
        escaped(&title),
        escaped(shown.procedure),
        escaped(&source_line(shown.source))
    );
    let counts = summary(shown) + &super::estimate(&compilation.estimate);
    text.push_str(&format!("<p class=\"counts\">{}</p>\n", escaped(counts.trim()).replace('\n', "<br>")));
    text.push_str(&format!("<h2>Outputs</h2>\n{}", outputs(shown)));
    text.push_str(&format!("<h2>Work</h2>\n{}<div class=\"wide\">{}</div>\n", legend(), element(&graph, &title)));
    text.push_str(&conformance(&compilation.outputs));
    text.push_str(&processes(shown));
    text.push_str("</body>\n</html>\n");
    text
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#202124;--faint:#5f6368;--line:#dadce0;--ground:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--faint:#9aa0a6;--line:#3c4043;--ground:#17181a}}
body{margin:2rem auto;max-width:76rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.1rem;margin-top:2rem}
.source,.faint{color:var(--faint);margin-top:.2rem}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
th{color:var(--faint);font-weight:normal}code,pre,.number{font:13px ui-monospace,monospace}pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin:.4rem 0}summary{cursor:pointer}.no{color:#b3261e}.yes{color:#137333}
@media (prefers-color-scheme:dark){.no{color:#f28b82}.yes{color:#81c995}}
.legend span{display:inline-block;margin-right:1.2rem}.legend i{display:inline-block;width:.8em;height:.8em;margin-right:.4em;border:1px solid var(--faint)}
.legend .decode{background:#fdecc8}.legend .filter{background:#e3ecfd}.legend .encode{background:#fadcd9}.legend .copy{background:#d9f2e0}.legend .source{background:#e8eaed}.legend .deliver{background:#fff}
@media (prefers-color-scheme:dark){.legend .decode{background:#4a3510}.legend .filter{background:#22304f}.legend .encode{background:#4f2422}.legend .copy{background:#1b3d27}.legend .source{background:#3a3d41}.legend .deliver{background:#202124}}
";

fn legend() -> String {
    let name = |sort: &WorkSort| format!("<span><i class=\"{0}\"></i>{0}</span>", sort.word());
    let names: String = WorkSort::ALL.iter().map(name).collect();
    format!("<p class=\"legend faint\">{names}</p>\n")
}

fn outputs(shown: Shown) -> String {
    let mut text = String::from("<table>\n<tr><th></th><th>Output</th><th>What</th><th>Where, or why not</th></tr>\n");
    for (sign, label, what, rest) in output_rows(&shown.compilation.outputs, shown.standing) {
        let cells = [label, what, rest].map(|cell| format!("<td>{}</td>", escaped(&cell))).join("");
        text.push_str(&format!("<tr><td class=\"number\">{sign}</td>{cells}</tr>\n"));
    }
    text.push_str("</table>\n");
    for note in shown.compilation.outputs.iter().flat_map(notes) {
        text.push_str(&format!("<p class=\"faint\">{}</p>\n", escaped(&note)));
    }
    text
}

fn notes(output: &OutputSpec) -> Vec<String> {
    output.notes.iter().map(|note| format!("{}: {note}", output.label)).collect()
}

/// Why streams are copied or encoded, where copying was considered.
fn conformance(outputs: &[OutputSpec]) -> String {
    if outputs.iter().all(|output| output.conformance.is_empty()) {
        return String::new();
    }
    let mut text = String::from("<h2>Copied or encoded</h2>\n");
    for output in outputs {
        for proof in &output.conformance {
            let (label, noun) = (escaped(&output.label), proof.noun());
            text.push_str(&format!("<details><summary>{label}, {noun} {}</summary>\n<table>\n", verdict(proof)));
            for clause in &proof.clauses {
                let (class, verdict) = if clause.holds { ("yes", "✓") } else { ("no", "✗") };
                let cells = [clause.name, &clause.found, clause.relation.sign(), &clause.wanted];
                let cells = cells.map(|cell| format!("<td>{}</td>", escaped(cell))).join("");
                text.push_str(&format!("<tr>{cells}<td class=\"{class}\">{verdict}</td></tr>\n"));
            }
            text.push_str("</table></details>\n");
        }
    }
    text
}

/// The rules that did something, the processes, and their commands.
fn processes(shown: Shown) -> String {
    let compilation = shown.compilation;
    let mut text = String::from("<h2>Processes</h2>\n");
    if !compilation.applied.is_empty() {
        let rules: Vec<String> =
            compilation.applied.iter().map(|applied| format!("{} ×{}", applied.rule, applied.times)).collect();
        text.push_str(&format!("<p class=\"faint\">Rules: {}</p>\n", escaped(&rules.join(", "))));
    }
    text.push_str(&format!("<pre>{}</pre>\n", escaped(&super::physical(compilation))));
    for job in &compilation.physical.jobs {
        let command = crate::ffmpeg::emit(&compilation.physical, job).to_string();
        text.push_str(&format!("<details><summary>{}</summary><pre>{}</pre></details>\n", job.id, escaped(&command)));
    }
    text
}
