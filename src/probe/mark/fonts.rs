//! The fonts that marks are written in: those installed, the one a template names, and who stands in for whom.

use resvg::usvg::fontdb::{Database, Family, ID, Query, Source, Style, Weight};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Kai scripts, for `simkai.ttf`.
const KAI: &[&str] = &["KaiTi", "STKaiti", "Kaiti SC", "AR PL UKai CN", "AR PL KaitiM GB"];
/// Sans faces with Chinese letters, best first.
const CHINESE: &[&str] = &[
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "AR PL UMing CN",
    "SimSun",
];
/// Faces of Arial's shape and measure, best first.
const LATIN: &[&str] = &["Arial", "Liberation Sans", "Arimo", "Helvetica", "Noto Sans", "DejaVu Sans"];

/// Most bytes of a font file that a template names; Noto's largest collections have about a third of it.
const MOST_BYTES: u64 = 64 << 20;

/// Fonts, in the order in which they are asked for a letter that the chosen one lacks.
#[derive(Debug, Clone)]
pub struct Fonts {
    database: Arc<Database>,
    order: Arc<Vec<ID>>,
}

/// One font of a [`Fonts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FontChoice(pub(super) ID);

impl Fonts {
    /// The fonts that fontconfig's folders hold.
    pub fn installed() -> Self {
        let mut database = Database::new();
        database.load_system_fonts();
        Fonts::of(database)
    }

    /// No fonts, for drawings without letters.
    pub fn none() -> Self {
        Fonts::of(Database::new())
    }

    fn of(database: Database) -> Self {
        let known: BTreeMap<&str, usize> =
            LATIN.iter().chain(CHINESE).chain(KAI).enumerate().map(|(rank, name)| (*name, rank)).collect();
        let mut faces: Vec<_> = database
            .faces()
            .map(|face| {
                let rank = face.families.iter().filter_map(|(name, _)| known.get(name.as_str())).min();
                let plain = (face.style != Style::Normal, face.weight.0.abs_diff(Weight::NORMAL.0));
                (plain, rank.copied().unwrap_or(usize::MAX), face.post_script_name.clone(), face.id)
            })
            .collect();
        faces.sort_by(|one, other| (&one.0, one.1, &one.2).cmp(&(&other.0, other.1, &other.2)));
        let order = faces.into_iter().map(|(.., id)| id).collect();
        Fonts { database: Arc::new(database), order: Arc::new(order) }
    }

    pub(super) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The font that a template names: a file beside the template, else an installed font of that file name or
    /// family. `simkai.ttf` and `arial.ttf`, the two names of `vod.md` C.2 that no system ships, have stand-ins.
    pub fn choose(&mut self, folder: &Path, name: &str) -> Result<FontChoice, String> {
        let path = folder.join(name);
        if path.is_file() {
            return self.load(&path);
        }
        let stands_in = match name.to_ascii_lowercase().as_str() {
            "simkai.ttf" => self.first(&[KAI, CHINESE, LATIN].concat()),
            "arial.ttf" => self.first(&[LATIN, CHINESE].concat()),
            _ => None,
        };
        let found = self.by_file_name(name).or(stands_in).or_else(|| self.first(&[name]));
        match found.map(FontChoice) {
            Some(found) => Ok(found),
            None if self.order.is_empty() => Err("no font is installed".to_owned()),
            None => Err("it is neither a file nor an installed font".to_owned()),
        }
    }

    fn load(&mut self, path: &Path) -> Result<FontChoice, String> {
        let bytes = super::read_at_most(path, MOST_BYTES)?;
        let mut database = (*self.database).clone();
        let loaded = database.load_font_source(Source::Binary(Arc::new(bytes)));
        let chosen = loaded.first().copied().ok_or("it is no font")?;
        self.database = Arc::new(database);
        Ok(FontChoice(chosen))
    }

    /// The plain sans face that text without a known font is written in.
    pub(super) fn usual(&self) -> Option<FontChoice> {
        self.first(LATIN).or(self.order.first().copied()).map(FontChoice)
    }

    fn first(&self, families: &[&str]) -> Option<ID> {
        families
            .iter()
            .find_map(|family| self.database.query(&Query { families: &[Family::Name(family)], ..Query::default() }))
    }

    fn by_file_name(&self, name: &str) -> Option<ID> {
        let named = |id: &&ID| match self.database.face(**id).map(|face| &face.source) {
            Some(Source::File(path) | Source::SharedFile(path, _)) => {
                path.file_name().is_some_and(|file| file.eq_ignore_ascii_case(name))
            }
            _ => false,
        };
        self.order.iter().find(named).copied()
    }

    /// The first font after the used ones that has a letter.
    pub(super) fn with_letter(&self, letter: char, used: &[ID]) -> Option<ID> {
        self.order.iter().copied().find(|id| !used.contains(id) && self.has(*id, letter))
    }

    /// Whether a font has a letter.
    fn has(&self, id: ID, letter: char) -> bool {
        let glyph = self.database.with_face_data(id, |data, index| {
            let font = skrifa::FontRef::from_index(data, index).ok()?;
            skrifa::charmap::Charmap::new(&font).map(letter).filter(|glyph| glyph.to_u32() != 0)
        });
        glyph.flatten().is_some()
    }

    /// The first installed font that writes Chinese, by its family.
    pub fn chinese(&self) -> Option<String> {
        self.with_letter('中', &[]).map(|id| self.family(id))
    }

    /// The family that plain Latin text is written in.
    pub fn latin(&self) -> Option<String> {
        self.usual().map(|choice| self.family(choice.0))
    }

    /// A font's family in English.
    pub(super) fn family(&self, id: ID) -> String {
        let face = self.database.face(id);
        face.and_then(|face| face.families.first())
            .map_or_else(|| "a font without name".to_owned(), |(name, _)| name.clone())
    }

    /// Hash of a font's content and of its place in a collection.
    pub(super) fn hash(&self, id: ID) -> Option<blake3::Hash> {
        self.database.with_face_data(id, |data, index| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(data);
            hasher.update(&index.to_le_bytes());
            hasher.finalize()
        })
    }
}
