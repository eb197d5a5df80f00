//! Builds the AST of items and fields from the parser's pairs, and reports the mistakes among them.

use super::ast::{
    Call, ErrorItem, Field, File, Import, Item, Name, Parameter, Procedure, Record, Template, TypeName, Value,
};
use super::grammar::Rule;
use super::junk::Junk;
use super::literal;
use super::scan::{DocLine, MAXIMUM_PARAMETERS};
use crate::diag::{Diagnostic, Diagnostics, Message, codes, foreign_letter, message};
use crate::text::{Source, Span};
use pest::iterators::{Pair, Pairs};

/// Builds a file; doc comments go to the item behind them.
pub fn file(source: &Source, text: &str, pairs: Pairs<'_, Rule>, docs: &[DocLine]) -> (File, Diagnostics) {
    let mut builder = Builder::new(source, text);
    let mut used = vec![false; docs.len()];
    let mut items = Vec::new();
    for pair in pairs.flat_map(Pair::into_inner).filter(|pair| pair.as_rule() != Rule::EOI) {
        let doc = doc_before(pair.as_span().start(), text, docs, &mut used);
        items.push(builder.item(pair, doc));
    }
    for (doc, _) in docs.iter().zip(&used).filter(|(_, used)| !**used) {
        builder.diagnostics.push(
            Diagnostic::new(&codes::STRAY_DOC_COMMENT, message!("the doc comment stands before no declaration"))
                .at(doc.span, "")
                .with_help(message!("write `//` for a remark")),
        );
    }
    (File { items }, builder.diagnostics)
}

/// Builds a call that stands alone.
pub fn call_entry(source: &Source, text: &str, pairs: Pairs<'_, Rule>) -> (Option<Call>, Diagnostics) {
    let mut builder = Builder::new(source, text);
    let call = pairs.flat_map(Pair::into_inner).find_map(|pair| match pair.as_rule() {
        Rule::call => Some(builder.call(pair)),
        Rule::name => Some(builder.bare_call(pair)),
        _ => None,
    });
    (call, builder.diagnostics)
}

