//! One procedure in several forms has one meaning and one plan, and goes from any form to any other and back.

mod assumed;
mod forms {
    pub mod hostile;
    pub mod schema;
}

use assumed::{FACTS, compile_assumed, diagnostic_line, meaning};
use vodflow::driver::{Checked, Compiler, Entry, Form, Script, schema};
use vodflow::hir::Procedure;
use vodflow::media::SourceFacts;
use vodflow::optimizer::OptimizerOptions;
use vodflow::plan::text::print;
use vodflow::target::Target;
use vodflow::world::{ImportError, ImportedText, NoFiles, World};

const PROCEDURES: &str = include_str!("forms/procedures.md");

/// A procedure of the page: its name, and its texts by form.
struct Case {
    name: String,
    texts: Vec<(&'static str, String)>,
}

/// The outside of a script: its section's templates as `templates.vod`, and an interpreter.
struct Folder {
    templates: String,
}

impl World for Folder {
    fn read_import(&self, _: &str, path: &str) -> Result<ImportedText, ImportError> {
        Ok(ImportedText { name: path.to_owned(), text: self.templates.clone() })
    }

    #[cfg(feature = "lua")]
    fn run_script(&self, run: &vodflow::world::ScriptRun<'_>) -> Option<vodflow::world::ScriptOutcome> {
        Some(vodflow::lua::run(run))
    }
}

impl Case {
    /// What its scripts import: the templates of its text in the language.
    fn folder(&self) -> Folder {
        let text = self.texts.iter().find(|(form, _)| *form == "vod").map_or("", |(_, text)| text);
        Folder { templates: text.split("procedure flow").next().unwrap_or_default().to_owned() }
    }
}

/// Forms of texts that stand on the page.
const FORMS: &[&str] =
    if cfg!(feature = "lua") { &["vod", "call", "v2", "v3", "lua"] } else { &["vod", "call", "v2", "v3"] };

fn script(text: &str) -> Script {
    Script { name: "flow.lua".into(), text: text.into(), flow: "flow".into(), call: None }
}

fn cases() -> Vec<Case> {
    let sections = PROCEDURES.split("\n## ").skip(1);
    sections
        .map(|section| {
            let (name, rest) = section.split_once('\n').expect("a heading");
            let mut texts = Vec::new();
            for form in FORMS.iter().copied() {
                let fence = format!("```{form}\n");
                if let Some((_, text)) = rest.split_once(&fence) {
                    let text = text.split_once("\n```").expect("a closed fence").0;
                    texts.push((form, text.to_owned()));
                }
            }
            if let Some((_, v2)) = texts.iter().find(|(form, _)| *form == "v2") {
                texts.push(("v2 dotted", dotted(v2)));
            }
            Case { name: name.to_owned(), texts }
        })
        .collect()
}

/// The bodies of a text with every key written out from the top, as form fields have them.
fn dotted(text: &str) -> String {
    fn flatten(path: &str, value: &serde_json::Value, into: &mut serde_json::Map<String, serde_json::Value>) {
        let step = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            serde_json::Value::Object(members) => {
                members.iter().for_each(|(name, value)| flatten(&step(name), value, into));
            }
            serde_json::Value::Array(elements) => {
                elements.iter().enumerate().for_each(|(at, value)| flatten(&step(&at.to_string()), value, into));
            }
            // Form fields are texts.
            serde_json::Value::Number(number) => drop(into.insert(path.to_owned(), number.to_string().into())),
            _ => drop(into.insert(path.to_owned(), value.clone())),
        }
    }
    let one = |body: &serde_json::Value| {
        let mut flat = serde_json::Map::new();
        flatten("", body, &mut flat);
        serde_json::Value::Object(flat)
    };
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    match &value {
        serde_json::Value::Array(bodies) => serde_json::Value::Array(bodies.iter().map(one).collect()),
        body => one(body),
    }
    .to_string()
}

fn check(compiler: &Compiler, form: &str, text: &str, folder: &Folder) -> Checked {
    match form {
        "lua" => compiler.check_script(&script(text), &FACTS.parse().expect("facts"), folder),
        "call" => compiler.check_call(text),
        "vod" => compiler.check_file("case.vod", text, Entry::Main, folder),
        _ => compiler.check_file("case.json", text, Entry::Main, &NoFiles),
    }
}

fn problems(checked: &Checked) -> String {
    checked.diagnostics.iter().map(|problem| diagnostic_line(problem, &checked.sources, &[])).collect()
}

