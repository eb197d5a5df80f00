//! A comparison of a script as a condition of the language, and what answered comparisons settle.

use crate::diag::{Message, message};
use crate::world::{ScriptDecision, ScriptExpression, ScriptValue};

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Number,
    KilobitsPerSecond,
    Seconds,
}

/// A comparison in the words of the language, and what it says where one fact is compared with one constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// It holds.
    pub holds: String,
    /// It does not.
    pub fails: String,
    claim: Option<Claim>,
}

/// What a comparison says of one fact.
#[derive(Debug, Clone, PartialEq)]
enum Claim {
    /// Less than, or at most, a number.
    Below { fact: String, bound: f64, inclusive: bool },
    /// More than, or at least, a number.
    Above { fact: String, bound: f64, inclusive: bool },
    /// Exactly a number.
    Number { fact: String, value: f64 },
    /// Exactly a text.
    Text { fact: String, value: String },
    /// There is such a stream.
    Has { fact: String },
}

/// The facts of a script as facts of the language.
const FACTS: &[(&str, &str, Measure)] = &[
    ("metaData.size", "source.size", Measure::Number),
    ("metaData.width", "source.width", Measure::Number),
    ("metaData.height", "source.height", Measure::Number),
    ("metaData.bitrate", "source.bitrate", Measure::KilobitsPerSecond),
    ("metaData.duration", "source.duration", Measure::Seconds),
    ("metaData.videoStreamList[1].width", "source.width", Measure::Number),
    ("metaData.videoStreamList[1].height", "source.height", Measure::Number),
    ("metaData.videoStreamList[1].fps", "source.fps", Measure::Number),
];

/// The facts that are texts.
const TEXTS: &[(&str, &str)] = &[
    ("metaData.container", "source.container"),
    ("metaData.videoStreamList[1].codec", "source.video_codec"),
    ("metaData.audioStreamList[1].codec", "source.audio_codec"),
    ("sourceType", "source.kind"),
];

/// Lists of streams, as the language asks for them.
const LISTS: &[(&str, &str)] =
    &[("metaData.videoStreamList", "source.has_video"), ("metaData.audioStreamList", "source.has_audio")];

fn list(path: &str) -> Option<&'static str> {
    LISTS.iter().find(|(known, _)| *known == path).map(|(_, word)| *word)
}

impl Condition {
    /// The condition of a comparison, or why there is none.
    pub fn of(decision: &ScriptDecision) -> Result<Condition, Message> {
        let (left, right) = (&decision.left, &decision.right);
        match (decision.operator.as_str(), left, right) {
            ("has", ScriptExpression::Fact(path), _) => list(path).map(Condition::has).ok_or_else(|| no_fact(path)),
            (_, ScriptExpression::Fact(path), ScriptExpression::Value(ScriptValue::Number(number)))
                if path.starts_with('#') =>
            {
                Condition::count(&path[1..], &decision.operator, *number)
            }
            (_, ScriptExpression::Value(ScriptValue::Number(number)), ScriptExpression::Fact(path))
                if path.starts_with('#') =>
            {
                let operator = match decision.operator.as_str() {
                    "<" => ">",
                    "<=" => ">=",
                    same => same,
                };
                Condition::count(&path[1..], operator, *number)
            }
            ("==", ScriptExpression::Fact(path), ScriptExpression::Value(ScriptValue::Text(text)))
            | ("==", ScriptExpression::Value(ScriptValue::Text(text)), ScriptExpression::Fact(path)) => {
                Condition::text(path, text)
            }
            _ => Condition::numbers(&decision.operator, left, right),
        }
    }

    fn has(word: &str) -> Condition {
        let claim = Some(Claim::Has { fact: word.to_owned() });
        Condition { holds: word.to_owned(), fails: format!("not {word}"), claim }
    }

