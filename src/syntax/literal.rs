//! Reads numbers with units, and the escapes of texts.

use super::ast::Quantity;
use crate::diag::{Diagnostic, all_of, codes, message, nearest};
use crate::text::Span;
use crate::units::{Bitrate, Duration, Percent, PictureSide, Rational};

/// Every unit, as messages list them.
const UNITS: &[&str] = &["ms", "s", "m", "h", "%", "kbps", "Mbps", "bps", "Hz", "kHz", "px", "frames"];

/// What a number with its unit means.
pub fn quantity(text: &str, span: Span) -> Result<Quantity, Diagnostic> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let read = unsigned(digits, span)?;
    if !negative {
        return Ok(read);
    }
    match read {
        Quantity::Number(number) => Ok(Quantity::Number(Rational::ZERO - number)),
        Quantity::Duration(duration) => Ok(Quantity::BeforeEnd(duration)),
        _ => Err(Diagnostic::new(&codes::OUT_OF_RANGE, message!("`{}` is below zero", text)).at(span, "")),
    }
}

fn unsigned(text: &str, span: Span) -> Result<Quantity, Diagnostic> {
    if text.contains(':') {
        return clock(text, span).map(Quantity::Duration);
    }
    if text.contains('/') {
        return number(text, span).map(Quantity::Fraction);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return colour(digits, text, span);
    }
    let unit_at = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(unit_at);
    let value = number(digits, span)?;
    let scaled = |factor: i64| value * Rational::from_integer(factor);
    Ok(match unit {
        "" => Quantity::Number(value),
        "%" => Quantity::Percent(Percent(value)),
        "px" => Quantity::Pixels(value),
        "frames" | "frame" => Quantity::Frames(value),
        "Hz" => Quantity::Frequency(value),
        "kHz" => Quantity::Frequency(scaled(1000)),
        "bps" => bitrate(value, text, span)?,
        "kbps" => bitrate(scaled(1000), text, span)?,
        "Mbps" => bitrate(scaled(1_000_000), text, span)?,
        "w%" | "h%" | "s%" | "l%" => {
            let side = unit.chars().next().and_then(PictureSide::from_letter).unwrap_or(PictureSide::Width);
            Quantity::SideShare(Percent(value), side)
        }
        _ => match spelled_duration(text) {
            Some(duration) => Quantity::Duration(duration),
            None => return Err(unknown_unit(unit, digits, span)),
        },
    })
}

fn number(digits: &str, span: Span) -> Result<Rational, Diagnostic> {
    digits.parse().map_err(|_| {
        Diagnostic::new(&codes::OUT_OF_RANGE, message!("the number has too many digits or no value")).at(span, "")
    })
}

fn bitrate(bits: Rational, text: &str, span: Span) -> Result<Quantity, Diagnostic> {
    match u64::try_from(bits.round()) {
        Ok(rate) if bits.is_integer() => Ok(Quantity::Bitrate(Bitrate(rate))),
        _ => Err(Diagnostic::new(&codes::OUT_OF_RANGE, message!("`{}` is no whole number of bits", text)).at(span, "")),
    }
}

fn colour(digits: &str, text: &str, span: Span) -> Result<Quantity, Diagnostic> {
    if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return u32::from_str_radix(digits, 16)
            .map(Quantity::Colour)
            .map_err(|_| Diagnostic::new(&codes::OUT_OF_RANGE, message!("`{}` is no colour", text)).at(span, ""));
    }
    Err(Diagnostic::new(&codes::WRONG_TYPE, message!("`{}` is no colour", text))
        .at(span, "")
        .with_help(message!("write a colour as `0xRRGGBB`")))
}

/// `1:02:03.5`
fn clock(text: &str, span: Span) -> Result<Duration, Diagnostic> {
    let mut seconds = Rational::ZERO;
    for (at, part) in text.split(':').enumerate() {
        let value = number(part, span)?;
        if at > 0 && value >= Rational::from_integer(60) {
            let message = message!("`{}` in `{}` is not below 60", part, text);
            return Err(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(span, ""));
        }
        seconds = seconds * Rational::from_integer(60) + value;
    }
    Ok(Duration::from_seconds(seconds))
}

/// `1h2m3.5s`, largest unit first; `None` if it is no such thing.
fn spelled_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = Rational::ZERO;
    let mut last = None;
    while !rest.is_empty() {
        let unit_at = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let (digits, tail) = rest.split_at(unit_at);
        let unit_end = tail.find(|sign: char| sign.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let (rank, size) = match unit {
            "h" => (0, Rational::from_integer(3600)),
            "m" => (1, Rational::from_integer(60)),
            "s" => (2, Rational::ONE),
            "ms" => (3, Rational::of(1, 1000)),
            _ => return None,
        };
        if last.is_some_and(|last| last >= rank) {
            return None;
        }
        last = Some(rank);
        seconds = seconds + digits.parse::<Rational>().ok()? * size;
        rest = tail;
    }
    Some(Duration::from_seconds(seconds))
}

fn unknown_unit(unit: &str, digits: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::new(&codes::MISSING_UNIT, message!("`{}` is no unit", unit)).at(span, "");
    let same = UNITS.iter().copied().find(|known| known.eq_ignore_ascii_case(unit));
    match same.or_else(|| nearest(unit, UNITS.iter().copied())) {
        Some(near) => {
            problem.with_help(message!("write `{}{}`", digits, near)).with_fix(span, format!("{digits}{near}"))
        }
        None => problem.with_help(message!("the units are {}", all_of(UNITS))),
    }
}

