//! Watermarks of a request: which, when they are seen, and what they say.

use super::bindings::{Bindings, Meaning};
use super::expand::Expander;
use super::template::unknown_field;
use super::value_type::Type;
use crate::catalog::template::{MarkContent, Template, TemplateKind, WatermarkTemplate};
use crate::diag::{Diagnostic, codes, message};
use crate::expression::{Constant, Scalar};
use crate::hir::{Mark, OrDefault, Time};
use crate::syntax::ast::{self, Field};
use crate::text::{Span, Spanned};
use std::sync::Arc;

/// What a mark is laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkedOn {
    /// Renditions.
    Video,
    /// Still pictures, which take marks of pictures only (`vod.md` B.4).
    Picture,
}

/// The fields of a mark.
const FIELDS: &[&str] = &["from", "to", "text", "svg"];
/// Most characters of a mark of text (`vod.md` B.4).
const MOST_TEXT: usize = 100;

impl Expander<'_, '_, '_> {
    /// The marks with the places where they are asked for; `None` when one is not known.
    pub(super) fn marks(
        &mut self,
        marks: &[ast::Mark],
        on: MarkedOn,
        bindings: &Bindings,
    ) -> Option<Vec<(Mark, Span)>> {
        let read: Vec<_> = marks.iter().map(|mark| self.mark(mark, on, bindings)).collect();
        let whole: Option<Vec<_>> = read.into_iter().collect();
        whole.map(|marks| marks.into_iter().flatten().collect())
    }

    /// An inner `None` is `with none`.
    fn mark(&mut self, node: &ast::Mark, on: MarkedOn, bindings: &Bindings) -> Option<Option<(Mark, Span)>> {
        let wanted = Type::Optional(Box::new(Type::Template(TemplateKind::Watermark)));
        let evaluated = self.evaluate(&node.template, &wanted, bindings);
        let from = self.mark_time(&node.arguments, "from", bindings);
        let to = self.mark_time(&node.arguments, "to", bindings);
        let text = self.mark_text(&node.arguments, "text", bindings);
        let svg = self.mark_text(&node.arguments, "svg", bindings);
        self.check_mark_fields(&node.arguments);
        let template = match evaluated.meaning {
            Meaning::None => return Some(None),
            Meaning::Default => OrDefault::Default,
            Meaning::Template(Template::Watermark(template)) => OrDefault::Given(template),
            _ => return None,
        };
        let content = match &template {
            OrDefault::Given(template) => self.mark_content(node, template, on, text?, svg?)?,
            OrDefault::Default => None,
        };
        // A mark of an argument stands in the call; that is what asks for it.
        let asked = if evaluated.span.to(node.span) == node.span { node.span } else { evaluated.span };
        let mark = Mark { template, from: from?, to: to?, content, asked };
        Some(Some((mark, evaluated.span)))
    }

    /// An outer `None` is a time that is not known, an inner one a field that is not given.
    fn mark_time(&mut self, fields: &[Field], name: &str, bindings: &Bindings) -> Option<Option<Time>> {
        let Some(field) = fields.iter().find(|field| field.name.value == name) else { return Some(None) };
        self.time(&field.value, bindings).map(Some)
    }

    fn mark_text(&mut self, fields: &[Field], name: &str, bindings: &Bindings) -> Option<Option<Spanned<String>>> {
        let Some(field) = fields.iter().find(|field| field.name.value == name) else { return Some(None) };
        let evaluated = self.evaluate(&field.value, &Type::Scalar(Scalar::Text), bindings);
        match evaluated.meaning {
            Meaning::Constant(Constant::Text(text)) => Some(Some(Spanned::new(text, evaluated.span))),
            Meaning::Computed(_) => {
                let message = message!("the text of a mark cannot depend on the source");
                let problem = Diagnostic::new(&codes::SOURCE_DEPENDENT, message).at(field.value.span, "");
                self.reader.report(problem.with_help(message!("choose between texts with `when`")))
            }
            _ => None,
        }
    }

    /// What the mark says, for templates that leave it to the mark; `None` after an error.
    fn mark_content(
        &mut self,
        node: &ast::Mark,
        template: &Arc<WatermarkTemplate>,
        on: MarkedOn,
        text: Option<Spanned<String>>,
        svg: Option<Spanned<String>>,
    ) -> Option<Option<Spanned<String>>> {
        let (label, span) = (template.head.label(), node.template.span);
        let (field, what, mark, given, other) = match &template.content {
            MarkContent::Image(_) => {
                for unused in [text, svg].into_iter().flatten() {
                    let message = message!("`{}` shows a picture, so this has no effect", &label);
                    self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(unused.span, ""));
                }
                return Some(None);
            }
            MarkContent::Text(_) => ("text", message!("text"), message!("a mark of text"), text, svg),
            MarkContent::Svg => ("svg", message!("SVG"), message!("a mark of SVG"), svg, text),
        };
        if on == MarkedOn::Picture {
            let message = message!("`{}` is {}, which still pictures do not take", &label, mark);
            let problem = Diagnostic::new(&codes::MARK_NOT_ALLOWED, message).at(span, "");
            return self.reader.report(problem.with_help(message!("use a mark of a picture (`image`) here")));
        }
        if let Some(other) = other {
            let message = message!("`{}` is {}, so this has no effect", &label, mark);
            self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(other.span, ""));
        }
        let Some(given) = given else {
            let message = message!("the mark `{}` lacks its {}", &label, what);
            let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(span, "");
            return self.reader.report(problem.with_help(message!("write `{}({}: \"…\")`", label, field)));
        };
        if field == "text" && given.value.chars().count() > MOST_TEXT {
            let message = message!("the text of a mark has at most {} characters", MOST_TEXT);
            return self.reader.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(given.span, ""));
        }
        Some(Some(given))
    }

    fn check_mark_fields(&mut self, fields: &[Field]) {
        for (at, field) in fields.iter().enumerate() {
            if self.reader.diagnostics.is_full() {
                return;
            }
            let (word, span) = (field.name.value.as_str(), field.name.span);
            if let Some(first) = fields[..at].iter().find(|earlier| earlier.name.value == word) {
                let problem =
                    Diagnostic::new(&codes::DUPLICATE_FIELD, message!("`{}` is given twice", word)).at(span, "");
                self.reader.diagnostics.push(problem.with_label(first.name.span, message!("first given here")));
            } else if !FIELDS.contains(&word) {
                self.reader.diagnostics.push(unknown_field(word, span, message!("a mark"), FIELDS));
            }
        }
    }
}
