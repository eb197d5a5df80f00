//! The page of a diagnostic code: what it means, an example that raises it, how to mend that, what is related.

use super::{Code, codes};

/// The sections of a page, in their order.
const SECTIONS: [&str; 4] = ["What it means", "Example", "How to fix", "Related"];

/// A page, taken apart. All parts are Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// What the diagnostic means.
    pub meaning: &'static str,
    /// A text or a session that raises it.
    pub example: &'static str,
    /// What to do, and the text or session after that.
    pub remedy: &'static str,
    /// A list of other codes.
    pub related: &'static str,
}

impl Page {
    /// Takes a page apart; `None` if it lacks its title or a section, or has one too many.
    pub fn read(code: &Code) -> Option<Page> {
        let title = format!("# {} {}\n", code.id, code.name);
        let mut rest = code.page.strip_prefix(title.as_str())?;
        let mut parts = [""; SECTIONS.len()];
        for (index, section) in SECTIONS.iter().enumerate() {
            rest = rest.strip_prefix(format!("\n## {section}\n\n").as_str())?;
            let end = rest.find("\n\n## ").map_or(rest.len(), |at| at + 1);
            parts[index] = rest[..end].trim_end();
            rest = &rest[end..];
        }
        let [meaning, example, remedy, related] = parts;
        (rest.is_empty() && parts.iter().all(|part| !part.is_empty())).then_some(Page {
            meaning,
            example,
            remedy,
            related,
        })
    }

    /// The codes under *Related*; `None` for a line that names none.
    pub fn related_codes(&self) -> Vec<Option<&'static Code>> {
        let named = |line: &str| {
            let (id, name) = line.strip_prefix("- ")?.split_once(' ')?;
            codes::find(id).filter(|code| code.name == name)
        };
        self.related.lines().map(named).collect()
    }
}
