//! What may be written at a cursor, from the words before it and the names around it.

use super::cursor::{self, Before, TokenKind};
use super::fields::{Field, Form};
use super::names::{Names, ProcedureRef, TemplateRef};
use super::occurrence::{Local, LocalKind, Role, Target};
use super::place::{self, Place, argument_wanted, fields_inside};
use super::wanted::Wanted;
use super::words::{self, Word, spelt};
use super::{Analysis, describe};
use std::collections::BTreeSet;
use std::ops::Range;

/// Something that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What the list shows.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside the label.
    pub detail: String,
    /// Markdown for who wants to know more; may be empty.
    pub doc: String,
    /// What is written.
    pub insert: String,
    /// The same with stops for the cursor (`$1`, `$0`); `None` where there are none.
    pub snippet: Option<String>,
    /// What it replaces.
    pub replace: Range<usize>,
    /// Items are shown in the order of this key.
    pub sort: String,
}

/// What a completion is, for its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A word of the language.
    Keyword,
    /// A template.
    Template,
    /// A procedure.
    Procedure,
    /// A parameter, a `let`, the name of a loop.
    Variable,
    /// A field of a record, or the name of an argument.
    Field,
    /// A word or value that a field accepts.
    Value,
    /// A fact of the source.
    Fact,
    /// A number with its unit.
    Unit,
    /// A type.
    Type,
}

impl CompletionKind {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            CompletionKind::Keyword => "keyword",
            CompletionKind::Template => "template",
            CompletionKind::Procedure => "procedure",
            CompletionKind::Variable => "variable",
            CompletionKind::Field => "field",
            CompletionKind::Value => "value",
            CompletionKind::Fact => "fact",
            CompletionKind::Unit => "unit",
            CompletionKind::Type => "type",
        }
    }
}

/// How much of a place's kind goes before the rest.
#[derive(Clone, Copy)]
enum Rank {
    First,
    Second,
    Third,
    Fourth,
}

/// What may be written at an offset.
pub(super) fn completion(analysis: &Analysis<'_>, offset: usize) -> Vec<Completion> {
    let before = cursor::before(analysis.text(), offset);
    let names = analysis.names();
    let place = place::place(&before, names);
    let mut list = List { analysis, names, before: &before, items: Vec::new(), labels: BTreeSet::new() };
    list.fill(&place);
    let typed = analysis.text().get(before.typed.clone()).unwrap_or("");
    list.items.retain(|item| item.label != typed && has_letters(&item.label, typed));
    list.items.sort_by(|one, other| one.sort.cmp(&other.sort));
    list.items
}

/// Whether the letters of a half-typed word occur in a label in their order, whatever their case.
fn has_letters(label: &str, typed: &str) -> bool {
    let mut letters = label.chars().flat_map(char::to_lowercase);
    typed.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}

struct List<'a> {
    analysis: &'a Analysis<'a>,
    names: Names<'a>,
    before: &'a Before<'a>,
    items: Vec<Completion>,
    labels: BTreeSet<String>,
}

impl<'a> List<'a> {
    fn fill(&mut self, place: &Place) {
        match place {
            Place::Nothing => {}
            Place::Item => {
                self.keywords(words::ITEMS, Rank::First);
                self.procedures(Rank::Second);
            }
            Place::Kind => self.plain(words::KINDS, CompletionKind::Keyword, Rank::First),
            Place::Type => self.types(words::TYPES),
            Place::ElementType => {
                let holds = |word: &&Word| word.word != "list";
                let held: Vec<Word> = words::TYPES.iter().filter(holds).copied().collect();
                self.types(&held);
            }
            Place::Statement { may_else, is_first } => self.statements(*may_else, *is_first),
            Place::Clause { verb, lacking, may_end } => self.clauses(verb, lacking, *may_end),
            Place::Value(wanted) => self.values(wanted),
            Place::Argument { callee, position, given } => self.argument(callee, *position, given),
            Place::Field { root, path, given } => self.fields(fields_inside(root, path), given),
            Place::Fact => self.plain(words::FACTS, CompletionKind::Fact, Rank::First),
            Place::Words(list) => {
                for word in list.iter().filter_map(|word| words::keyword(word)) {
                    self.add(word.word, CompletionKind::Keyword, word.form, word.says, Rank::First);
                }
            }
        }
    }

    /// Adds an item that is written as it is shown.
    fn add(&mut self, label: &str, kind: CompletionKind, detail: &str, doc: &str, rank: Rank) {
        self.add_snippet(label, kind, detail, doc, rank, (label.to_owned(), None));
    }

