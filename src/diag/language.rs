//! The languages that diagnostics are said in, and the table of translations.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A language for people. Codes, keywords and names are the same in all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// What the sources are written in.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// The language of a locale's name, as in `LANG`: `zh_CN.UTF-8` is Chinese, all else English.
    pub fn of_locale(locale: &str) -> Language {
        let tongue = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if tongue.eq_ignore_ascii_case("zh") { Language::Chinese } else { Language::English }
    }
}

/// Pattern and translation, in the order of the table.
pub fn chinese() -> impl Iterator<Item = (&'static str, &'static str)> {
    entries(include_str!("zh.txt"))
}

/// The pattern in a language; itself where there is no translation.
pub(super) fn translation(pattern: &'static str, language: Language) -> &'static str {
    static CHINESE: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    match language {
        Language::English => pattern,
        Language::Chinese => CHINESE.get_or_init(|| chinese().collect()).get(pattern).copied().unwrap_or(pattern),
    }
}

/// A line with the pattern, a line `= translation`; lines that start with `#` are notes.
fn entries(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut pattern = "";
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(move |line| {
        match line.strip_prefix("= ") {
            Some(translation) => Some((pattern, translation)),
            None => {
                pattern = line;
                None
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_that_start_with_zh_are_chinese() {
        for locale in ["zh_CN.UTF-8", "zh", "ZH-hans", "zh@pinyin"] {
            assert_eq!(Language::of_locale(locale), Language::Chinese, "{locale}");
        }
        for locale in ["C", "POSIX", "", "en_GB.UTF-8", "zha_CN"] {
            assert_eq!(Language::of_locale(locale), Language::English, "{locale}");
        }
    }
}
