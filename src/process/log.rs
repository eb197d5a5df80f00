//! What a child says, kept in bounded memory: the ends of a log, and lines of a stream.

use std::collections::VecDeque;

/// The first and the last part of a log (`reliability.md` R12).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoundedLog {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl BoundedLog {
    /// Bytes kept of either end.
    const PART: usize = 64 << 10;

    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = (Self::PART - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend(&bytes[room..]);
        let excess = self.tail.len().saturating_sub(Self::PART);
        self.tail.drain(..excess);
        self.left_out += excess as u64;
    }

    /// The text; what was left out in the middle is said in brackets, control characters are replaced.
    pub fn text(&self) -> String {
        let mut bytes = self.head.clone();
        if self.left_out > 0 {
            bytes.extend_from_slice(format!("\n[{} bytes left out]\n", self.left_out).as_bytes());
        }
        bytes.extend(&self.tail);
        let clean = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
        String::from_utf8_lossy(&bytes).replace('\r', "\n").chars().map(clean).collect()
    }
}

/// Cuts a stream of bytes into lines. Overlong lines are cut short: nothing of ours has them.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    const LONGEST: usize = 16 << 10;

    /// Calls `take` for every line that is complete with these bytes.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = Self::LONGEST.saturating_sub(self.rest.len());
            self.rest.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                take(String::from_utf8_lossy(&self.rest).trim_end());
                self.rest.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_keeps_its_ends() {
        let mut log = BoundedLog::default();
        log.push(b"first\n");
        for _ in 0..1000 {
            log.push(&[b'x'; 1000]);
        }
        log.push(b"\nlast");
        let text = log.text();
        assert!(text.starts_with("first\n") && text.ends_with("\nlast") && text.contains("bytes left out"));
        assert!(text.len() < 2 * BoundedLog::PART + 100);
    }

    #[test]
    fn lines_are_put_together_and_bounded() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for piece in [&b"a\nb"[..], b"c\r\n", &[b'x'; 100_000], b"\nd"] {
            lines.push(piece, |line| seen.push(line.to_owned()));
        }
        assert_eq!(seen[..2], ["a", "bc"]);
        assert_eq!((seen.len(), seen[2].len()), (3, Lines::LONGEST));
    }
}