    /// How many streams there are decides only whether there are any.
    fn count(path: &str, operator: &str, number: f64) -> Result<Condition, Message> {
        let has = list(path).map(Condition::has).ok_or_else(|| no_fact(path))?;
        let any = matches!((operator, number), (">", 0.0) | (">=", 1.0));
        let none = matches!((operator, number), ("<", 1.0) | ("<=", 0.0) | ("==", 0.0));
        if any {
            return Ok(has);
        }
        // Its claim is the other way round, so none is made.
        let turned = Condition { holds: has.fails, fails: has.holds, claim: None };
        none.then_some(turned).ok_or_else(|| message!("the number of streams is counted"))
    }

    fn text(path: &str, text: &str) -> Result<Condition, Message> {
        let (_, word) = TEXTS.iter().find(|(known, _)| *known == path).ok_or_else(|| no_fact(path))?;
        let text = if *word == "source.kind" { text.to_lowercase() } else { text.to_owned() };
        if text.contains(['"', '\\', '\n']) || text.is_empty() {
            return Err(message!("a fact is compared with a text that it never is"));
        }
        let claim = Some(Claim::Text { fact: (*word).to_owned(), value: text.clone() });
        Ok(Condition { holds: format!("{word} == \"{text}\""), fails: format!("{word} != \"{text}\""), claim })
    }

    fn numbers(operator: &str, left: &ScriptExpression, right: &ScriptExpression) -> Result<Condition, Message> {
        let (left_side, right_side) = (Side::of(left)?, Side::of(right)?);
        let measure = left_side.measure.or(right_side.measure).unwrap_or(Measure::Number);
        let fits = |side: &Side| side.measure.is_none_or(|own| own == measure);
        if !fits(&left_side) || !fits(&right_side) {
            return Err(message!("facts of different kinds are compared"));
        }
        let (left_text, right_text) = (left_side.text(measure)?, right_side.text(measure)?);
        // The fact comes first, as people write it.
        let turned = left_side.measure.is_none();
        let (first, second) = if turned { (right_text, left_text) } else { (left_text, right_text) };
        let (holds, fails) = match (operator, turned) {
            ("<", false) => ("<", ">="),
            ("<", true) => (">", "<="),
            ("<=", false) => ("<=", ">"),
            ("<=", true) => (">=", "<"),
            _ => ("==", "!="),
        };
        let claim = claim(holds, left, right);
        Ok(Condition { holds: format!("{first} {holds} {second}"), fails: format!("{first} {fails} {second}"), claim })
    }
}

/// What a comparison says, with the fact on the left.
fn claim(operator: &str, left: &ScriptExpression, right: &ScriptExpression) -> Option<Claim> {
    let (path, bound) = match (left, right) {
        (ScriptExpression::Fact(path), ScriptExpression::Value(ScriptValue::Number(bound)))
        | (ScriptExpression::Value(ScriptValue::Number(bound)), ScriptExpression::Fact(path)) => (path, *bound),
        _ => return None,
    };
    let fact = FACTS.iter().find(|(known, _, _)| known == path)?.1.to_owned();
    Some(match operator {
        "<" | "<=" => Claim::Below { fact, bound, inclusive: operator == "<=" },
        ">" | ">=" => Claim::Above { fact, bound, inclusive: operator == ">=" },
        _ => Claim::Number { fact, value: bound },
    })
}

fn no_fact(path: &str) -> Message {
    message!("the language has no fact for `{}`", path)
}

/// A side of a comparison of numbers.
enum SideKind {
    Constant(f64),
    Words(String),
}

struct Side {
    kind: SideKind,
    /// `None` for a constant.
    measure: Option<Measure>,
}

impl Side {
    /// The depth of what a script computes was bounded when it was read.
    fn of(expression: &ScriptExpression) -> Result<Side, Message> {
        match expression {
            ScriptExpression::Value(ScriptValue::Number(number)) => {
                Ok(Side { kind: SideKind::Constant(*number), measure: None })
            }
            ScriptExpression::Value(_) => Err(message!("a fact is compared with a value that it never is")),
            ScriptExpression::Fact(path) => {
                let (_, word, measure) =
                    FACTS.iter().find(|(known, _, _)| known == path).ok_or_else(|| no_fact(path))?;
                Ok(Side { kind: SideKind::Words((*word).to_owned()), measure: Some(*measure) })
            }
            ScriptExpression::Computed(operator, sides) => {
                Side::computed(operator, Side::of(&sides.0)?, Side::of(&sides.1)?)
            }
        }
    }

