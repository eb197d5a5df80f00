//! `vodflow explain`: what a diagnostic code means, and how to mend what it tells of.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::page::{PageOptions, drawn};
use crate::diag::codes::{self, FAMILIES};
use crate::diag::{Code, Diagnostic, Language, Message, Page, Severity, message, nearest};
use crate::text::SourceMap;
use clap::Args;
use serde_json::{Value, json};

/// Arguments of `explain`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow explain E0203\n  vodflow explain unknown-template W0217\n  vodflow explain"
)]
pub struct Arguments {
    /// Codes such as E0203, or names such as unknown-template; all of them are listed without any
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let mut asked: Vec<&Code> = Vec::new();
    for word in &arguments.codes {
        match codes::find(word) {
            Some(code) => asked.push(code),
            None => {
                out.diagnostics(&unknown(word).into(), &SourceMap::default());
                return Exit::Usage;
            }
        }
    }
    let language = out.language();
    if arguments.json {
        let listed = if asked.is_empty() { codes::ALL } else { &asked };
        let list: Vec<Value> = listed.iter().map(|code| document(code, language)).collect();
        out.json(&json!({ "schema_version": 1, "kind": "codes", "codes": list }));
    } else if asked.is_empty() {
        out.result(&list(language));
    } else {
        let options = PageOptions { width: out.result_width(), language };
        let pages: Vec<String> = asked.iter().map(|code| drawn(code, options)).collect();
        out.styled_result(&pages.join("\n\n"));
    }
    Exit::Done
}

fn unknown(word: &str) -> Diagnostic {
    let names = codes::ALL.iter().flat_map(|code| [code.id, code.name]);
    let capitals = word.to_ascii_uppercase();
    let help = match nearest(word, names.clone()).or_else(|| nearest(&capitals, names)) {
        Some(near) => message!("`{}` is near; `vodflow explain` lists all", near),
        None => message!("`vodflow explain` lists all"),
    };
    Diagnostic::new(&codes::INVALID_OPTION, message!("there is no code `{}`", word)).with_help(help)
}

/// All codes by family.
fn list(language: Language) -> String {
    let mut text = String::new();
    let longest = codes::ALL.iter().map(|code| code.name.len()).max().unwrap_or(0);
    for (digits, title) in FAMILIES {
        text.push_str(&format!("{digits} {}\n", family_title(title).text(language)));
        for code in codes::ALL.iter().filter(|code| code.family() == digits) {
            text.push_str(&format!("  {}  {:longest$}  {}\n", code.id, code.name, code.summary_in(language)));
        }
        text.push('\n');
    }
    text.push_str(&message!("`vodflow explain CODE` says more").text(language));
    text.push('\n');
    text
}

fn family_title(title: &'static str) -> Message {
    Message::new(title, Vec::new())
}

fn document(code: &Code, language: Language) -> Value {
    let severity = match code.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut document = json!({
        "code": code.id, "name": code.name, "severity": severity, "family": code.family(),
        "summary": code.summary_in(language), "has_fix": code.has_fix,
    });
    if let Some(page) = Page::read(code) {
        document["meaning"] = json!(page.meaning);
        document["example"] = json!(page.example);
        document["how_to_fix"] = json!(page.remedy);
        let related = page.related_codes().into_iter().flatten().map(|code| code.id);
        document["related"] = json!(related.collect::<Vec<_>>());
    }
    document
}
