//! Builds requests (`transcode …`, `cover …`) from their verb and clauses, and reports clauses too many and too few.
//!
//! The clauses of a request may be written in any order; `fmt` brings them into the usual one.

use super::ast::{Mark, Name, Record, StatementKind, Trim, Value};
use super::build::Builder;
use super::grammar::Rule;
use crate::diag::{Diagnostic, Message, all_of, codes, message};
use crate::text::Span;
use pest::iterators::Pair;

/// What a clause is for; the first word of each is what people call it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    At,
    Using,
    Overrides,
    From,
    To,
    With,
    Encrypt,
}

impl Clause {
    fn of(rule: Rule) -> Option<Self> {
        Some(match rule {
            Rule::at => Clause::At,
            Rule::using => Clause::Using,
            Rule::overrides => Clause::Overrides,
            Rule::from => Clause::From,
            Rule::to => Clause::To,
            Rule::marks => Clause::With,
            Rule::encrypt => Clause::Encrypt,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Clause::At => "at",
            Clause::Using => "using",
            Clause::Overrides => "{ … }",
            Clause::From => "from",
            Clause::To => "to",
            Clause::With => "with",
            Clause::Encrypt => "encrypt",
        }
    }
}

/// The verbs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Transcode,
    Adaptive,
    Snapshot,
    Sample,
    Sprite,
    Cover,
    Animate,
    Review,
}

impl Verb {
    fn of(rule: Rule) -> Option<Self> {
        Some(match rule {
            Rule::k_transcode => Verb::Transcode,
            Rule::k_adaptive => Verb::Adaptive,
            Rule::k_snapshot => Verb::Snapshot,
            Rule::k_sample => Verb::Sample,
            Rule::k_sprite => Verb::Sprite,
            Rule::k_cover => Verb::Cover,
            Rule::k_animate => Verb::Animate,
            Rule::k_review => Verb::Review,
            _ => return None,
        })
    }

    /// How it is written when it is complete.
    fn form(self) -> &'static str {
        match self {
            Verb::Transcode => "transcode TEMPLATE",
            Verb::Adaptive => "adaptive TEMPLATE",
            Verb::Snapshot => "snapshot at TIME using TEMPLATE",
            Verb::Sample => "sample using TEMPLATE",
            Verb::Sprite => "sprite using TEMPLATE",
            Verb::Cover => "cover at TIME using TEMPLATE",
            Verb::Animate => "animate TEMPLATE from TIME to TIME",
            Verb::Review => "review using TEMPLATE",
        }
    }

    /// Whether its templates stand right behind it, and not behind `using`.
    fn names_templates_first(self) -> bool {
        matches!(self, Verb::Transcode | Verb::Adaptive | Verb::Animate)
    }

    /// The clauses it takes, those it needs first.
    fn clauses(self) -> &'static [Clause] {
        match self {
            Verb::Transcode => &[Clause::Overrides, Clause::From, Clause::To, Clause::With, Clause::Encrypt],
            Verb::Adaptive => &[Clause::From, Clause::To, Clause::With],
            Verb::Snapshot | Verb::Cover => &[Clause::At, Clause::Using, Clause::With],
            Verb::Sample => &[Clause::Using, Clause::With],
            Verb::Sprite | Verb::Review => &[Clause::Using],
            Verb::Animate => &[Clause::From, Clause::To],
        }
    }
}

/// The parts of a request as they come.
#[derive(Default)]
struct Parts {
    values: Vec<Value>,
    times: Vec<Value>,
    using: Vec<Value>,
    overrides: Option<Record>,
    trim: Trim,
    marks: Vec<Mark>,
    encrypt: Option<Value>,
    seen: Vec<(Clause, Span)>,
}

