//! The work as a Mermaid flowchart, which Markdown pages show as a picture.

use super::Shown;
use super::graph::{WorkGraph, WorkSort};

/// Colours of boxes that are readable on light and on dark pages.
const COLOURS: [(WorkSort, &str); 6] = [
    (WorkSort::Source, "fill:#9aa0a6,stroke:#5f6368,color:#000"),
    (WorkSort::Decode, "fill:#f2b04d,stroke:#b06000,color:#000"),
    (WorkSort::Filter, "fill:#8ab4f8,stroke:#3367d6,color:#000"),
    (WorkSort::Encode, "fill:#f28b82,stroke:#b3261e,color:#000"),
    (WorkSort::Copy, "fill:#81c995,stroke:#137333,color:#000"),
    (WorkSort::Deliver, "fill:#fff,stroke:#202124,color:#000"),
];

/// The flowchart, from left to right.
pub fn mermaid(shown: Shown) -> String {
    let graph = WorkGraph::of(shown);
    let mut text = String::from("flowchart LR\n");
    for (at, one) in graph.boxes.iter().enumerate() {
        let words: Vec<String> = one.lines.iter().map(|line| escaped(line)).collect();
        text.push_str(&format!("  n{at}[\"{}\"]:::{}\n", words.join("<br/>"), one.sort.word()));
    }
    graph.arrows.iter().for_each(|(from, to)| text.push_str(&format!("  n{from} --> n{to}\n")));
    for (sort, style) in COLOURS {
        text.push_str(&format!("  classDef {} {style}\n", sort.word()));
    }
    text
}

/// Signs with a meaning, by their numbers: Mermaid reads words as Markdown with HTML in it.
fn escaped(line: &str) -> String {
    let spell = |sign: char| match sign {
        '"' | '#' | '&' | '<' | '>' | '`' | '*' | '_' | '\\' | '[' | ']' | '{' | '}' | '(' | ')' | '|' | '~' | ';' => {
            format!("#{};", u32::from(sign))
        }
        sign if sign.is_control() => String::new(),
        sign => sign.to_string(),
    };
    line.chars().map(spell).collect()
}