    fn computed(operator: &str, left: Side, right: Side) -> Result<Side, Message> {
        let refuse = || message!("facts are counted with in a way that the language has no words for");
        let (as_left, as_right, measure) = match (operator, left.measure, right.measure) {
            ("+" | "-", one, other) if one.is_none() || other.is_none() || one == other => {
                let measure = one.or(other).ok_or_else(refuse)?;
                (measure, measure, measure)
            }
            ("*", Some(measure), None | Some(Measure::Number)) | ("/", Some(measure), None) => {
                (measure, Measure::Number, measure)
            }
            ("*", None, Some(measure)) => (Measure::Number, measure, measure),
            _ => return Err(refuse()),
        };
        let text = format!("({} {operator} {})", left.text(as_left)?, right.text(as_right)?);
        Ok(Side { kind: SideKind::Words(text), measure: Some(measure) })
    }

    /// In words, a constant with its unit.
    fn text(&self, measure: Measure) -> Result<String, Message> {
        let number = match &self.kind {
            SideKind::Words(words) => return Ok(words.clone()),
            SideKind::Constant(number) => *number,
        };
        if !number.is_finite() || !(0.0..1e15).contains(&number) {
            return Err(message!("a fact is compared with a number that it never is"));
        }
        let unit = match measure {
            Measure::Number => "",
            Measure::KilobitsPerSecond => "kbps",
            Measure::Seconds => "s",
        };
        Ok(format!("{number}{unit}"))
    }
}

/// What is known on one way through a script.
#[derive(Debug, Clone, Default)]
pub struct Known(Vec<(Claim, bool)>);

impl Known {
    /// With one more answer.
    pub fn with(&self, condition: &Condition, holds: bool) -> Known {
        let mut known = self.clone();
        known.0.extend(condition.claim.clone().map(|claim| (claim, holds)));
        known
    }

    /// Whether what is known leaves only one answer; `None` where it leaves both, or cannot tell.
    pub fn settles(&self, condition: &Condition) -> Option<bool> {
        let asked = condition.claim.as_ref()?;
        self.0.iter().find_map(|(claim, holds)| implied(claim, *holds, asked))
    }
}

/// What one answered claim says about another.
fn implied(claim: &Claim, holds: bool, asked: &Claim) -> Option<bool> {
    if claim == asked {
        return Some(holds);
    }
    match (claim, asked) {
        (Claim::Text { fact, .. }, Claim::Text { fact: same, .. }) if fact == same && holds => Some(false),
        (Claim::Has { .. } | Claim::Text { .. }, _) | (_, Claim::Has { .. } | Claim::Text { .. }) => None,
        _ => {
            let (fact, low, high) = interval(claim, holds)?;
            let (other, from, to) = interval(asked, true)?;
            if fact != other {
                return None;
            }
            // Bounds are numbers with a side: (512, 1) is right above 512, (512, 0) is 512, (512, -1) right below.
            if from <= low && high <= to {
                return Some(true);
            }
            (high < from || to < low).then_some(false)
        }
    }
}

type Bound = (f64, i8);

/// The smallest and the largest value that a claim leaves.
fn interval(claim: &Claim, holds: bool) -> Option<(&str, Bound, Bound)> {
    let (least, most) = ((f64::NEG_INFINITY, 0), (f64::INFINITY, 0));
    match (claim, holds) {
        (Claim::Below { fact, bound, inclusive }, true) => {
            Some((fact, least, (*bound, if *inclusive { 0 } else { -1 })))
        }
        (Claim::Below { fact, bound, inclusive }, false) => Some((fact, (*bound, i8::from(*inclusive)), most)),
        (Claim::Above { fact, bound, inclusive }, true) => Some((fact, (*bound, i8::from(!*inclusive)), most)),
        (Claim::Above { fact, bound, inclusive }, false) => {
            Some((fact, least, (*bound, if *inclusive { -1 } else { 0 })))
        }
        (Claim::Number { fact, value }, true) => Some((fact, (*value, 0), (*value, 0))),
        _ => None,
    }
}
