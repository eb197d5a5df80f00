//! Binds the arguments of a call to the parameters of a procedure, with the liberties that preset calls take.

use super::bindings::{Bindings, Bound, Declaration, Evaluated, Meaning};
use super::expand::Calls;
use super::read::Reader;
use super::scope::Scope;
use super::value::Evaluator;
use super::value_type::Type;
use crate::catalog::template::{Origin, TemplateKind};
use crate::diag::{Diagnostic, Fix, Message, all_of, codes, message, nearest};
use crate::syntax::ast::{Argument, Call, Parameter, Procedure, Quantity, Value, ValueKind};
use crate::text::Span;
use crate::units::Rational;

/// First words of statements, for near names.
const VERBS: &[&str] = &["transcode", "adaptive", "snapshot", "sample", "sprite", "cover", "animate", "review"];

/// What is known of names that occur in the wild and that this version does not have.
fn known_elsewhere(name: &str) -> Option<Message> {
    match name {
        "QCVB_ConvertAndReplace" => Some(message!("the documentation names it without saying what it does")),
        "QCVB_CommonProcessFile" => {
            Some(message!("it was withdrawn; `QCVB_SimpleProcessFile` and `QCVB_ProcessUGCFile` remain"))
        }
        _ => None,
    }
}

/// A procedure to call and the types of its parameters.
pub struct Signature<'p> {
    /// The procedure.
    pub procedure: &'p Procedure,
    /// In the order of its parameters.
    pub kinds: Vec<Type>,
    /// Presets are the system's procedures.
    pub origin: Origin,
}

impl<'p> Signature<'p> {
    /// Reads the types of a procedure's parameters.
    pub fn of(procedure: &'p Procedure, origin: Origin, reader: &mut Reader<'_>) -> Self {
        let kinds = procedure.parameters.iter().map(|parameter| Type::read(&parameter.type_name, reader)).collect();
        Signature { procedure, kinds, origin }
    }
}

/// The message for a call of something that does not exist.
pub fn unknown_procedure(scope: &Scope<'_>, call: &Call) -> Diagnostic {
    let name = call.name.value.as_str();
    let span = call.name.span;
    let problem = Diagnostic::new(&codes::UNKNOWN_PROCEDURE, message!("the procedure `{}` does not exist", name));
    let problem = problem.about_word(name).at(span, "");
    if let Some(why) = known_elsewhere(name) {
        return problem.with_help(why);
    }
    if scope.is_template_name(name) {
        return problem.with_help(message!(
            "`{}` is a template; a statement such as `transcode {}` uses it",
            name,
            name
        ));
    }
    let names = scope.procedure_names();
    let candidates = names.iter().copied().chain(VERBS.iter().copied());
    let same = names.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
    match same.or_else(|| nearest(name, candidates)) {
        Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
        None if names.len() <= 8 => problem.with_help(message!("the procedures are {}", all_of(&names))),
        None => problem,
    }
}

/// Binds a call's arguments; `caller` are the parameters that the arguments may name. `None` after an error.
pub fn bind(
    reader: &mut Reader<'_>,
    scope: &Scope<'_>,
    signature: &Signature<'_>,
    call: &Call,
    caller: &Bindings,
    calls: Calls,
) -> Option<Bindings> {
    let errors = error_count(reader);
    if let Some(problem) = table_of_everything(signature, call) {
        return reader.report(problem);
    }
    let before = error_count(reader);
    let given = assign(reader, signature, call);
    // What is wrong with the arguments given may be why one is missing.
    let assigned = error_count(reader) == before;
    let mut bindings = Bindings::default();
    let evaluator = Evaluator { scope, bindings: caller };
    for ((parameter, kind), argument) in signature.procedure.parameters.iter().zip(&signature.kinds).zip(given) {
        let value = match argument {
            Some(argument) if signature.origin == Origin::System => preset_value(reader, &evaluator, argument, kind),
            Some(argument) => evaluator.evaluate(reader, argument, kind),
            // Defaults are checked where they are declared; their values matter only where the call is followed.
            None if calls == Calls::Checked && parameter.default.is_some() => {
                Evaluated { meaning: Meaning::Unknown, span: call.span }
            }
            None if !assigned && parameter.default.is_none() => {
                Evaluated { meaning: Meaning::Unknown, span: call.span }
            }
            None => default_value(reader, scope, signature, call, parameter, kind),
        };
        let declared = parameter.name.span;
        let bound = Bound { of: kind.clone(), value, declared, as_what: Declaration::Parameter };
        bindings.bind(&parameter.name.value, bound);
    }
    (error_count(reader) == errors).then_some(bindings)
}