    fn add_snippet(
        &mut self,
        label: &str,
        kind: CompletionKind,
        detail: &str,
        doc: &str,
        rank: Rank,
        (insert, snippet): (String, Option<String>),
    ) {
        if !self.labels.insert(label.to_owned()) {
            return;
        }
        let sort = format!("{}{:05}", rank as u8, self.items.len());
        let replace = self.before.typed.clone();
        let (label, detail, doc) = (label.to_owned(), detail.to_owned(), doc.to_owned());
        self.items.push(Completion { label, kind, detail, doc, insert, snippet, replace, sort });
    }

    fn plain(&mut self, list: &[Word], kind: CompletionKind, rank: Rank) {
        for word in list {
            self.add(word.word, kind, word.form, word.says, rank);
        }
    }

    fn keywords(&mut self, list: &[Word], rank: Rank) {
        for word in list {
            let texts = (format!("{} ", word.word), frame_of(word.word).map(str::to_owned));
            self.add_snippet(word.word, CompletionKind::Keyword, word.form, word.says, rank, texts);
        }
    }

    fn types(&mut self, list: &[Word]) {
        for word in list {
            let texts = match word.word {
                "template" | "list" => (format!("{}<", word.word), Some(format!("{}<$0>", word.word))),
                plain => (plain.to_owned(), None),
            };
            self.add_snippet(word.word, CompletionKind::Type, word.form, word.says, Rank::First, texts);
        }
    }

    fn statements(&mut self, may_else: bool, is_first: bool) {
        if may_else {
            self.keywords(&[words::ELSE], Rank::First);
        }
        self.keywords(words::STATEMENTS, Rank::Second);
        if is_first && self.before.frames.len() == 2 {
            self.keywords(&[words::OPTIONS], Rank::Third);
        }
        self.procedures(Rank::Fourth);
    }

    fn clauses(&mut self, verb: &str, lacking: &[&str], may_end: bool) {
        for clause in lacking {
            match words::entry(words::CLAUSES, clause) {
                Some(word) => {
                    let texts = (format!("{} ", word.word), None);
                    self.add_snippet(word.word, CompletionKind::Keyword, word.form, word.says, Rank::First, texts);
                }
                None => self.add_snippet(
                    "{ … }",
                    CompletionKind::Keyword,
                    "{ OVERRIDES }",
                    &format!("Fields that hold for this `{verb}` instead of the template's."),
                    Rank::Second,
                    ("{ ".to_owned(), Some("{ $0 }".to_owned())),
                ),
            }
        }
        if may_end {
            self.statements(false, false);
        }
    }

    fn procedures(&mut self, rank: Rank) {
        for procedure in self.names.procedures() {
            self.procedure(procedure, rank);
        }
    }

    fn procedure(&mut self, procedure: ProcedureRef<'_>, rank: Rank) {
        let node = procedure.node;
        // A procedure that calls itself is a mistake.
        if node.name.value.is_empty() || node.span.range().contains(&self.before.typed.start) && !procedure.is_system {
            return;
        }
        let name = spelt(&node.name.value);
        let listed = describe::parameters(procedure, self.analysis.text_of(node.name.span)).join(", ");
        let texts = match node.parameters.is_empty() {
            true => (format!("{name}()"), None),
            false => (format!("{name}("), Some(format!("{}($0)", escaped(&name)))),
        };
        let doc = node.doc.as_deref().unwrap_or("");
        let detail = if procedure.is_system { "preset".to_owned() } else { format!("({listed})") };
        self.add_snippet(&name, CompletionKind::Procedure, &detail, doc, rank, texts);
    }

    fn templates(&mut self, kind: &str) {
        for template in self.names.templates(kind) {
            self.template(template);
        }
    }

    fn template(&mut self, template: TemplateRef<'_>) {
        let declared_here = template.node.is_some_and(|node| node.span.range().contains(&self.before.typed.start));
        if template.name().is_empty() || declared_here {
            return;
        }
        let summary = template.built.map(describe::summary).unwrap_or_default();
        let doc = template.built.and_then(|built| built.head().comment.clone());
        let doc = template.node.and_then(|node| node.doc.clone()).or(doc).unwrap_or_default();
        let rank = if template.is_system() { Rank::Third } else { Rank::First };
        self.add(&template.label(), CompletionKind::Template, &summary, &doc, rank);
    }

    fn argument(&mut self, callee: &str, position: Option<usize>, given: &[String]) {
        let Some(procedure) = self.names.procedure(callee) else { return };
        let wanted = argument_wanted(self.names, callee, position, given);
        let parameters = procedure.node.parameters.iter().skip(position.unwrap_or(0));
        for parameter in parameters.filter(|parameter| !given.contains(&parameter.name.value)) {
            let name = spelt(&parameter.name.value);
            let detail = describe::parameter(parameter, self.analysis.text_of(parameter.name.span));
            let doc = describe::slot(&parameter.name.value).filter(|_| procedure.is_system).unwrap_or("");
            let texts = (format!("{name}: "), None);
            self.add_snippet(&name, CompletionKind::Field, &detail, doc, Rank::Second, texts);
        }
        if position.is_some() {
            self.values(&wanted);
            if procedure.is_system {
                self.preset_values(&wanted);
            }
        }
    }