/// The content of a `.vod` text, without its quotes.
pub fn text(quoted: &str, span: Span) -> Result<String, Diagnostic> {
    let body = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (character, length) = match escape.chars().next() {
            Some('n') => ('\n', 1),
            Some('t') => ('\t', 1),
            Some(sign @ ('\\' | '"')) => (sign, 1),
            Some('u') => code_point(escape).ok_or_else(|| bad_escape("u", span))?,
            other => return Err(bad_escape(&other.map(String::from).unwrap_or_default(), span)),
        };
        out.push(character);
        rest = &escape[length..];
    }
    out.push_str(rest);
    Ok(out)
}

/// `u{6cd5}` and how long it is.
fn code_point(escape: &str) -> Option<(char, usize)> {
    let digits = escape.strip_prefix("u{")?;
    let end = digits.find('}').filter(|end| (1..=6).contains(end))?;
    let character = char::from_u32(u32::from_str_radix(&digits[..end], 16).ok()?)?;
    Some((character, "u{".len() + end + 1))
}

fn bad_escape(sign: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&codes::SYNTAX, message!("`\\{}` is no escape in a text", sign))
        .at(span, "")
        .with_help(message!("the escapes are `\\n` `\\t` `\\\\` `\\\"` `\\u{…}`"))
}

/// The content of a Lua string in quotes; escapes that Lua does not know stand for themselves, as in Lua 5.1.
pub fn lua_text(quoted: &str) -> String {
    let body = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
    let mut out: Vec<u8> = Vec::with_capacity(body.len());
    let mut bytes = body.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(digit @ b'0'..=b'9') => {
                let mut code = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(next) = bytes.next_if(u8::is_ascii_digit) else { break };
                    code = code * 10 + u32::from(next - b'0');
                }
                out.push(u8::try_from(code).unwrap_or(b'?'));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A Lua number, exactly.
pub fn lua_number(text: &str) -> Option<Rational> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let lower = digits.to_ascii_lowercase();
    let value = if let Some(hex) = lower.strip_prefix("0x") {
        Rational::new(i128::from(u64::from_str_radix(hex, 16).ok()?), 1)?
    } else {
        let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
        let mantissa = if mantissa.starts_with('.') { format!("0{mantissa}") } else { mantissa.to_owned() };
        let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 18)?;
        let power = Rational::from_integer(10i64.pow(exponent.unsigned_abs()));
        let value: Rational = mantissa.parse().ok()?;
        if exponent < 0 { value.checked_div(power)? } else { value * power }
    };
    Some(if negative { Rational::ZERO - value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceMap;

    fn read(text: &str) -> String {
        let span = SourceMap::default().add("t", text).span(0, text.len());
        match quantity(text, span) {
            Ok(quantity) => format!("{quantity:?}"),
            Err(problem) => format!("{}: {}; {}", problem.code.id, problem.message, problem.help.unwrap_or_default()),
        }
    }

    #[test]
    fn every_unit_is_exact() {
        for (text, seconds) in [
            ("90s", "90"),
            ("1m30s", "90"),
            ("500ms", "1/2"),
            ("1:02:03.5", "7447/2"),
            ("2h", "7200"),
            ("1m0.5s", "121/2"),
        ] {
            let span = SourceMap::default().add("t", text).span(0, text.len());
            let Ok(Quantity::Duration(duration)) = quantity(text, span) else { panic!("{text}") };
            assert_eq!(duration.seconds().to_string(), seconds, "{text}");
        }
        assert_eq!(read("1.8Mbps"), "Bitrate(Bitrate(1800000))");
        assert!(read("44.1kHz").contains("44100"));
        assert!(read("-5s").starts_with("BeforeEnd"));
        assert!(read("30000/1001").starts_with("Fraction"));
        assert_eq!(read("0x00ff00"), "Colour(65280)");
    }

    #[test]
    fn mistakes_name_the_nearest_unit() {
        assert_eq!(read("1800kpbs"), "E0302: `kpbs` is no unit; write `1800kbps`");
        assert_eq!(read("44KHZ"), "E0302: `KHZ` is no unit; write `44kHz`");
        assert!(read("5秒").starts_with("E0302: `秒` is no unit; the units are"));
        assert!(read("1:75").starts_with("E0303"));
        assert!(read("-5%").starts_with("E0303"));
        assert!(read("1s30m").starts_with("E0302"));
        assert_eq!(read("10w%").split(',').next_back(), Some(" Width)"));
        assert!(read("99999999999999999999999999999999999999999").starts_with("E0303"));
    }

    #[test]
    fn lua_numbers_and_texts() {
        let number = |text| lua_number(text).map(|value: Rational| value.to_string());
        assert_eq!(number("0x1F").as_deref(), Some("31"));
        assert_eq!(number("-1.5e3").as_deref(), Some("-1500"));
        assert_eq!(number(".5").as_deref(), Some("1/2"));
        assert_eq!(number("1e999"), None);
        assert_eq!(lua_text(r#"'a\'b\n\65'"#), "a'b\nA");
    }
}