impl Builder<'_> {
    /// A request; parts that are wrong are reported and left out, parts that are absent are reported.
    pub(super) fn request(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let mut inner =
            pair.into_inner().filter(|inner| !matches!(inner.as_rule(), Rule::line_comment | Rule::block_comment));
        let Some((verb, word)) = inner.next().and_then(|first| {
            let span = self.span(&first);
            Verb::of(first.as_rule()).map(|verb| (verb, Name::new(first.as_str().to_owned(), span)))
        }) else {
            return StatementKind::Error;
        };
        let mut parts = Parts::default();
        for part in inner {
            let span = self.span(&part);
            match Clause::of(part.as_rule()) {
                None => {
                    parts.values = self.values(part);
                    if !verb.names_templates_first() {
                        self.template_without_using(&word, &mut parts, span);
                    }
                }
                Some(clause) => self.clause(verb, clause, part, span, &mut parts),
            }
        }
        self.finish(verb, &word, parts)
    }

    /// `sample 10` for `sample using 10`.
    fn template_without_using(&mut self, word: &Name, parts: &mut Parts, span: Span) {
        let message = message!("the template of `{}` stands behind `using`", &word.value);
        let problem = Diagnostic::new(&codes::MISSING_CLAUSE, message).at(span, "");
        let start = Span { end: span.start, ..span };
        self.diagnostics.push(problem.with_help(message!("write `using` before it")).with_fix(start, "using "));
        parts.using = std::mem::take(&mut parts.values);
        parts.seen.push((Clause::Using, span));
    }

    fn clause(&mut self, verb: Verb, clause: Clause, pair: Pair<'_, Rule>, span: Span, parts: &mut Parts) {
        if let Some((_, first)) = parts.seen.iter().find(|(seen, _)| *seen == clause) {
            let message = message!("`{}` is given twice", clause.word());
            let problem = Diagnostic::new(&codes::MISPLACED_CLAUSE, message).at(span, "");
            self.diagnostics.push(problem.with_label(*first, message!("first given here")));
            return;
        }
        if !verb.clauses().contains(&clause) {
            let name = verb.form().split(' ').next().unwrap_or_default();
            let taken: Vec<&str> = verb.clauses().iter().map(|clause| clause.word()).collect();
            let message = message!("`{}` takes no `{}`", name, clause.word());
            let problem = Diagnostic::new(&codes::MISPLACED_CLAUSE, message).at(span, "");
            self.diagnostics.push(problem.with_help(message!("`{}` takes {}", name, all_of(&taken))));
            return;
        }
        parts.seen.push((clause, span));
        match clause {
            Clause::At => parts.times = self.values_in(pair),
            Clause::Using => parts.using = self.values_in(pair),
            Clause::Overrides => {
                let fields = pair.into_inner().find(|inner| inner.as_rule() == Rule::fields_block);
                parts.overrides = fields.map(|fields| self.record(fields));
            }
            Clause::From => parts.trim.from = self.only_value(pair),
            Clause::To => parts.trim.to = self.only_value(pair),
            Clause::With => parts.marks = self.marks(pair),
            Clause::Encrypt => parts.encrypt = self.only_value(pair),
        }
    }

    fn values_in(&mut self, pair: Pair<'_, Rule>) -> Vec<Value> {
        let values = pair.into_inner().find(|inner| inner.as_rule() == Rule::values);
        values.map(|values| self.values(values)).unwrap_or_default()
    }

    fn finish(&mut self, verb: Verb, word: &Name, parts: Parts) -> StatementKind {
        self.check_complete(verb, word, &parts);
        let Parts { values: templates, times, using, overrides, trim, marks, encrypt, .. } = parts;
        let template = self.only(using, message!("template"), "using", word.span);
        match verb {
            Verb::Transcode => StatementKind::Transcode { templates, overrides, trim, marks, encrypt },
            Verb::Adaptive => StatementKind::Adaptive { templates, trim, marks },
            Verb::Animate => StatementKind::Animate { templates, trim },
            Verb::Snapshot => StatementKind::Snapshot { times, template, marks },
            Verb::Sample => StatementKind::Sample { template, marks },
            Verb::Sprite => StatementKind::Sprite { template },
            Verb::Review => StatementKind::Review { template },
            Verb::Cover => {
                StatementKind::Cover { time: self.only(times, message!("time"), "at", word.span), template, marks }
            }
        }
    }

    fn check_complete(&mut self, verb: Verb, name: &Name, parts: &Parts) {
        let (word, span) = (name.value.as_str(), name.span);
        let seen = |clause| parts.seen.iter().any(|(seen, _)| *seen == clause);
        let needs = |clause: Clause| verb.clauses().contains(&clause) && !seen(clause);
        let lacking = if verb.names_templates_first() && parts.values.is_empty() {
            message!("`{}` names no template", word)
        } else if needs(Clause::At) {
            message!("`{}` lacks `{}`", word, "at TIME")
        } else if needs(Clause::Using) {
            message!("`{}` lacks `{}`", word, "using TEMPLATE")
        } else if verb == Verb::Animate && !seen(Clause::From) && !seen(Clause::To) {
            message!("`{}` lacks the part of the video: `from TIME`, `to TIME` or both", word)
        } else {
            return;
        };
        let problem = Diagnostic::new(&codes::MISSING_CLAUSE, lacking);
        self.lacking = Some(problem.at(span, "").with_help(message!("write `{}`", verb.form())));
    }

    /// The only value of a clause; further ones are reported.
    fn only(&mut self, values: Vec<Value>, what: Message, clause: &str, otherwise: Span) -> Value {
        let mut values = values.into_iter();
        let first = values.next();
        if let Some(second) = values.next() {
            let message = message!("`{}` takes one {} here", clause, what);
            self.diagnostics.push(Diagnostic::new(&codes::MISPLACED_CLAUSE, message).at(second.span, ""));
        }
        first.unwrap_or_else(|| Value::error(otherwise))
    }
}
