//! JSON objects to fields of the AST, by the tables: names, types, words, ranges.

use super::convert;
use super::table::{Field, Generation, NO_WORD, Need, Number, Table, Takes};
use super::value::{Kind, Member, Value};
use crate::diag::{Diagnostic, Diagnostics, Message, all_of, codes, message, nearest};
use crate::syntax::ast::{self, Name, Record, ValueKind};
use crate::syntax::scan::{is_bidi, is_invisible};

/// Whether an object stands for itself or changes another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// It must have what the API requires.
    Whole,
    /// What it does not have stays as it was.
    Changes,
}

/// Reads objects of one generation.
pub struct Reader {
    /// Whose names and ranges hold.
    pub generation: Generation,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

impl Reader {
    /// A reader of a generation.
    pub fn new(generation: Generation) -> Self {
        Reader { generation, diagnostics: Diagnostics::default() }
    }

    /// Tells a problem; the value is lost.
    pub fn report<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.diagnostics.push(problem);
        None
    }

    /// The fields of an object, in the order written; what could not be read leaves the record damaged.
    pub fn object(&mut self, value: &Value, table: &'static Table, extent: Extent) -> Record {
        let mut record = Record { fields: Vec::new(), damaged: false, span: value.span };
        let Kind::Object(members) = &value.kind else {
            self.wrong_type::<()>(value, table.name, message!("an object"));
            record.damaged = true;
            return record;
        };
        for member in members {
            if self.diagnostics.is_full() {
                record.damaged = true;
                return record;
            }
            let Some(field) = table.find(self.generation, &member.name) else {
                self.unknown(member, table);
                record.damaged = true;
                continue;
            };
            let before = self.diagnostics.iter().count();
            if let Some(value) = self.field(field, member, extent) {
                record.fields.push(ast::Field { name: Name::new(field.word.to_owned(), member.name_span), value });
            } else if self.diagnostics.iter().count() > before {
                record.damaged = true;
            }
        }
        if extent == Extent::Whole {
            record.damaged |= !self.has_required(members, table, value);
        }
        record
    }

    fn has_required(&mut self, members: &[Member], table: &'static Table, object: &Value) -> bool {
        let mut complete = true;
        for field in table.of(self.generation).filter(|field| field.need == Need::Required) {
            let name = field.name(self.generation);
            let given = |member: &Member| {
                let is_null = member.value.kind == Kind::Null;
                // A misspelt one was reported.
                (member.name == name && !is_null)
                    || (table.find(self.generation, &member.name).is_none() && near(&member.name, [name]).is_some())
            };
            if !members.iter().any(given) {
                let message = message!("`{}` lacks the field `{}`", table.name, name);
                let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(object.span, "");
                let takes = self.takes(field);
                self.diagnostics.push(problem.with_help(message!("add `\"{}\"`: {}", name, takes)));
                complete = false;
            }
        }
        complete
    }

    fn unknown(&mut self, member: &Member, table: &'static Table) {
        let names: Vec<&str> = table.of(self.generation).map(|field| field.name(self.generation)).collect();
        let word = member.name.as_str();
        let message = message!("`{}` of API `{}` has no field `{}`", table.name, self.generation.word(), word);
        let problem = Diagnostic::new(&codes::UNKNOWN_FIELD, message).about_word(word).at(member.name_span, "");
        self.diagnostics.push(match near(word, names.iter().copied()) {
            Some(near) => {
                problem.with_help(message!("write `{}`", near)).with_fix(member.name_span, format!("\"{near}\""))
            }
            None => problem.with_help(message!("its fields are {}", all_of(&names))),
        });
    }

    /// What a member means; `None` if it says nothing, or could not be read.
    fn field(&mut self, field: &'static Field, member: &Member, extent: Extent) -> Option<ast::Value> {
        let (name, value) = (member.name.as_str(), &member.value);
        if value.kind == Kind::Null {
            return None;
        }
        match &field.takes {
            Takes::Mark => None,
            Takes::Ignored => self.ignored(member),
            Takes::Refused => self.refused(member),
            Takes::Words(words) => self.word(name, value, words),
            Takes::Number(number) => self.number(name, value, number, is_identity(field)),
            Takes::Numbers(number) => {
                self.list(name, value, |reader, element| reader.number(name, element, number, false))
            }
            Takes::Text(most) => self.text(name, value, *most, field.word == "@name"),
            Takes::Length => self.string(name, value, message!("a length such as `10%` or `24px`"), convert::length),
            Takes::Colour => self.string(name, value, message!("a colour such as `0xFFFFFF`"), convert::colour),
            Takes::Times => self.list(name, value, |reader, element| {
                reader.string(name, element, message!("a time such as `3.5s` or `10%`"), convert::time)
            }),
            Takes::Template(_) => self.template(name, value),
            Takes::Templates(_) => self.list(name, value, |reader, element| reader.template(name, element)),
            Takes::Object(table) => {
                let extent = if field.word == "@overrides" { Extent::Changes } else { extent };
                let record = self.object(value, table, extent);
                Some(ast::Value { kind: ValueKind::Record(record), span: value.span })
            }
            Takes::Objects(table, most) => self.objects(name, value, table, *most),
        }
    }

