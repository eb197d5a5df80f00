//! Puts values in place of names and expressions inside the fields of a record, so that templates see literals only.

use super::bindings::{Bindings, Meaning};
use super::read::Reader;
use super::scope::Scope;
use super::value::{Evaluator, is_value_word};
use crate::catalog::template as words;
use crate::diag::{Diagnostic, all_of, codes, message};
use crate::expression::Constant;
use crate::syntax::ast::{Field, Quantity, Record, Value, ValueKind};

/// The record with every name and expression replaced by its value; what depends on the source is reported.
///
/// Values that are not known while a procedure is only checked become holes that nobody complains about. A word of
/// the language wins over a name: `profile: main` is the profile, whatever `main` is bound to.
pub fn record(reader: &mut Reader<'_>, scope: &Scope<'_>, bindings: &Bindings, record: &Record) -> Record {
    let fields = record
        .fields
        .iter()
        .map(|field| Field { name: field.name.clone(), value: value(reader, scope, bindings, &field.value) });
    Record { fields: fields.collect(), ..record.clone() }
}

/// Nesting is limited before parsing, so this recursion is bounded.
fn value(reader: &mut Reader<'_>, scope: &Scope<'_>, bindings: &Bindings, written: &Value) -> Value {
    let kind = match &written.kind {
        ValueKind::Record(inner) => ValueKind::Record(record(reader, scope, bindings, inner)),
        ValueKind::List(elements) => {
            ValueKind::List(elements.iter().map(|element| value(reader, scope, bindings, element)).collect())
        }
        ValueKind::AtMost(inner) => ValueKind::AtMost(Box::new(value(reader, scope, bindings, inner))),
        ValueKind::Word(word) if is_value_word(word) || is_enum_word(word) || bindings.declared(word).is_none() => {
            return written.clone();
        }
        ValueKind::Word(_) | ValueKind::Path(_) | ValueKind::Not(_) | ValueKind::Binary { .. } => {
            let (_, evaluated) = Evaluator { scope, bindings }.infer(reader, written);
            match evaluated.meaning {
                Meaning::Constant(constant) => literal(&constant),
                Meaning::Template(template) => ValueKind::Word(template.head().name.clone()),
                Meaning::None => ValueKind::Word("none".into()),
                Meaning::Computed(expression) => {
                    let facts: Vec<String> =
                        expression.facts().iter().map(|fact| format!("source.{}", fact.word())).collect();
                    let message = message!("a field cannot depend on the source, this asks for {}", all_of(&facts));
                    let help = message!("choose between templates with `when`, or cap the value with `at_most`");
                    let problem = Diagnostic::new(&codes::SOURCE_DEPENDENT, message).at(written.span, "");
                    reader.diagnostics.push(problem.with_help(help));
                    ValueKind::Error
                }
                _ => ValueKind::Error,
            }
        }
        ValueKind::Text(_) | ValueKind::Quantity(_) | ValueKind::KeyedTable | ValueKind::Error => {
            return written.clone();
        }
    };
    Value { kind, span: written.span }
}

/// A constant as it would be written.
fn literal(constant: &Constant) -> ValueKind {
    use crate::units::TimePoint;
    ValueKind::Quantity(match constant {
        Constant::Number(number) => Quantity::Number(*number),
        Constant::Duration(duration) | Constant::Time(TimePoint::FromStart(duration)) => Quantity::Duration(*duration),
        Constant::Time(TimePoint::FromEnd(duration)) => Quantity::BeforeEnd(*duration),
        Constant::Percent(percent) | Constant::Time(TimePoint::Percent(percent)) => Quantity::Percent(*percent),
        Constant::Time(TimePoint::End) => return ValueKind::Word("end".into()),
        Constant::Bitrate(rate) => Quantity::Bitrate(*rate),
        Constant::Frequency(hertz) => Quantity::Frequency(*hertz),
        Constant::Pixels(pixels) => Quantity::Pixels(*pixels),
        Constant::Frames(frames) => Quantity::Frames(*frames),
        Constant::Color(color) => Quantity::Colour(*color),
        Constant::Bool(value) => return ValueKind::Word(value.to_string()),
        Constant::Text(text) => return ValueKind::Text(text.clone()),
        Constant::Word(word) => return ValueKind::Word((*word).to_owned()),
    })
}

/// Whether some field has this word among its own.
fn is_enum_word(word: &str) -> bool {
    const LISTS: &[&[&str]] = &[
        words::Container::WORDS,
        words::SegmentKind::WORDS,
        words::VideoCodec::WORDS,
        words::AudioCodec::WORDS,
        words::RateMode::WORDS,
        words::Fill::WORDS,
        words::Profile::WORDS,
        words::CodecTag::WORDS,
        words::VideoPixelFormat::WORDS,
        words::Hdr::WORDS,
        words::Deinterlace::WORDS,
        words::Denoise::WORDS,
        words::Upscale::WORDS,
        words::Speed::WORDS,
        words::Copy::WORDS,
        words::ImageFormat::WORDS,
        words::Corner::WORDS,
        words::Repeat::WORDS,
        words::AnimatedFormat::WORDS,
        words::AdaptiveFormat::WORDS,
        words::PackageSegments::WORDS,
        words::EncryptionMethod::WORDS,
        words::ReviewAction::WORDS,
        words::Notify::WORDS,
    ];
    LISTS.iter().any(|list| list.contains(&word))
}