/// The doc lines directly before an item, joined.
fn doc_before(start: usize, text: &str, docs: &[DocLine], used: &mut [bool]) -> Option<String> {
    let mut next_start = start;
    let mut first = docs.partition_point(|doc| (doc.span.end as usize) <= start);
    let last = first;
    while first > 0 {
        let doc = docs[first - 1].span.range();
        if !text[doc.end..next_start].trim().is_empty() {
            break;
        }
        first -= 1;
        used[first] = true;
        next_start = doc.start;
    }
    let lines: Vec<&str> = docs[first..last].iter().map(|doc| doc.text.as_str()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Turns pairs into nodes; `diagnostics` collects what they could not say.
pub(super) struct Builder<'a> {
    pub(super) source: &'a Source,
    pub(super) text: &'a str,
    pub(super) diagnostics: Diagnostics,
    /// What the request that was built last lacks; told unless what follows it explains more.
    pub(super) lacking: Option<Diagnostic>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a Source, text: &'a str) -> Self {
        Builder { source, text, diagnostics: Diagnostics::default(), lacking: None }
    }

    /// The place of a pair without the blanks and comments that the parser read behind it.
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let start = pair.as_span().start();
        let mut last = pair.clone();
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        let end = last.as_span().end();
        self.source.span(start, start + self.text[start..end.max(start)].trim_end().len())
    }

    pub(super) fn junk<'b>(&'b self, pair: &Pair<'b, Rule>) -> Junk<'b> {
        Junk { source: self.source, start: pair.as_span().start(), text: pair.as_str() }
    }

    fn item(&mut self, pair: Pair<'_, Rule>, doc: Option<String>) -> Item {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::import => Item::Import(Import { path: self.only_name(pair), span }),
            Rule::template => Item::Template(self.template(pair, doc)),
            Rule::procedure => Item::Procedure(self.procedure(pair, doc)),
            Rule::call => Item::Call(self.call(pair)),
            Rule::bare_call => Item::Call(self.bare_call(pair)),
            _ => {
                let message = match pair.clone().into_inner().find(|inner| inner.as_rule() == Rule::junk_item_head) {
                    // The strict reading sees the block too, so that a broken head is what it stumbles over.
                    Some(_) => self.junk(&pair).item(),
                    None => Diagnostic::new(&codes::SYNTAX, message!("a block stands outside a declaration"))
                        .at(self.source.span(pair.as_span().start(), pair.as_span().start() + 1), ""),
                };
                self.diagnostics.push(message);
                Item::Error(ErrorItem { words: head_words(pair.as_str()), span })
            }
        }
    }

    /// The name inside a pair that has one.
    pub(super) fn only_name(&mut self, pair: Pair<'_, Rule>) -> Name {
        let span = self.span(&pair);
        let name = pair.into_inner().find(|inner| matches!(inner.as_rule(), Rule::name | Rule::string));
        name.map_or_else(|| Name::new(String::new(), span), |name| self.name(name))
    }

    pub(super) fn name(&mut self, pair: Pair<'_, Rule>) -> Name {
        let span = self.span(&pair);
        let written = pair.as_str().trim();
        if !written.starts_with('"') {
            let name = normalised(written);
            self.check_scripts(&name, span);
            return Name::new(name, span);
        }
        let name = self.checked_text(written, span).unwrap_or_default();
        // A path is what the file system has, letter for letter.
        let name = if pair.as_rule() == Rule::name { normalised(&name) } else { name };
        self.check_scripts(&name, span);
        if pair.as_rule() == Rule::name {
            self.check_quoted_name(&name, span);
        }
        Name::new(name, span)
    }

    /// Latin letters beside Greek or Cyrillic ones: two names could look the same and be different.
    fn check_scripts(&mut self, name: &str, span: Span) {
        if foreign_letter(name).is_some() {
            let problem = Diagnostic::new(&codes::MIXED_SCRIPTS, message!("`{}` mixes scripts", name)).about_word(name);
            self.diagnostics.push(problem.at(span, ""));
        }
    }

    fn check_quoted_name(&mut self, name: &str, span: Span) {
        if name.is_empty() || name.chars().count() > 64 {
            let message = message!("a name has 1 to 64 characters");
            self.diagnostics.push(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(span, ""));
        }
        if name.chars().any(|sign| super::scan::is_invisible(sign) || super::scan::is_bidi(sign) || sign.is_control()) {
            let message = message!("the name holds an invisible character");
            self.diagnostics.push(Diagnostic::new(&codes::FORBIDDEN_CHARACTER, message).at(span, ""));
        }
    }

    pub(super) fn checked_text(&mut self, quoted: &str, span: Span) -> Option<String> {
        literal::text(quoted, span).map_err(|problem| self.diagnostics.push(problem)).ok()
    }

    fn template(&mut self, pair: Pair<'_, Rule>, doc: Option<String>) -> Template {
        let span = self.span(&pair);
        let mut node = Template {
            kind: Name::new(String::new(), span),
            name: Name::new(String::new(), span),
            fields: Record { fields: Vec::new(), damaged: true, span },
            doc,
            span,
        };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kind => node.kind = Name::new(inner.as_str().to_owned(), self.span(&inner)),
                Rule::name => node.name = self.name(inner),
                Rule::fields_block => node.fields = self.record(inner),
                _ => {}
            }
        }
        node
    }

    /// `{ field* }`
    pub(super) fn record(&mut self, pair: Pair<'_, Rule>) -> Record {
        let mut record = Record { fields: Vec::new(), damaged: false, span: self.span(&pair) };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::field => record.fields.push(self.field(inner)),
                Rule::junk_field => {
                    record.damaged = true;
                    let message = match inner.clone().into_inner().find(|head| head.as_rule() == Rule::junk_field_head)
                    {
                        Some(head) => self.junk(&head).field(),
                        None => Diagnostic::new(
                            &codes::SYNTAX,
                            message!("expected {}, found `{}`", message!("a field"), '{'),
                        )
                        .at(self.span(&inner), ""),
                    };
                    self.diagnostics.push(message);
                }
                Rule::missing_close => {
                    record.damaged = true;
                    self.unclosed(record.span);
                }
                _ => {}
            }
        }
        record
    }

    pub(super) fn unclosed(&mut self, block: Span) {
        let brace = self.source.span(block.start as usize, block.start as usize + 1);
        let problem = Diagnostic::new(&codes::UNCLOSED_BLOCK, message!("the block is not closed"))
            .at(brace, message!("opened here"));
        self.diagnostics.push(problem.with_help(message!("end it with `}`")));
    }

    pub(super) fn field(&mut self, pair: Pair<'_, Rule>) -> Field {
        let span = self.span(&pair);
        let mut field = Field { name: Name::new(String::new(), span), value: Value::error(span) };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::field_name => field.name = Name::new(inner.as_str().to_owned(), self.span(&inner)),
                Rule::value => field.value = self.value(inner),
                _ => {}
            }
        }
        field
    }

    fn procedure(&mut self, pair: Pair<'_, Rule>, doc: Option<String>) -> Procedure {
        let span = self.span(&pair);
        let mut node = Procedure {
            name: Name::new(String::new(), span),
            parameters: Vec::new(),
            parameters_damaged: false,
            options: None,
            body: Vec::new(),
            doc,
            span,
        };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => node.name = self.name(inner),
                Rule::parameters => {
                    let parameters = inner.into_inner().filter(|inner| inner.as_rule() == Rule::parameter);
                    node.parameters = parameters.map(|parameter| self.parameter(parameter)).collect();
                    node.parameters_damaged =
                        self.limit(&mut node.parameters, MAXIMUM_PARAMETERS, message!("parameters"), span);
                }
                Rule::junk_parameters => {
                    node.parameters_damaged = true;
                    let message = self.junk(&inner).parameters();
                    self.diagnostics.push(message);
                }
                Rule::block => (node.options, node.body) = self.body(inner),
                _ => {}
            }
        }
        node
    }

    fn parameter(&mut self, pair: Pair<'_, Rule>) -> Parameter {
        let span = self.span(&pair);
        let nothing = TypeName { word: Name::new(String::new(), span), inner: None, optional: false, span };
        let mut node = Parameter { name: Name::new(String::new(), span), type_name: nothing, default: None };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => node.name = self.name(inner),
                Rule::r#type => node.type_name = self.type_name(inner),
                Rule::value => node.default = Some(self.value(inner)),
                _ => {}
            }
        }
        node
    }

    /// Types are two levels deep by grammar, so this recursion is bounded.
    fn type_name(&mut self, pair: Pair<'_, Rule>) -> TypeName {
        let span = self.span(&pair);
        let mut node = TypeName { word: Name::new(String::new(), span), inner: None, optional: false, span };
        let mut named = false;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::type_name => {
                    let word = Name::new(inner.as_str().to_owned(), self.span(&inner));
                    if named {
                        let span = word.span;
                        node.inner = Some(Box::new(TypeName { word, inner: None, optional: false, span }));
                    } else {
                        node.word = word;
                        named = true;
                    }
                }
                Rule::inner_type => node.inner = Some(Box::new(self.type_name(inner))),
                Rule::optional => node.optional = true,
                _ => {}
            }
        }
        node
    }

    /// Cuts what is longer than any real text has it, so that no later stage has to fear it; true if it was.
    pub(super) fn limit<T>(&mut self, list: &mut Vec<T>, most: usize, what: Message, span: Span) -> bool {
        if list.len() <= most {
            return false;
        }
        list.truncate(most);
        let message = message!("more than {} {} are given", most, what);
        self.diagnostics.push(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(span, ""));
        true
    }

    /// Reports what is wrong with a bracketed list; true if something is.
    pub(super) fn bracketed(&mut self, pair: &Pair<'_, Rule>, element: Rule, closing: &str) -> bool {
        let mut after_comma = true;
        for inner in pair.clone().into_inner() {
            match inner.as_rule() {
                Rule::junk_list | Rule::junk_arguments => {
                    let message = self.junk(&inner).element(after_comma, element, closing);
                    self.diagnostics.push(message);
                    return true;
                }
                Rule::missing_end => {
                    let at = self.source.span(pair.as_span().start(), pair.as_span().start() + 1);
                    let message = message!("the `{}` is not closed", &self.text[at.range()]);
                    let problem = Diagnostic::new(&codes::SYNTAX, message).at(at, message!("opened here"));
                    self.diagnostics.push(problem.with_help(message!("end it with `{}`", closing)));
                    return true;
                }
                rule => after_comma = matches!(rule, Rule::comma | Rule::open_bracket | Rule::open_paren),
            }
        }
        false
    }
}

/// The words of an item that could not be read, up to its block: one of them may be the name it would declare.
fn head_words(text: &str) -> Vec<String> {
    let head = text.split(['{', '(', '\n']).next().unwrap_or("");
    let words = head.split(|sign: char| !sign.is_alphanumeric() && sign != '_' && sign != '-');
    words.filter(|word| !word.is_empty()).take(8).map(normalised).collect()
}

/// The composed form, so that one name has one spelling.
pub fn normalised(word: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    word.nfc().collect()
}