    /// What preset calls write for values of the language.
    fn preset_values(&mut self, wanted: &Wanted) {
        if wanted.is_list() {
            let texts = ("{".to_owned(), Some("{$0}".to_owned()));
            self.add_snippet("{ … }", CompletionKind::Value, "several templates", "", Rank::First, texts);
        }
        self.add("0", CompletionKind::Value, "nothing", "", Rank::First);
        if matches!(wanted.kind(), Some("transcode" | "watermark")) {
            self.add("1", CompletionKind::Value, "the configured default", "", Rank::First);
        }
    }

    fn values(&mut self, wanted: &Wanted) {
        if self.units(wanted) {
            return;
        }
        if let Wanted::Field(field) = wanted.element() {
            self.choices(field);
        }
        self.locals(wanted);
        let word = |list: &mut Self, name: &str, rank| {
            if let Some(word) = words::entry(words::VALUES, name) {
                list.add(word.word, CompletionKind::Value, "", word.says, rank);
            }
        };
        if let Some(kind) = wanted.kind() {
            self.templates(kind);
            if kind == "watermark" || kind == "transcode" && wanted.is_list() {
                word(self, "default", Rank::Second);
            }
        }
        match wanted.element() {
            Wanted::Scalar(scalar) => {
                for example in scalar.form.split(", ").filter(|example| !example.contains('"')) {
                    self.add(example, CompletionKind::Value, scalar.word, "", Rank::Second);
                }
            }
            Wanted::Condition => {
                self.add("not", CompletionKind::Keyword, "not CONDITION", "", Rank::Third);
                word(self, "true", Rank::Fourth);
                word(self, "false", Rank::Fourth);
            }
            _ => {}
        }
        let from_source = match wanted.element() {
            Wanted::Condition | Wanted::Any => true,
            Wanted::Scalar(scalar) => words::FACTS.iter().any(|fact| fact.form == scalar.word) || scalar.word == "time",
            _ => false,
        };
        if from_source {
            let texts = ("source.".to_owned(), None);
            self.add_snippet(
                "source",
                CompletionKind::Fact,
                "source.FACT",
                "What is known about the source.",
                Rank::Second,
                texts,
            );
        }
        if wanted.may_be_none() {
            word(self, "none", Rank::Fourth);
        }
    }

    /// The units that make a number at the cursor a value of that type; false when there is no number.
    fn units(&mut self, wanted: &Wanted) -> bool {
        let text = self.analysis.text();
        let typed = text.get(self.before.typed.clone()).unwrap_or("");
        let digits = typed.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(typed.len());
        let number = &typed[..digits];
        if number.is_empty() {
            return false;
        }
        for unit in units_of(wanted) {
            let says = words::entry(words::UNITS, unit).map_or("", |word| word.says);
            self.add(&format!("{number}{unit}"), CompletionKind::Unit, says, "", Rank::First);
        }
        // A number may also be the start of an id.
        wanted.kind().is_none()
    }

    fn choices(&mut self, field: &Field) {
        let block = match field.form {
            Form::Simple => None,
            Form::Record => Some(("{ … }", "{ ", "{ $0 }")),
            Form::Records => Some(("[{ … }]", "[{ ", "[{ $0 }]")),
        };
        if let Some((label, plain, snippet)) = block {
            let texts = (plain.to_owned(), Some(snippet.to_owned()));
            self.add_snippet(label, CompletionKind::Value, field.name, field.doc, Rank::First, texts);
        }
        for value in &field.choices {
            let texts = match value.strip_suffix('"') {
                Some(open) => (open.to_owned(), Some(format!("{open}$0\""))),
                None => (value.clone(), None),
            };
            let detail = if value == field.default { "the default" } else { "" };
            self.add_snippet(value, CompletionKind::Value, detail, "", Rank::First, texts);
        }
    }

