//! Which processes read the source from which places: the pictures and parts of a group of encodes, dealt out.

use super::reading::{MOST_PLACES, Place, Reader, Run, joined};
use super::relay::{self, Relay};
use super::{EncodeTask, Piece, Planning, copies, cuts};
use crate::plan::op::Op;
use petgraph::stable_graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};

/// What the planner decides by prices; each may be forbidden by its name.
pub const DECISIONS: &[(&str, &str)] = &[
    ("seek-pictures", "go to single pictures where that costs less than decoding all before them"),
    ("seek-parts", "go to the keyframe before a part instead of decoding all before it"),
    (
        cuts::STALLS,
        "make renditions in several processes where one would keep too few cores busy, and another decode is cheap beside them",
    ),
    (cuts::MEMORY, "make renditions in several processes where one would hold more memory than a process may"),
    (copies::SHARE, "copy streams into all their containers in one process"),
];

/// An encode and the pictures that it needs.
struct Chosen {
    encode: NodeIndex,
    runs: Vec<Run>,
    /// Single pictures of which several processes may make some each; `None` where one process must have them all.
    set: Option<Set>,
}

/// Single pictures.
struct Set {
    /// The operation that chooses them.
    choice: NodeIndex,
    /// Their numbers, in order.
    numbers: Vec<u64>,
    /// What puts them together, if anything does: it then has a process of its own.
    gatherer: Option<NodeIndex>,
}

impl Set {
    /// Of the pictures between two numbers, that of the first within the set, and how many they are.
    fn between(&self, first: u64, last: u64) -> (u32, u32) {
        let from = self.numbers.partition_point(|number| *number < first);
        let to = self.numbers.partition_point(|number| *number <= last);
        (from as u32, (to - from) as u32)
    }
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
        let set = self.set(encode, &runs);
        (!self.forbidden.contains(decision)).then_some(Chosen { encode, runs, set })
    }

    /// The single pictures of an encode.
    fn set(&self, encode: NodeIndex, runs: &[Run]) -> Option<Set> {
        let above = super::ancestors(self.logical, encode);
        let mut choices = above.iter().filter_map(|index| match &self.logical.node(*index).op {
            Op::Pick { pictures } => Some((*index, pictures)),
            _ => None,
        });
        let (Some((choice, pictures)), None) = (choices.next(), choices.next()) else { return None };
        let numbers: Vec<u64> = pictures.iter().map(|one| one.picture.index).collect();
        let are_all = joined(numbers.iter().map(|one| (*one, *one)).collect()) == runs;
        let gatherer = relay::gatherer(self.logical, &above);
        let can_wait = gatherer.is_none_or(|node| relay::handed(self.logical, node, numbers.len() as u32).is_some());
        let in_order = numbers.is_sorted_by(|before, after| before < after);
        (are_all && in_order && can_wait).then_some(Set { choice, numbers, gatherer })
    }

    /// Encodes put together as long as the places of a process are not too many; sets of pictures of which one has more
    /// are shared out together. `None` when that cannot be.
    fn dealt(&self, reader: &Reader, chosen: Vec<Chosen>) -> Option<Vec<EncodeTask>> {
        let is_large = |one: &Chosen| reader.places(&one.runs).len() > MOST_PLACES;
        let shared_out = chosen.iter().any(is_large);
        let runs_of = runs_of(&chosen);
        let mut tasks: Vec<EncodeTask> = Vec::new();
        let mut sets: Vec<(NodeIndex, Set)> = Vec::new();
        let mut open: Option<(Vec<NodeIndex>, Vec<Run>)> = None;
        for one in chosen {
            let large = is_large(&one);
            let Chosen { encode, runs, set } = one;
            match set {
                Some(set) if shared_out => {
                    sets.push((encode, set));
                    continue;
                }
                None if large => return None,
                _ => {}
            }
            let (mut encodes, known) = open.take().unwrap_or_default();
            let together = joined(known.iter().chain(&runs).copied().collect());
            let moving = self.moves(encode) || encodes.iter().any(|other| self.moves(*other));
            let most = if moving { 1 } else { MOST_PLACES };
            if encodes.is_empty() || reader.places(&together).len() <= most {
                encodes.push(encode);
                open = Some((encodes, together));
            } else {
                tasks.push(EncodeTask { places: reader.places(&known), ..EncodeTask::whole(encodes) });
                open = Some((vec![encode], runs));
            }
        }
        if let Some((encodes, runs)) = open {
            tasks.push(EncodeTask { places: reader.places(&runs), ..EncodeTask::whole(encodes) });
        }
        tasks.extend(self.shared_out(reader, &sets)?);
        tasks
            .iter_mut()
            .for_each(|task| task.needs = task.makes.iter().map(|piece| needs(task, &runs_of, *piece)).collect());
        Some(tasks)
    }

    /// Whether it encodes moving pictures. These come from one place only: where several are brought together, the graph
    /// no longer says when the last picture ends, and a constant rate loses it.
    fn moves(&self, encode: NodeIndex) -> bool {
        matches!(self.logical.node(encode).op, Op::EncodeVideo(_) | Op::AnalyseVideo(_))
    }

    /// Sets of pictures made by several processes, each with as many pictures as its places allow; a picture that
    /// several sets have is read once. What puts pictures together has them handed over.
    fn shared_out(&self, reader: &Reader, sets: &[(NodeIndex, Set)]) -> Option<Vec<EncodeTask>> {
        let numbers: BTreeSet<u64> = sets.iter().flat_map(|(_, set)| set.numbers.iter().copied()).collect();
        let mut tasks: Vec<EncodeTask> = Vec::new();
        for places in dealt_out(reader, &numbers) {
            tasks.push(task(places, sets));
        }
        let mut finishing: BTreeMap<NodeIndex, EncodeTask> = BTreeMap::new();
        for (encode, set) in sets {
            let Some(gatherer) = set.gatherer else { continue };
            let files = tasks.iter().flat_map(|task| &task.makes);
            let files = files.filter(|piece| matches!(piece, Piece::Raw(node, _) if *node == gatherer)).count();
            if files > relay::MOST_FILES {
                return None;
            }
            if files > 0 {
                let relay = || self.relay(gatherer, set, files as u32);
                let task =
                    finishing.entry(gatherer).or_insert_with(|| EncodeTask { relay: relay(), ..EncodeTask::default() });
                task.makes.push(Piece::Whole(*encode));
            }
        }
        tasks.extend(finishing.into_values());
        Some(tasks)
    }

    fn relay(&self, gatherer: NodeIndex, set: &Set, files: u32) -> Option<Relay> {
        let (_, video) = relay::handed(self.logical, gatherer, set.numbers.len() as u32)?;
        let Op::Pick { pictures } = &self.logical.node(set.choice).op else { return None };
        Some(Relay { reader: gatherer, files, times: relay::times(pictures), range: video.colour.range })
    }
}

