//! Jobs as ffmpeg command lines: the only module that knows ffmpeg's options and escaping.

mod adaptive;
mod command;
mod encode;
mod escape;
mod graph_text;
mod package;

pub use command::{Argument, Command};
pub use escape::{escape_for_graph, escape_option};
pub use graph_text::graph_text;

use crate::physical::{Job, PhysicalPlan, Work};

/// The command of a job.
pub fn emit(plan: &PhysicalPlan, job: &Job) -> Command {
    let mut line = Line::default();
    line.words("-hide_banner -nostdin -nostats -v level+warning -progress pipe:1 -stats_period 0.5 -y");
    match &job.work {
        Work::Encode(encode) => encode::emit(&mut line, plan, job, encode),
        Work::Package(package) => package::emit(&mut line, plan, package),
        Work::Adaptive(package) => adaptive::emit(&mut line, plan, package),
    }
    Command { arguments: line.0 }
}

/// Arguments under construction.
#[derive(Default)]
struct Line(Vec<Argument>);

impl Line {
    /// Several literal arguments, separated by spaces.
    fn words(&mut self, words: &str) {
        self.0.extend(words.split(' ').map(|word| Argument::Text(word.to_owned())));
    }

    /// One option with its value.
    fn option(&mut self, name: &str, value: impl std::fmt::Display) {
        self.0.push(Argument::Text(name.to_owned()));
        self.0.push(Argument::Text(value.to_string()));
    }
}
