//! Which processes read the source from which places: the pictures and parts of a group of encodes, dealt out.

use super::reading::{MOST_PLACES, Place, Reader, Run, joined};
use super::{EncodeTask, Planning};
use crate::plan::op::Op;
use petgraph::stable_graph::NodeIndex;
use std::collections::BTreeSet;

/// What the planner decides by prices; each may be forbidden by its name.
pub const DECISIONS: &[(&str, &str)] = &[
    ("seek-pictures", "go to single pictures where that costs less than decoding all before them"),
    ("seek-parts", "go to the keyframe before a part instead of decoding all before it"),
];

/// An encode and the pictures that it needs.
struct Chosen {
    encode: NodeIndex,
    runs: Vec<Run>,
}

impl Planning<'_> {
    /// Makes the jobs of encodes that share something: one that decodes all, or several that go to what they need.
    pub(super) fn group(&mut self, encodes: &[NodeIndex]) {
        match self.by_places(encodes) {
            Some(tasks) => tasks.iter().for_each(|task| self.encode_job(task)),
            None => self.encode_job(&EncodeTask::whole(encodes.to_vec())),
        }
    }

    /// `None` when all is decoded: something needs every picture, or going to places is dearer, or not certain to find
    /// them.
    fn by_places(&mut self, encodes: &[NodeIndex]) -> Option<Vec<EncodeTask>> {
        let reader = self.reader.as_ref()?;
        let (deaf, seeing): (Vec<NodeIndex>, Vec<NodeIndex>) =
            encodes.iter().copied().partition(|encode| !self.sees(*encode));
        let chosen = seeing.iter().map(|encode| self.chosen(reader, *encode)).collect::<Option<Vec<Chosen>>>()?;
        let runs = joined(chosen.iter().flat_map(|one| one.runs.clone()).collect());
        let mut tasks = self.dealt(reader, chosen)?;
        let places: Vec<Place> = tasks.iter().flat_map(|task| task.places.clone()).collect();
        let seeks = places.iter().filter(|place| place.is_behind()).count();
        if seeks == 0 {
            return None;
        }
        let (sought, all) = (reader.price_of_places(&places, tasks.len()), reader.price_of_all(&runs));
        let decision = reader.decision(&runs, sought, seeks, all);
        let is_cheaper = decision.chosen.name == "seek";
        self.decisions.push(decision);
        if !deaf.is_empty() {
            tasks.push(EncodeTask::whole(deaf));
        }
        is_cheaper.then_some(tasks)
    }

    /// Whether an encode reads decoded pictures.
    fn sees(&self, encode: NodeIndex) -> bool {
        !matches!(self.logical.node(encode).op, Op::EncodeAudio(_) | Op::Copy(_))
    }

    fn chosen(&self, reader: &Reader, encode: NodeIndex) -> Option<Chosen> {
        let decision = match self.logical.node(encode).op {
            Op::EncodeVideo(_) | Op::AnalyseVideo(_) => "seek-parts",
            _ => "seek-pictures",
        };
        let runs = reader.wanted(self.logical, encode)?;
        (!self.forbidden.contains(decision)).then_some(Chosen { encode, runs })
    }

    /// Encodes put together as long as the places of a process are not too many; one set of pictures that alone has too
    /// many is made by several. `None` when that cannot be.
    fn dealt(&self, reader: &Reader, chosen: Vec<Chosen>) -> Option<Vec<EncodeTask>> {
        let mut tasks: Vec<EncodeTask> = Vec::new();
        let mut open: Option<(Vec<NodeIndex>, Vec<Run>)> = None;
        for Chosen { encode, runs } in chosen {
            let alone = reader.places(&runs);
            if alone.len() > MOST_PLACES {
                tasks.extend(self.batches(reader, encode, &runs)?);
                continue;
            }
            let (mut encodes, known) = open.take().unwrap_or_default();
            let together = joined(known.iter().chain(&runs).copied().collect());
            if reader.places(&together).len() <= MOST_PLACES {
                encodes.push(encode);
                open = Some((encodes, together));
            } else {
                tasks.push(EncodeTask { encodes, places: reader.places(&known), part: None });
                open = Some((vec![encode], runs));
            }
        }
        if let Some((encodes, runs)) = open {
            tasks.push(EncodeTask { encodes, places: reader.places(&runs), part: None });
        }
        Some(tasks)
    }

    /// A set of pictures made by several processes, each with as many as its places allow. Sheets and films need all
    /// their pictures at once.
    fn batches(&self, reader: &Reader, encode: NodeIndex, runs: &[Run]) -> Option<Vec<EncodeTask>> {
        let above: BTreeSet<NodeIndex> = super::ancestors(self.logical, encode).into_iter().collect();
        let numbers = above.iter().find_map(|index| match &self.logical.node(*index).op {
            Op::Pick { pictures } => Some(pictures.iter().map(|one| one.picture.index).collect::<Vec<u64>>()),
            _ => None,
        })?;
        let is_plain =
            |index: &NodeIndex| !matches!(self.logical.node(*index).op, Op::Tile { .. } | Op::Animate { .. });
        let is_set = matches!(self.logical.node(encode).op, Op::EncodePictures(_));
        if !is_set || !above.iter().all(is_plain) || joined(numbers.iter().map(|one| (*one, *one)).collect()) != runs {
            return None;
        }
        let mut tasks = Vec::new();
        let mut first = 0;
        while first < numbers.len() {
            let places =
                |end: usize| reader.places(&joined(numbers[first..end].iter().map(|one| (*one, *one)).collect()));
            let mut end = first + 1;
            while end < numbers.len() && places(end + 1).len() <= MOST_PLACES {
                end += 1;
            }
            let part = Some((first as u32, (end - first) as u32));
            tasks.push(EncodeTask { encodes: vec![encode], places: places(end), part });
            first = end;
        }
        Some(tasks)
    }
}

impl Place {
    /// Whether it lies behind the start.
    fn is_behind(&self) -> bool {
        self.opening != crate::physical::Opening::Start
    }
}