/// Which pictures each encode needs, and each operation that puts pictures together.
fn runs_of(chosen: &[Chosen]) -> BTreeMap<NodeIndex, Vec<Run>> {
    let gathered = chosen.iter().filter_map(|one| Some((one.set.as_ref()?.gatherer?, one.runs.clone())));
    chosen.iter().map(|one| (one.encode, one.runs.clone())).chain(gathered).collect()
}

/// The places of a task that one of the things that it makes needs.
fn needs(task: &EncodeTask, runs_of: &BTreeMap<NodeIndex, Vec<Run>>, piece: Piece) -> Vec<u32> {
    let runs = runs_of.get(&piece.reader()).map(Vec::as_slice).unwrap_or_default();
    let is_in =
        |place: &Place| runs.iter().any(|(first, last)| *first <= place.pictures.1 && place.pictures.0 <= *last);
    (0..).zip(&task.places).filter(|(_, place)| is_in(place)).map(|(number, _)| number).collect()
}

/// Pictures, as many at a time as one process reads, with their places.
fn dealt_out(reader: &Reader, numbers: &BTreeSet<u64>) -> Vec<(Vec<u64>, Vec<Place>)> {
    let numbers: Vec<u64> = numbers.iter().copied().collect();
    let places = |part: &[u64]| reader.places(&joined(part.iter().map(|one| (*one, *one)).collect()));
    // As many to each, so that they are done at the same time.
    let all = places(&numbers).len();
    let most = all.div_ceil(all.div_ceil(MOST_PLACES).max(1));
    let (mut dealt, mut first) = (Vec::new(), 0);
    while first < numbers.len() {
        let mut end = first + 1;
        while end < numbers.len() && places(&numbers[first..=end]).len() <= most {
            end += 1;
        }
        dealt.push((numbers[first..end].to_vec(), places(&numbers[first..end])));
        first = end;
    }
    dealt
}

/// What of some sets a process makes of the pictures at its places.
fn task((numbers, places): (Vec<u64>, Vec<Place>), sets: &[(NodeIndex, Set)]) -> EncodeTask {
    let mut task = EncodeTask { places, ..EncodeTask::default() };
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return task };
    for (encode, set) in sets {
        let part = set.between(*first, *last);
        if part.1 == 0 {
            continue;
        }
        task.windows.insert(set.choice, part);
        let piece = match set.gatherer {
            _ if part.1 as usize == set.numbers.len() => Piece::Whole(*encode),
            Some(gatherer) => Piece::Raw(gatherer, part),
            None => Piece::Part(*encode, part),
        };
        if !task.makes.contains(&piece) {
            task.makes.push(piece);
        }
    }
    task
}

impl Place {
    /// Whether it lies behind the start.
    fn is_behind(&self) -> bool {
        self.opening != crate::physical::Opening::Start
    }
}
