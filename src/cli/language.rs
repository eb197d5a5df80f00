//! The language of the words for people: asked for with `--language`, else that of the locale.

use crate::diag::Language;
use clap::ValueEnum;
use std::ffi::OsString;

/// A language as the command line names it.
#[derive(Clone, Copy, ValueEnum)]
pub enum Tongue {
    /// English
    En,
    /// Chinese
    Zh,
}

/// The language asked for, else that of the first locale variable that says something, in the order of POSIX.
pub fn chosen(asked: Option<Tongue>, variable: impl Fn(&str) -> Option<OsString>) -> Language {
    match asked {
        Some(Tongue::En) => Language::English,
        Some(Tongue::Zh) => Language::Chinese,
        None => {
            let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|said| !said.is_empty());
            said.and_then(|locale| locale.into_string().ok())
                .map_or(Language::English, |locale| Language::of_locale(&locale))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_then_the_first_variable_that_is_not_empty() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, OsString)> =
                pairs.iter().map(|(name, value)| ((*name).into(), value.into())).collect();
            move |name: &str| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
        };
        assert_eq!(chosen(None, of(&[("LANG", "zh_CN.UTF-8")])), Language::Chinese);
        assert_eq!(chosen(None, of(&[("LC_ALL", ""), ("LC_MESSAGES", "zh_CN"), ("LANG", "C")])), Language::Chinese);
        assert_eq!(chosen(None, of(&[("LC_ALL", "C"), ("LANG", "zh_CN")])), Language::English);
        assert_eq!(chosen(None, of(&[])), Language::English);
        assert_eq!(chosen(Some(Tongue::En), of(&[("LANG", "zh_CN")])), Language::English);
        assert_eq!(chosen(Some(Tongue::Zh), of(&[])), Language::Chinese);
    }
}
