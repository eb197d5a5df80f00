//! Imports as an editor has them: open documents first, then the disk.

use super::documents::{Document, Documents};
use crate::world::{ImportError, ImportedText, World};

/// The world of one main text.
pub struct Overlay<'a> {
    /// The open documents.
    pub documents: &'a Documents,
    /// What lies behind them.
    pub disk: Box<dyn World>,
    /// The folder that imports may not leave.
    pub root: String,
}

impl Overlay<'_> {
    fn open(&self, name: &str) -> Option<&Document> {
        self.documents.values().find(|document| document.name == name)
    }
}

impl World for Overlay<'_> {
    fn read_import(&self, from: &str, path: &str) -> Result<ImportedText, ImportError> {
        let of = |document: &Document| ImportedText { name: document.name.clone(), text: document.text.clone() };
        let joined = joined(from, path).filter(|name| name.starts_with(&self.root));
        if let Some(document) = joined.and_then(|name| self.open(&name)) {
            return Ok(of(document));
        }
        let found = self.disk.read_import(from, path)?;
        Ok(self.open(&found.name).map_or(found, of))
    }
}

/// The folder of a text, with the slash at its end.
pub fn folder(name: &str) -> String {
    name.rfind('/').map_or_else(String::new, |at| name[..=at].to_owned())
}

/// A relative path from the folder of a text, without `.` and `..`; `None` for an absolute one or an address.
fn joined(from: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains("://") {
        return None;
    }
    let folder = folder(from);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let start = if folder.starts_with('/') { "/" } else { "" };
    Some(format!("{start}{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_detours() {
        assert_eq!(joined("/a/b/main.vod", "../c/./d.vod").as_deref(), Some("/a/c/d.vod"));
        assert_eq!(joined("main.vod", "d.vod").as_deref(), Some("d.vod"));
        assert_eq!(joined("/main.vod", "../../d.vod"), None);
        assert_eq!(joined("/a/main.vod", "/d.vod"), None);
        assert_eq!(joined("/a/main.vod", "https://x/d.vod"), None);
    }
}