fn error_count(reader: &Reader<'_>) -> usize {
    reader.diagnostics.iter().filter(|problem| problem.code.id.starts_with('E')).count()
}

/// The argument of each parameter.
fn assign<'c>(reader: &mut Reader<'_>, signature: &Signature<'_>, call: &'c Call) -> Vec<Option<&'c Value>> {
    let parameters = &signature.procedure.parameters;
    let mut given: Vec<Option<&Value>> = vec![None; parameters.len()];
    let mut positional = 0;
    let mut named = false;
    for argument in &call.arguments {
        let index = match &argument.name {
            Some(name) => {
                named = true;
                match parameters.iter().position(|parameter| parameter.name.value == name.value) {
                    Some(index) => index,
                    None => {
                        reader.diagnostics.push(unknown_argument(signature, &name.value, name.span));
                        continue;
                    }
                }
            }
            None if named => {
                let problem = Diagnostic::new(
                    &codes::ARGUMENT_COUNT,
                    message!("an argument without name follows one with a name"),
                );
                reader.diagnostics.push(problem.at(argument.value.span, ""));
                continue;
            }
            None => {
                positional += 1;
                positional - 1
            }
        };
        match given.get_mut(index) {
            None => {
                if !signature.procedure.parameters_damaged {
                    reader.diagnostics.push(too_many(signature, call));
                }
                return given;
            }
            Some(slot @ None) => *slot = Some(&argument.value),
            Some(Some(first)) => {
                let message = message!("`{}` is given twice", &parameters[index].name.value);
                let span = argument.name.as_ref().map_or(argument.value.span, |name| name.span);
                let problem = Diagnostic::new(&codes::DUPLICATE_FIELD, message).at(span, "");
                reader.diagnostics.push(problem.with_label(first.span, message!("first given here")));
            }
        }
    }
    given
}

fn too_many(signature: &Signature<'_>, call: &Call) -> Diagnostic {
    let takes = signature.procedure.parameters.len();
    let given = call.arguments.len();
    let span = call.arguments.get(takes).map_or(call.span, |argument| argument.value.span);
    let name = &call.name.value;
    let message = match takes {
        1 => message!("`{}` takes at most 1 argument, {} are given", name, given),
        _ => message!("`{}` takes at most {} arguments, {} are given", name, takes, given),
    };
    let problem = Diagnostic::new(&codes::ARGUMENT_COUNT, message).at(span, "");
    problem.with_help(message!("its parameters are {}", all_of(&parameter_names(signature))))
}

fn parameter_names<'p>(signature: &Signature<'p>) -> Vec<&'p str> {
    signature.procedure.parameters.iter().map(|parameter| parameter.name.value.as_str()).collect()
}

fn unknown_argument(signature: &Signature<'_>, name: &str, span: Span) -> Diagnostic {
    let procedure = &signature.procedure.name.value;
    let names = parameter_names(signature);
    let problem = Diagnostic::new(&codes::UNKNOWN_ARGUMENT, message!("`{}` has no parameter `{}`", procedure, name));
    let problem = problem.at(span, "");
    match nearest(name, names.iter().copied()) {
        Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
        None if names.is_empty() => problem.with_help(message!("`{}` has no parameters", procedure)),
        None => problem.with_help(message!("its parameters are {}", all_of(&names))),
    }
}

fn default_value(
    reader: &mut Reader<'_>,
    scope: &Scope<'_>,
    signature: &Signature<'_>,
    call: &Call,
    parameter: &Parameter,
    kind: &Type,
) -> Evaluated {
    match &parameter.default {
        Some(default) => {
            let nothing_bound = Bindings::default();
            Evaluator { scope, bindings: &nothing_bound }.evaluate(reader, default, kind)
        }
        None => {
            if !call.damaged {
                let (procedure, name) = (&signature.procedure.name.value, &parameter.name.value);
                let message = message!("the call of `{}` lacks the argument `{}`", procedure, name);
                let problem = Diagnostic::new(&codes::ARGUMENT_COUNT, message).at(call.span, "");
                reader
                    .diagnostics
                    .push(problem.with_label(parameter.name.span, message!("a `{}`, without a default", kind)));
            }
            Evaluated { meaning: Meaning::Unknown, span: call.span }
        }
    }
}