    fn objects(&mut self, name: &str, value: &Value, table: &'static Table, most: u32) -> Option<ast::Value> {
        // A block of the second generation may stand alone.
        if matches!(value.kind, Kind::Object(_)) && self.generation == Generation::V2 {
            let record = self.object(value, table, Extent::Whole);
            let only = ast::Value { kind: ValueKind::Record(record), span: value.span };
            return Some(ast::Value { kind: ValueKind::List(vec![only]), span: value.span });
        }
        let Kind::Array(elements) = &value.kind else {
            return self.wrong_type(value, name, message!("a list of objects, `[{{ … }}]`"));
        };
        if elements.len() > most as usize {
            let message = message!("`{}` has {} entries, at most {} are allowed", name, elements.len(), most);
            return self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""));
        }
        let records = elements.iter().map(|element| {
            let record = self.object(element, table, Extent::Whole);
            ast::Value { kind: ValueKind::Record(record), span: element.span }
        });
        Some(ast::Value { kind: ValueKind::List(records.collect()), span: value.span })
    }

    /// A list; of the second generation also one element alone.
    fn list(
        &mut self,
        name: &str,
        value: &Value,
        mut read: impl FnMut(&mut Self, &Value) -> Option<ast::Value>,
    ) -> Option<ast::Value> {
        let elements = match &value.kind {
            Kind::Array(elements) => elements.as_slice(),
            _ if self.generation == Generation::V2 => std::slice::from_ref(value),
            _ => return self.wrong_type(value, name, message!("a list, `[ … ]`")),
        };
        if elements.len() > crate::syntax::scan::MAXIMUM_ELEMENTS {
            let most = crate::syntax::scan::MAXIMUM_ELEMENTS;
            let message = message!("`{}` has {} entries, at most {} are allowed", name, elements.len(), most);
            return self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""));
        }
        let values: Vec<Option<ast::Value>> = elements.iter().map(|element| read(self, element)).collect();
        let values: Option<Vec<ast::Value>> = values.into_iter().collect();
        Some(ast::Value { kind: ValueKind::List(values?), span: value.span })
    }

    fn word(&mut self, name: &str, value: &Value, words: &'static [(&str, &str)]) -> Option<ast::Value> {
        let written = match &value.kind {
            Kind::String(text) | Kind::Number(text) => text.as_str(),
            Kind::Boolean(is) if words.iter().any(|(word, _)| *word == "1") => {
                if *is {
                    "1"
                } else {
                    "0"
                }
            }
            _ => return self.wrong_type(value, name, message!("one of {}", all_of(&convert::sayable(words)))),
        };
        let Some((_, meaning)) = words.iter().find(|(word, _)| *word == written) else {
            let message = message!("`{}` does not take `{}`", name, written);
            let problem = Diagnostic::new(&codes::UNKNOWN_WORD, message).about_word(written).at(value.span, "");
            let known = convert::sayable(words);
            return self.report(match near(written, known.iter().copied()) {
                Some(near) => {
                    let is_text = matches!(value.kind, Kind::String(_));
                    let fixed = if is_text { format!("\"{near}\"") } else { near.to_owned() };
                    problem.with_help(message!("write `{}`", near)).with_fix(value.span, fixed)
                }
                None => problem.with_help(message!("it takes {}", all_of(&known))),
            });
        };
        match *meaning {
            "" => None,
            NO_WORD => {
                let message = message!("the language has no word for `{}: {}`", name, written);
                let problem = Diagnostic::new(&codes::UNSUPPORTED_FIELD, message).at(value.span, "");
                self.report(problem.with_help(message!("take one of {}", all_of(&convert::sayable(words)))))
            }
            meaning => Some(ast::Value { kind: convert::literal(meaning), span: value.span }),
        }
    }

    fn number(&mut self, name: &str, value: &Value, number: &'static Number, identity: bool) -> Option<ast::Value> {
        let written = match &value.kind {
            Kind::Number(written) => written.as_str(),
            // A request of the second generation is a form, whose values are all texts.
            Kind::String(written) if identity || self.generation == Generation::V2 => written.as_str(),
            _ => return self.wrong_type(value, name, message!("a number")),
        };
        match convert::number(written, number, self.generation, value.span) {
            Ok(kind) => kind.map(|kind| ast::Value { kind, span: value.span }),
            Err(convert::NotThat::NoNumber) => self.wrong_type(value, name, message!("a number")),
            Err(convert::NotThat::TooBig) => {
                let message = message!("`{}` is a number of too many digits", name);
                self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""))
            }
            Err(convert::NotThat::OutOfRange) => {
                let allowed = convert::allowed(number, self.generation);
                let message =
                    message!("`{}` is {}, API `{}` allows {}", name, written, self.generation.word(), allowed);
                self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""))
            }
        }
    }

    fn text(&mut self, name: &str, value: &Value, most: u32, is_name: bool) -> Option<ast::Value> {
        let Kind::String(text) = &value.kind else {
            return self.wrong_type(value, name, message!("a text"));
        };
        let length = text.chars().count();
        if length > most as usize || (is_name && length == 0) {
            let message = message!("`{}` has {} characters, 1 to {} are allowed", name, length, most);
            return self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""));
        }
        if is_name && text.chars().any(|sign| is_invisible(sign) || is_bidi(sign) || sign.is_control()) {
            let message = message!("the name holds an invisible character");
            return self.report(Diagnostic::new(&codes::FORBIDDEN_CHARACTER, message).at(value.span, ""));
        }
        Some(ast::Value { kind: ValueKind::Text(text.clone()), span: value.span })
    }

    fn string(
        &mut self,
        name: &str,
        value: &Value,
        wanted: Message,
        read: fn(&str) -> Option<ValueKind>,
    ) -> Option<ast::Value> {
        let kind = if let Kind::String(text) = &value.kind { read(text) } else { None };
        match kind {
            Some(kind) => Some(ast::Value { kind, span: value.span }),
            None => self.wrong_type(value, name, wanted),
        }
    }

    /// A template's number; those of described templates are texts, and own templates may have a name only.
    fn template(&mut self, name: &str, value: &Value) -> Option<ast::Value> {
        let kind = match &value.kind {
            Kind::Number(written) => convert::identity(written),
            Kind::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => convert::identity(text),
            Kind::String(text) => Some(ValueKind::Text(super::super::normalised(text))),
            _ => return self.wrong_type(value, name, message!("the number of a template, or its name")),
        };
        match kind {
            Some(kind) => Some(ast::Value { kind, span: value.span }),
            None => {
                let message = message!("`{}` is no number of a template: a whole number from 1 to 2^63 - 1", name);
                self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""))
            }
        }
    }

    fn refused(&mut self, member: &Member) -> Option<ast::Value> {
        if means_nothing(&member.value) {
            return None;
        }
        let message = message!("the language has no word for `{}`", &member.name);
        let problem = Diagnostic::new(&codes::UNSUPPORTED_FIELD, message).at(member.name_span, "");
        self.report(problem.with_help(message!("delete the field")))
    }

    fn ignored(&mut self, member: &Member) -> Option<ast::Value> {
        if !means_nothing(&member.value) {
            let message = message!("`{}` is not about what is made; it is left out", &member.name);
            self.diagnostics.push(Diagnostic::new(&codes::IGNORED_FIELD, message).at(member.name_span, ""));
        }
        None
    }

    /// The message for a value of another type.
    pub fn wrong_type<T>(&mut self, value: &Value, name: &str, wanted: Message) -> Option<T> {
        let found = match &value.kind {
            Kind::Null => message!("null"),
            Kind::Boolean(_) => message!("a truth value"),
            Kind::Number(_) => message!("a number"),
            Kind::String(_) => message!("a text"),
            Kind::Array(_) => message!("a list"),
            Kind::Object(_) => message!("an object"),
        };
        let message = message!("`{}` takes {}, here is {}", name, wanted, found);
        self.report(Diagnostic::new(&codes::WRONG_TYPE, message).at(value.span, ""))
    }

    /// What a field takes, in words.
    fn takes(&self, field: &Field) -> Message {
        match &field.takes {
            Takes::Words(words) => message!("one of {}", all_of(&convert::sayable(words))),
            Takes::Number(number) => convert::allowed(number, self.generation),
            Takes::Numbers(_) | Takes::Times | Takes::Templates(_) => message!("a list, `[ … ]`"),
            Takes::Length => message!("a length such as `10%` or `24px`"),
            Takes::Colour => message!("a colour such as `0xFFFFFF`"),
            Takes::Template(_) => message!("the number of a template, or its name"),
            Takes::Object(_) => message!("an object"),
            Takes::Objects(..) => message!("a list of objects, `[{{ … }}]`"),
            Takes::Text(_) | Takes::Refused | Takes::Ignored | Takes::Mark => message!("a text"),
        }
    }
}

/// Longest word of which a misspelling is looked for: the search takes as long as both words multiplied.
const LONGEST_WORD: usize = 100;

/// The name that was meant: the same in other letters, or a near one.
pub fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let known: Vec<&str> = known.into_iter().collect();
    let same = known.iter().copied().find(|name| name.eq_ignore_ascii_case(word));
    same.or_else(|| nearest(word, known))
}

/// Described templates give some numbers as texts.
fn is_identity(field: &Field) -> bool {
    matches!(field.takes, Takes::Template(_))
}

/// Whether a value only says that something is not wanted. Nesting is bounded by the parser.
fn means_nothing(value: &Value) -> bool {
    match &value.kind {
        Kind::Null | Kind::Boolean(false) => true,
        Kind::Boolean(true) => false,
        Kind::Number(written) => written == "0",
        Kind::String(text) => matches!(text.as_str(), "" | "OFF" | "0"),
        Kind::Array(elements) => elements.iter().all(means_nothing),
        Kind::Object(members) => {
            let off =
                |member: &Member| matches!(member.name.as_str(), "Type" | "Switch") && means_nothing(&member.value);
            members.iter().any(off) || members.iter().all(|member| means_nothing(&member.value))
        }
    }
}
