//! How the fields of both generations of the API are described: one table per object, for reading, writing and schemas.

/// A generation of the API (`vod.md`, introduction).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// 2017: names such as `transcode`.
    V2,
    /// 2018-07-17: names such as `TranscodeTaskSet`.
    V3,
}

impl Generation {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            Generation::V2 => "v2",
            Generation::V3 => "v3",
        }
    }

    /// Where its fields are called differently.
    pub fn pick<T>(self, v2: T, v3: T) -> T {
        match self {
            Generation::V2 => v2,
            Generation::V3 => v3,
        }
    }
}

/// An object of the API: what it is called, and its fields.
pub struct Table {
    /// Its class or path, for people: `VideoTemplate`.
    pub name: &'static str,
    /// Its fields, those that many objects share among them.
    pub fields: &'static [&'static [Field]],
}

impl Table {
    /// Every field that a generation has.
    pub fn of(&self, generation: Generation) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().flat_map(|fields| fields.iter()).filter(move |field| !field.name(generation).is_empty())
    }

    /// The field of that name.
    pub fn find(&self, generation: Generation, name: &str) -> Option<&'static Field> {
        self.of(generation).find(|field| field.name(generation) == name)
    }
}

/// A field of an object.
pub struct Field {
    /// Its name in the second generation; empty where that has none.
    pub v2: &'static str,
    /// Its name in the third generation; empty where that has none.
    pub v3: &'static str,
    /// The field of `.vod` that it becomes; with `@` in front one that only [`shape`](super::shape) knows, because
    /// several fields of the one side make one of the other.
    pub word: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether the API wants it.
    pub need: Need,
}

/// Whether an object must have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Yes, unless the object only changes another one.
    Required,
    /// No.
    Optional,
}

impl Field {
    /// A field that may be left out.
    pub const fn new(v2: &'static str, v3: &'static str, word: &'static str, takes: Takes) -> Self {
        Field { v2, v3, word, takes, need: Need::Optional }
    }

    /// A field that must be there.
    pub const fn required(v2: &'static str, v3: &'static str, word: &'static str, takes: Takes) -> Self {
        Field { v2, v3, word, takes, need: Need::Required }
    }

    /// A field for which the language has no word.
    pub const fn refused(v2: &'static str, v3: &'static str) -> Self {
        Field { v2, v3, word: "", takes: Takes::Refused, need: Need::Optional }
    }

    /// A field that is not about the procedure.
    pub const fn ignored(v2: &'static str, v3: &'static str) -> Self {
        Field { v2, v3, word: "", takes: Takes::Ignored, need: Need::Optional }
    }

    /// Its name in a generation; empty where that has none.
    pub fn name(&self, generation: Generation) -> &'static str {
        generation.pick(self.v2, self.v3)
    }
}

/// What a field takes.
pub enum Takes {
    /// One of these words: that of the API, and that of `.vod`. An empty one says nothing, [`NO_WORD`] cannot be said.
    /// The first of several with one meaning is written.
    Words(&'static [(&'static str, &'static str)]),
    /// A number.
    Number(Number),
    /// Numbers.
    Numbers(Number),
    /// A text of at most so many characters.
    Text(u32),
    /// A length with its unit in a string: `10%`, `24px`, `10W%`.
    Length,
    /// A colour in a string: `0xFFFFFF`.
    Colour,
    /// A time in a string: `3.5s` or `10%`.
    Times,
    /// A template of the kind, by its number; own ones also by name.
    Template(&'static str),
    /// Several of them.
    Templates(&'static str),
    /// An object.
    Object(&'static Table),
    /// At most so many objects.
    Objects(&'static Table, u32),
    /// Something that the language has no word for; only what means "none of it" is taken.
    Refused,
    /// Something that is not about the procedure.
    Ignored,
    /// A mark for editors and validators: `$schema`.
    Mark,
}

/// The word of `.vod` for what it cannot say.
pub const NO_WORD: &str = "!";

/// A number with its unit and its ranges.
pub struct Number {
    /// Its unit.
    pub unit: Unit,
    /// What the second generation allows.
    pub v2: Bounds,
    /// What the third generation allows.
    pub v3: Bounds,
    /// What 0 means, where it is no number: a word of `.vod`, an empty one says nothing.
    pub zero: Option<&'static str>,
}

impl Number {
    /// The same bounds in both generations.
    pub const fn both(unit: Unit, bounds: Bounds) -> Self {
        Number { unit, v2: bounds, v3: bounds, zero: None }
    }

    /// What a generation allows.
    pub fn bounds(&self, generation: Generation) -> &Bounds {
        generation.pick(&self.v2, &self.v3)
    }
}

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// None.
    One,
    /// Thousands of bits per second.
    Kilobits,
    /// Samples per second.
    Hertz,
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds from the start, below zero before the end; 0 is the natural end.
    Offset,
    /// Parts of one, as hundredths in `.vod`.
    Share,
    /// Hundredths that are missing to the whole.
    Transparency,
}

/// Which numbers are allowed.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The least.
    pub least: i64,
    /// The most.
    pub most: i64,
    /// Only these, where there are any.
    pub only: &'static [i64],
    /// Which of them.
    pub sort: Sort,
}

/// Which numbers between the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Whole ones.
    Whole,
    /// Whole ones; one below zero is a ceiling of that size (`vod.md` C.1).
    Ceiling,
    /// Any.
    Any,
}

/// Whole numbers of a range.
pub const fn whole(least: i64, most: i64) -> Bounds {
    Bounds { least, most, only: &[], sort: Sort::Whole }
}

/// Whole numbers of a range, below zero as ceilings.
pub const fn ceiling(least: i64, most: i64) -> Bounds {
    Bounds { least, most, only: &[], sort: Sort::Ceiling }
}

/// Some whole numbers.
pub const fn only(only: &'static [i64], sort: Sort) -> Bounds {
    Bounds { least: 0, most: i64::MAX, only, sort }
}

/// Any number of a range.
pub const fn any(least: i64, most: i64) -> Bounds {
    Bounds { least, most, only: &[], sort: Sort::Any }
}
