//! Filters that give the pictures of an animated mark their times.
//!
//! The pictures come from one file of ours in their order, without times of their own. Every mark that moves goes on
//! for ever, so that the picture below alone decides where the output ends.

use crate::catalog::template::Repeat;
use crate::media::Pace;
use crate::plan::op::Play;
use crate::units::{Rational, Timestamp};

type Options = Vec<(&'static str, String)>;

/// Time stamps count microseconds.
const TICKS: i64 = 1_000_000;

/// The filters behind the pictures of an animation.
pub fn filters(play: &Play) -> Vec<(&'static str, Options)> {
    let count = play.pace.count();
    let (endless, expression) = match play.repeat {
        // The pictures of a round are kept in memory; `lower` bounds them.
        Repeat::Loop => {
            let options = vec![("loop", "-1".into()), ("size", count.to_string()), ("start", "0".to_owned())];
            let round = exact(play.pace.round().seconds());
            let place = start_of("ld(0)", &play.pace);
            (("loop", options), format!("st(0,mod(N,{count}));floor(N/{count})*{round}+{place}"))
        }
        // The last picture, or the empty one after it, comes again every ten seconds.
        Repeat::Once | Repeat::Hold => {
            let options = vec![("stop", "-1".to_owned()), ("stop_mode", "clone".to_owned())];
            let place = start_of("ld(0)", &play.pace);
            (("tpad", options), format!("st(0,min(N,{count}));max(0,N-{count})*10+{place}"))
        }
    };
    // Rounded down, so that a picture is never late; the small share keeps whole numbers what they are.
    let times = vec![("expr", ticks(&expression))];
    vec![endless, ("settb", vec![("expr", format!("1/{TICKS}"))]), ("setpts", times)]
}

/// Lets an animation start later.
pub fn from(start: Timestamp) -> Options {
    let ticks = (start.0 * Rational::from_integer(TICKS)).round().max(0);
    vec![("expr", format!("PTS+{ticks}"))]
}

fn ticks(seconds: &str) -> String {
    match seconds.split_once(';') {
        Some((set, seconds)) => format!("{set};floor(({seconds})*{TICKS}+0.001)"),
        None => format!("floor(({seconds})*{TICKS}+0.001)"),
    }
}

/// When picture `index` of a round starts: for each run of equal times one straight line.
fn start_of(index: &str, pace: &Pace) -> String {
    let (mut before, mut start) = (0u32, Rational::ZERO);
    let mut lines = Vec::new();
    for (count, time) in pace.runs() {
        let line = format!("{}+({index}-{before})*{}", exact(start), exact(time.seconds()));
        before = before.saturating_add(*count);
        start = start + Rational::from(*count) * time.seconds();
        lines.push((before, line));
    }
    chosen(index, &lines)
}

/// Halving keeps the nesting flat however many runs there are.
fn chosen(index: &str, lines: &[(u32, String)]) -> String {
    match lines {
        [] => "0".to_owned(),
        [(_, line)] => line.clone(),
        _ => {
            let (first, second) = lines.split_at(lines.len() / 2);
            let bound = first.last().map_or(0, |(end, _)| *end);
            format!("if(lt({index},{bound}),{},{})", chosen(index, first), chosen(index, second))
        }
    }
}

fn exact(number: Rational) -> String {
    if number.is_integer() { number.to_string() } else { format!("({number})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(pace: &str, repeat: Repeat) -> String {
        let play = Play { pace: pace.parse().expect("a pace"), repeat };
        filters(&play).iter().map(|(name, options)| format!("{name} {}", options[0].1)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn pictures_of_equal_times_lie_on_one_line() {
        assert_eq!(
            expression("4x1/10", Repeat::Loop),
            "loop -1\nsettb 1/1000000\n\
             setpts st(0,mod(N,4));floor((floor(N/4)*(2/5)+0+(ld(0)-0)*(1/10))*1000000+0.001)"
        );
    }

    #[test]
    fn runs_are_chosen_by_halving() {
        assert_eq!(
            expression("1x1+2x1/2+1x3", Repeat::Hold),
            "tpad -1\nsettb 1/1000000\nsetpts st(0,min(N,4));floor((max(0,N-4)*10+\
             if(lt(ld(0),1),0+(ld(0)-0)*1,if(lt(ld(0),3),1+(ld(0)-1)*(1/2),2+(ld(0)-3)*3)))*1000000+0.001)"
        );
    }
}
