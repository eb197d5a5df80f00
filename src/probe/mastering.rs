//! What the first picture of a stream says about the screen on which it was graded; containers seldom repeat it.

use super::listing::foreign_options;
use super::{Tools, file_argument};
use crate::limits::Limits as Most;
use crate::media::{LightLevel, MasteringDisplay};
use crate::process::{self, Cancellation, Collect, Ending, Invocation, Limits};
use crate::units::Rational;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Decodes the first picture of a stream. What cannot be found out is not known.
pub(super) fn mastering(
    tools: &Tools,
    path: &Path,
    index: u32,
    limits: &Most,
) -> (Option<MasteringDisplay>, Option<LightLevel>) {
    let mut arguments: Vec<OsString> =
        ["-v", "error", "-hide_banner", "-max_alloc", "268435456"].map(Into::into).into();
    arguments.extend(foreign_options(limits));
    arguments.extend(["-of", "compact=nk=0:p=1", "-read_intervals", "%+#1", "-select_streams"].map(OsString::from));
    arguments.push(index.to_string().into());
    arguments.extend(["-show_entries", "frame=stream_index:frame_side_data", "-i"].map(OsString::from));
    arguments.push(file_argument(path));
    let mut invocation = Invocation::new(&tools.ffprobe, arguments);
    invocation.limits =
        Limits { address_space: Some(4 << 30), wall: Some(Duration::from_secs(30)), ..Limits::default() };
    invocation.sandbox = tools.sandbox(vec![path.to_owned()], Vec::new());
    let mut collected = Collect::default();
    match process::run(&invocation, &mut collected, &Cancellation::default()) {
        Ok(finished) if finished.ending == Ending::Code(0) => read(&String::from_utf8_lossy(&collected.0)),
        _ => (None, None),
    }
}

fn read(text: &str) -> (Option<MasteringDisplay>, Option<LightLevel>) {
    let of = |kind: &str| text.lines().find(|line| line.contains(&format!("side_data_type={kind}")));
    (of("Mastering display metadata").and_then(display), of("Content light level metadata").and_then(light))
}

fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split('|').filter_map(|field| field.split_once('=')).find(|(field, _)| *field == name).map(|(_, value)| value)
}

fn display(line: &str) -> Option<MasteringDisplay> {
    let steps = |name: &str, steps: i64| {
        let number: Rational = value(line, name)?.parse().ok()?;
        u32::try_from((number * Rational::from_integer(steps)).round()).ok()
    };
    let place = |colour: &str| Some((steps(&format!("{colour}_x"), 50_000)?, steps(&format!("{colour}_y"), 50_000)?));
    Some(MasteringDisplay {
        green: place("green")?,
        blue: place("blue")?,
        red: place("red")?,
        white: place("white_point")?,
        luminance: (steps("max_luminance", 10_000)?, steps("min_luminance", 10_000)?),
    })
}

fn light(line: &str) -> Option<LightLevel> {
    let number = |name| value(line, name)?.parse().ok();
    Some(LightLevel { content: number("max_content")?, average: number("max_average")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_nothing_is_read_whatever_the_steps_are() {
        let h265 = "frame|stream_index=0|side_data|side_data_type=Mastering display metadata|red_x=35400/50000|red_y=14600/50000|\
            green_x=8500/50000|green_y=39850/50000|blue_x=6550/50000|blue_y=2300/50000|white_point_x=15635/50000|\
            white_point_y=16450/50000|min_luminance=50/10000|max_luminance=10000000/10000\n\
            side_data|side_data_type=Content light level metadata|max_content=1000|max_average=200\n";
        let text = |found: &str| {
            let (display, light) = read(found);
            format!(
                "{} {}",
                display.map_or("-".into(), |one| one.to_string()),
                light.map_or("-".into(), |one| one.to_string())
            )
        };
        let screen = "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50)";
        assert_eq!(text(h265), format!("{screen} 1000,200"));
        assert_eq!(text(&h265.replace("red_y=14600/50000", "red_y=19137/65536")), format!("{screen} 1000,200"));
        assert_eq!(text(&h265.replace("red_y=", "other=")), "- 1000,200");
        assert_eq!(text("frame|stream_index=0\n"), "- -");
    }
}
