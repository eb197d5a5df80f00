//! Master playlists over the HLS renditions of a procedure (`vod.md` B.3).

use super::{Lowering, Made, Obstacle, Request};
use crate::hir::{Group, TaskOptions};
use crate::plan::op::{Mux, Op};
use crate::plan::package::{Master, Member};
use crate::plan::{Moments, OutputKind, OutputPath};
use crate::text::Span;
use crate::units::TemplateId;
use petgraph::stable_graph::NodeIndex;

/// The definition that results give a master playlist (`vod.md` B.3).
const DEFINITION: TemplateId = TemplateId(10000);

/// How people call it.
const LABEL: &str = "master playlist";

/// A master playlist that is asked for, and what it will list.
pub(super) struct Wanted {
    group: Group,
    asked: Span,
    members: Vec<(Member, Vec<NodeIndex>)>,
}

impl Lowering<'_> {
    /// Notes that the procedure of a task wants a master playlist.
    pub(super) fn want_master(&mut self, options: &TaskOptions, asked: Span) {
        let Some(group) = options.master_playlist else { return };
        if !self.masters.iter().any(|wanted| wanted.group == group) {
            self.masters.push(Wanted { group, asked, members: Vec::new() });
        }
    }

    /// Adds an HLS rendition to the master playlist of its procedure, if that has one.
    pub(super) fn add_to_master(&mut self, options: &TaskOptions, mux: &Mux, streams: &[NodeIndex]) {
        let wanted = self.masters.iter_mut().find(|wanted| Some(wanted.group) == options.master_playlist);
        if let (Some(wanted), Some(segment), Ok(count)) = (wanted, mux.segment, u8::try_from(streams.len())) {
            let member = Member { path: mux.path.clone(), segment, streams: count };
            wanted.members.push((member, streams.to_vec()));
        }
    }

    /// The master playlists, after everything that they list.
    pub(super) fn master_playlists(&mut self) {
        for wanted in std::mem::take(&mut self.masters) {
            let kind = OutputKind::Transcode;
            let request = Request {
                kind,
                label: LABEL.into(),
                definition: Some(DEFINITION),
                moments: Moments::Unnamed,
                asked: wanted.asked,
            };
            let made = self.make_master(wanted, &request);
            self.record(request, made);
        }
    }

    fn make_master(&mut self, wanted: Wanted, request: &Request) -> Result<Made, Obstacle> {
        if wanted.members.is_empty() {
            return Err(Obstacle::Skip("no HLS rendition is made that it could list".into()));
        }
        let path: OutputPath = self.path(request, "master_playlist", |stem| format!("{stem}.m3u8"))?;
        let count = wanted.members.len();
        let summary = if count == 1 { "1 rendition  hls".to_owned() } else { format!("{count} renditions  hls") };
        let (members, streams): (Vec<Member>, Vec<Vec<NodeIndex>>) = wanted.members.into_iter().unzip();
        self.add(Op::Master(Master { path: path.clone(), members }), &streams.concat());
        Ok(Made { summary, paths: vec![path], ..Made::nothing() })
    }
}
