//! Names of outputs (`language.md` 5, *Names*; `vod.md` E.6).

use crate::plan::OutputPath;
use std::collections::BTreeMap;

/// Gives every output its own place below the output folder.
#[derive(Debug, Default)]
pub struct Names {
    /// Folded path → the template it was given to.
    taken: BTreeMap<String, String>,
}

/// A name that two different templates would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTaken {
    /// The name.
    pub path: String,
    /// The template that has it.
    pub by: String,
}

impl Names {
    /// The path made by `path` from a stem; asked for again by the same template, the stem gets `_2`, `_3` ….
    pub fn assign(
        &mut self,
        template: &str,
        stem: &str,
        path: impl Fn(&str) -> String,
    ) -> Result<OutputPath, NameTaken> {
        let stem = safe_part(stem);
        for count in 1.. {
            let candidate = path(&if count == 1 { stem.clone() } else { format!("{stem}_{count}") });
            match self.taken.get(&folded(&candidate)) {
                Some(by) if by == template => {}
                Some(by) => return Err(NameTaken { path: candidate, by: by.clone() }),
                None => {
                    let fits = OutputPath::new(&candidate);
                    self.taken.insert(folded(&candidate), template.to_owned());
                    return fits.ok_or(NameTaken { path: candidate, by: "the file system".to_owned() });
                }
            }
        }
        Err(NameTaken { path: stem, by: template.to_owned() })
    }
}

/// Two names that some file system takes for one are one.
fn folded(path: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    path.nfc().collect::<String>().to_lowercase()
}

/// A template's name as part of a file name: what separates folders or steers terminals becomes `_`, and a name that
/// would be too long for a file system is cut.
fn safe_part(name: &str) -> String {
    let safe = |c: char| if c == '/' || c == '\\' || c.is_control() { '_' } else { c };
    let mut part: String = name.chars().map(safe).collect();
    while part.len() > 180 {
        part.pop();
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(names: &mut Names, template: &str) -> Result<String, NameTaken> {
        names.assign(template, template, |stem| format!("v.{stem}.mp4")).map(|path| path.to_string())
    }

    #[test]
    fn the_same_template_again_gets_a_number() {
        let mut names = Names::default();
        assert_eq!(name(&mut names, "hd"), Ok("v.hd.mp4".into()));
        assert_eq!(name(&mut names, "hd"), Ok("v.hd_2.mp4".into()));
        assert_eq!(name(&mut names, "hd"), Ok("v.hd_3.mp4".into()));
    }

    #[test]
    fn names_that_differ_in_case_only_collide() {
        let mut names = Names::default();
        assert!(name(&mut names, "HD").is_ok());
        assert_eq!(name(&mut names, "hd"), Err(NameTaken { path: "v.hd.mp4".into(), by: "HD".into() }));
    }

    #[test]
    fn a_name_never_leaves_its_folder() {
        let mut names = Names::default();
        assert_eq!(name(&mut names, "../../x"), Ok("v..._.._x.mp4".into()));
    }
}