/// An argument of a preset call (`vod.md` A.2): `nil` and 0 are nothing, 1 is the configured default.
fn preset_value(reader: &mut Reader<'_>, evaluator: &Evaluator<'_, '_>, value: &Value, kind: &Type) -> Evaluated {
    let evaluated = |meaning| Evaluated { meaning, span: value.span };
    let list = matches!(kind.required(), Type::List(_));
    match &value.kind {
        ValueKind::Word(word) if word == "nil" && kind.is_optional() => evaluated(Meaning::None),
        ValueKind::Quantity(Quantity::Number(number)) if kind.is_optional() => {
            if *number == Rational::ZERO {
                return evaluated(Meaning::None);
            }
            let has_default = list || *kind.required() == Type::Template(TemplateKind::Watermark);
            if *number == Rational::ONE && has_default {
                return evaluated(Meaning::Default);
            }
            let result = evaluator.evaluate(reader, value, kind);
            if list && matches!(&result.meaning, Meaning::List(_)) {
                let written = number.to_decimal(6);
                let problem = Diagnostic::new(
                    &codes::BARE_ID,
                    message!("the single id `{}` stands where a list is documented", &written),
                );
                let fixed = format!("{{{written}}}");
                let problem = problem.at(value.span, "").with_help(message!("write `{}`", &fixed));
                reader.diagnostics.push(problem.with_fix(value.span, fixed));
            }
            result
        }
        ValueKind::List(elements) if list && elements.iter().any(is_one) => {
            for one in elements.iter().filter(|element| is_one(element)) {
                let problem = Diagnostic::new(&codes::NUMBER_ONE, message!("`1` inside a list is no template"));
                let help = message!("write `1` without braces for the configured default set");
                reader.diagnostics.push(problem.at(one.span, "").with_help(help));
            }
            let others = elements.iter().filter(|element| !is_one(element)).cloned().collect();
            let rest = Value { kind: ValueKind::List(others), span: value.span };
            drop(evaluator.evaluate(reader, &rest, kind));
            evaluated(Meaning::Unknown)
        }
        ValueKind::Text(_) if !matches!(kind.required(), Type::Scalar(_)) => {
            reader.wrong_type::<()>(value, message!("a template id"));
            evaluated(Meaning::Unknown)
        }
        _ => evaluator.evaluate(reader, value, kind),
    }
}

fn number(value: &Value) -> Option<Rational> {
    match value.kind {
        ValueKind::Quantity(Quantity::Number(number)) => Some(number),
        _ => None,
    }
}

fn is_one(value: &Value) -> bool {
    number(value) == Some(Rational::ONE)
}

/// `({1,1,1,1})`: one table that cannot be a list of ids and looks like the arguments.
fn table_of_everything(signature: &Signature<'_>, call: &Call) -> Option<Diagnostic> {
    let [Argument { name: None, value }] = call.arguments.as_slice() else { return None };
    let ValueKind::List(elements) = &value.kind else { return None };
    let no_id = |element: &Value| match &element.kind {
        ValueKind::Word(word) => word == "nil",
        ValueKind::List(_) => true,
        _ => number(element).is_some_and(|number| number <= Rational::ONE && number >= Rational::ZERO),
    };
    if signature.origin != Origin::System || elements.len() < 2 || !elements.iter().any(no_id) {
        return None;
    }
    let (start, end) = (value.span.start as usize, value.span.end as usize);
    let brace = |start: usize| Span::new(value.span.source, start, start + 1);
    let mut problem = Diagnostic::new(&codes::TABLE_OF_EVERYTHING, message!("all arguments are wrapped in one table"))
        .at(
            value.span,
            message!("this is one argument, the `{}`", *parameter_names(signature).first().unwrap_or(&"first")),
        )
        .with_help(message!(
            "take the braces away; only the list of transcode templates has them, as in `({10,20}, 0, 10, 10)`"
        ));
    problem.fix =
        Some(Fix { edits: vec![(brace(start), String::new()), (brace(end.saturating_sub(1)), String::new())] });
    Some(problem)
}
