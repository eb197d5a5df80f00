//! How much of a plan is shown.

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Outputs and counts.
    Short,
    /// Also the work behind them, and the first reason why a stream is not copied.
    Default,
    /// Also every clause, the rules and the processes.
    Full,
}

impl Detail {
    /// The words of the command line.
    pub const WORDS: [&'static str; 3] = ["short", "default", "full"];

    /// Reads a word of the command line.
    pub fn from_word(word: &str) -> Option<Self> {
        let at = Detail::WORDS.iter().position(|known| *known == word)?;
        [Detail::Short, Detail::Default, Detail::Full].get(at).copied()
    }
}
