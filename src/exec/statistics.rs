//! What the first of two passes leaves: a line for each picture, and beside it what the encoder knows of its blocks.

use super::cause::Cause;
use super::verify::{Surroundings, Verified, present, short, wrong};
use crate::catalog::template::VideoCodec;
use std::io::{BufRead, BufReader};

/// Whether all pictures were seen: a second pass fails at the first that is missing.
pub(super) fn verify(around: &Surroundings<'_>, name: &str, frames: u64) -> Result<Verified, Cause> {
    let path = around.work.join(name);
    present(&path)?;
    let file = std::fs::File::open(&path).map_err(|_| wrong(format!("`{name}` cannot be read")))?;
    // Both encoders begin with the options that they were given; then comes a line for each picture.
    let lines = BufReader::new(file).lines().map_while(Result::ok);
    let seen = lines.filter(|line| line.starts_with("in:")).count() as u64;
    let mut verified = Verified::default();
    if seen.abs_diff(frames) > (frames / 200).max(2) {
        let words = format!("the first pass saw {seen} pictures, {frames} were planned");
        verified.shortfall = short(words, around.damaged && seen > 0 && seen < frames)?;
    }
    Ok(verified)
}

/// Names of the files, the one with the pictures first. x265 in a hurry writes no second one.
pub(super) fn names(name: &str, codec: VideoCodec) -> Vec<String> {
    let beside = match codec {
        VideoCodec::H264 => Some("mbtree"),
        VideoCodec::H265 => Some("cutree"),
        VideoCodec::Av1 => None,
    };
    std::iter::once(name.to_owned()).chain(beside.map(|ending| format!("{name}.{ending}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Tools;

    #[test]
    fn every_picture_has_a_line_and_all_files_are_cleared() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s0.log");
        let tools = Tools { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into(), sandbox: Default::default() };
        let verdict = |damaged| {
            let around = Surroundings { tools: &tools, work: folder.path(), damaged, key: None, codecs: Vec::new() };
            verify(&around, "s0.log", 10).map(|found| found.shortfall).map_err(|cause| cause.reason)
        };
        assert_eq!(verdict(false), Err("`s0.log` was not written".into()));
        let lines = |count: usize| format!("#options: 640x360\n{}", "in:0 out:0 type:P\n".repeat(count));
        std::fs::write(&path, lines(10)).expect("writes");
        assert_eq!(verdict(false), Ok(None));
        std::fs::write(&path, lines(5)).expect("writes");
        let words = "the first pass saw 5 pictures, 10 were planned".to_owned();
        assert_eq!(verdict(false), Err(words.clone()));
        assert_eq!(verdict(true), Ok(Some(words)));
        std::fs::write(folder.path().join("s0.log.mbtree"), "b").expect("writes");
        let artifact = crate::physical::Artifact {
            id: crate::physical::ArtifactId(0),
            key: crate::plan::SpecKey("k".into()),
            name: "s0.log".into(),
            part: None,
            expect: crate::physical::Expectation::Statistics {
                codec: VideoCodec::H264,
                size: crate::units::Resolution::new(640, 360),
                frames: 10,
            },
        };
        crate::exec::attempt::clear(folder.path(), &artifact);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