    fn fields(&mut self, known: &[Field], given: &[String]) {
        let follows = self.analysis.text().get(self.before.typed.end..).unwrap_or("");
        let has_colon = follows.trim_start_matches(|sign: char| sign.is_alphanumeric() || sign == '_');
        let has_colon = has_colon.trim_start_matches(' ').starts_with(':');
        let lacking = known.iter().filter(|field| !given.iter().any(|name| name == field.name));
        for field in lacking {
            let texts = match (has_colon, field.form) {
                (true, _) => (field.name.to_owned(), None),
                (false, Form::Records) => (format!("{}: ", field.name), Some(format!("{}: [{{ $0 }}]", field.name))),
                (false, Form::Record) => (format!("{}: ", field.name), Some(format!("{}: {{ $0 }}", field.name))),
                (false, Form::Simple) => (format!("{}: ", field.name), None),
            };
            let detail = match (field.required, field.default) {
                (true, _) => "required".to_owned(),
                (false, "") => String::new(),
                (false, default) => format!("default {default}"),
            };
            let rank = match (field.required, field.name) {
                (true, _) => Rank::First,
                (false, "id" | "extends" | "comment") => Rank::Third,
                _ => Rank::Second,
            };
            self.add_snippet(field.name, CompletionKind::Field, &detail, field.doc, rank, texts);
        }
    }

    fn locals(&mut self, wanted: &Wanted) {
        for local in self.visible() {
            if wanted.takes(&local.wanted) {
                let detail = match local.kind {
                    LocalKind::Parameter => local.type_name.map(describe::type_name).unwrap_or_default(),
                    LocalKind::Let => "let".to_owned(),
                    LocalKind::Loop => "for".to_owned(),
                };
                self.add(&spelt(&local.name.value), CompletionKind::Variable, &detail, "", Rank::First);
            }
        }
    }

    /// The local names that hold at the cursor, the nearest first: those in the heads of the open blocks, and the `let`s
    /// in them.
    fn visible(&self) -> Vec<Local<'a>> {
        let mut heads: Vec<Range<usize>> = Vec::new();
        for pair in self.before.frames.windows(2).filter(|pair| pair[1].open == '{') {
            let head = pair[0].tokens.iter().rev().find(|token| {
                token.kind == TokenKind::Word
                    && matches!(token.text, "procedure" | "for" | "when" | "else" | "template")
            });
            heads.extend(
                head.filter(|head| matches!(head.text, "procedure" | "for")).map(|head| head.start..pair[1].start),
            );
            let names = pair[1].tokens.windows(2).filter(|pair| pair[0].is_word("let"));
            heads.extend(names.map(|name| name[1].start..name[1].end()));
        }
        let declared = self.analysis.occurrences().into_iter().filter_map(|found| match found.target {
            Target::Local(local) if found.role == Role::Declaration => Some(local),
            _ => None,
        });
        let mut visible: Vec<Local<'a>> = declared
            .filter(|local| {
                let start = local.name.span.range().start;
                // A `let` does not know its own name.
                let is_whole = local.value.is_none_or(|value| value.span.range().end < self.before.typed.start);
                heads.iter().any(|head| head.contains(&start)) && is_whole
            })
            .collect();
        visible.reverse();
        visible
    }
}

/// The form of a statement or item with stops for the cursor.
fn frame_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "import" => "import \"$0\"",
        "template" => "template ${1:transcode} ${2:name} {\n    $0\n}",
        "procedure" => "procedure ${1:name}($2) {\n    $0\n}",
        "transcode" => "transcode $0",
        "adaptive" => "adaptive $0",
        "snapshot" => "snapshot at ${1:50%} using $0",
        "sample" => "sample using $0",
        "sprite" => "sprite using $0",
        "cover" => "cover at ${1:0s} using $0",
        "animate" => "animate ${1} from ${2:0s} to ${3:5s}",
        "review" => "review using $0",
        "let" => "let ${1:name} = $0",
        "for" => "for ${1:name} in ${2:list} {\n    $0\n}",
        "when" => "when ${1:condition} {\n    $0\n}",
        "else" => "else {\n    $0\n}",
        "options" => "options { $0 }",
        _ => return None,
    })
}

/// A text inside a snippet.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// The units that a value of that type can have.
fn units_of(wanted: &Wanted) -> Vec<&'static str> {
    match wanted.element() {
        Wanted::Scalar(scalar) => match scalar.word {
            "time" => vec!["s", "%", "ms", "m", "h"],
            "duration" => vec!["s", "ms", "m", "h"],
            "percent" => vec!["%"],
            "bitrate" => vec!["kbps", "Mbps"],
            "frequency" => vec!["kHz", "Hz"],
            "length" => vec!["px", "%"],
            "gop" => vec!["s", "frames"],
            _ => Vec::new(),
        },
        // The examples of a field tell which units it has.
        Wanted::Field(field) => {
            let has = |unit: &&&'static str| {
                field
                    .choices
                    .iter()
                    .filter_map(|value| value.strip_suffix(**unit))
                    .any(|number| number.ends_with(|sign: char| sign.is_ascii_digit()))
            };
            const UNITS: &[&str] = &["s", "ms", "%", "px", "kbps", "Mbps", "kHz", "frames"];
            UNITS.iter().filter(has).copied().collect()
        }
        _ => Vec::new(),
    }
}
