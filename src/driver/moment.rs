//! Moments that are given outside of a procedure.

use crate::syntax::{Quantity, quantity};
use crate::text::SourceMap;
use crate::units::TimePoint;

/// A moment as the language writes it: `12s`, `-5s`, `50%`, `end`.
pub fn moment(text: &str) -> Option<TimePoint> {
    if text == "end" {
        return Some(TimePoint::End);
    }
    let source = SourceMap::default().add("<time>", text);
    match quantity(text, source.span(0, text.len())).ok()? {
        Quantity::Duration(duration) => Some(TimePoint::FromStart(duration)),
        Quantity::BeforeEnd(duration) => Some(TimePoint::FromEnd(duration)),
        Quantity::Percent(percent) => Some(TimePoint::Percent(percent)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_in_procedures() {
        let read = |text: &str| moment(text).map_or("none".to_owned(), |at| at.to_string());
        for text in ["12s", "1m30s", "-5s", "50%", "end"] {
            assert_eq!(read(text), text);
        }
        assert_eq!(["", "12", "soon", "1800kbps", "--5s"].map(read), ["none"; 5]);
    }
}