/// The plan for a minute of full HD, or why there is none.
fn plan(compiler: &Compiler, procedure: &Procedure) -> String {
    let source: SourceFacts = FACTS.parse().expect("facts");
    let options = OptimizerOptions::default();
    let (made, found) =
        compile_assumed(compiler, procedure, &source, &Target::assumed(), &options).expect("plans are sound");
    let found = found.iter().map(|problem| problem.code.id).collect::<Vec<_>>().join(" ");
    let plan = made.map(|made| print(&made.optimised)).unwrap_or_default();
    format!("{found}\n{plan}")
}

#[test]
fn every_form_of_a_procedure_means_the_same_and_is_planned_the_same() {
    let compiler = Compiler::new();
    let mut differences = Vec::new();
    let cases = cases();
    let mut forms = 0;
    for case in &cases {
        let mut first: Option<(&str, String, String)> = None;
        for (form, text) in &case.texts {
            forms += 1;
            let checked = check(&compiler, form, text, &case.folder());
            let Some(procedure) = &checked.procedure else {
                differences.push(format!("{} in {form} is not sound:\n{}", case.name, problems(&checked)));
                continue;
            };
            let (meaning, plan) = (meaning(procedure), plan(&compiler, procedure));
            match &first {
                None => first = Some((form, meaning, plan)),
                Some((other, same, _)) if *same != meaning => {
                    differences.push(format!("{}: {form} means\n{meaning}\n{other} means\n{same}", case.name));
                }
                Some((other, _, same)) if *same != plan => {
                    differences.push(format!("{}: {form} is planned\n{plan}\n{other} is planned\n{same}", case.name));
                }
                Some(_) => {}
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(cases.len() >= 30 && forms >= 100, "{} procedures in {forms} texts", cases.len());
}

#[test]
fn what_is_converted_means_the_same_and_satisfies_its_schema() {
    let compiler = Compiler::new();
    let mut differences = Vec::new();
    let mut converted = [0; 3];
    for case in cases() {
        for (form, text) in &case.texts {
            let Some(procedure) = check(&compiler, form, text, &case.folder()).procedure else { continue };
            let same = meaning(&procedure);
            for (at, to) in Form::ALL.into_iter().enumerate() {
                let made = match *form {
                    "call" => compiler.convert_call(text, to),
                    "lua" => compiler.convert_script(&script(text), to, &case.folder()),
                    "vod" => compiler.convert_file("case.vod", text, &Entry::Main, to, &NoFiles),
                    _ => compiler.convert_file("case.json", text, &Entry::Main, to, &NoFiles),
                };
                // What a form cannot say is told by one code; the same procedure was given in the others.
                let Some(text) = made.text else {
                    let told = made.diagnostics.iter().any(|problem| problem.code.id == "E0222");
                    let given = case.texts.iter().any(|(given, _)| to.word().ends_with(given));
                    if !told || given {
                        let lines: String =
                            made.diagnostics.iter().map(|problem| problem.message.to_string() + "\n").collect();
                        differences.push(format!("{}: {form} to {}:\n{lines}", case.name, to.word()));
                    }
                    continue;
                };
                converted[at] += 1;
                let again = check(&compiler, if to == Form::Vod { "vod" } else { "json" }, &text, &case.folder());
                match &again.procedure {
                    Some(procedure) if meaning(procedure) == same => {}
                    Some(procedure) => differences.push(format!(
                        "{}: {form} to {}:\n{text}\nmeans\n{}\nand not\n{same}",
                        case.name,
                        to.word(),
                        meaning(procedure)
                    )),
                    None => differences.push(format!(
                        "{}: {form} to {}:\n{text}\n{}",
                        case.name,
                        to.word(),
                        problems(&again)
                    )),
                }
                if let Some(schema) = schema(to) {
                    let value = serde_json::from_str(&text).expect("what is written is JSON");
                    if let Err(why) = forms::schema::satisfies(&schema, &value) {
                        differences.push(format!("{}: {form} to {}:\n{text}\n{why}", case.name, to.word()));
                    }
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(converted.iter().all(|count| *count > 30), "{converted:?}");
}

/// A folder of texts.
struct Brand;

impl World for Brand {
    fn read_import(&self, _: &str, path: &str) -> Result<ImportedText, ImportError> {
        let text = "template watermark logo { image: \"logo.png\" }\n";
        Ok(ImportedText { name: format!("flows/{path}"), text: text.to_owned() })
    }
}

#[test]
fn files_of_imported_templates_are_found_from_the_text_that_is_written() {
    let text = "import \"brand/marks.vod\"\nprocedure flow { transcode 10 with logo }\n";
    let made = Compiler::new().convert_file("flows/main.vod", text, &Entry::Main, Form::JsonV3, &Brand);
    let text = made.text.expect("v3 can say it");
    assert!(text.contains("\"ImageUrl\": \"brand/logo.png\""), "{text}");
}
