//! What a run tells others when it ends: flags, the secret, and words about what was delivered.

use super::out::Out;
use super::session::{Failure, Form};
use crate::diag::{Diagnostic, Diagnostics, Message, codes, io_words, message};
use crate::exec::{ApiForm, Notice, Place, Reports, RunOutcome};
use crate::http::{self, Reach};
use crate::notify::{Courier, Delivery, Reason, Secret};
use crate::plan::{OutputId, OutputSpec};
use crate::process::Cancellation;
use crate::store::Outbox;
use crate::text::SourceMap;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The variable that holds the secret.
const SECRET: &str = "VODFLOW_NOTIFY_SECRET";

/// What `run` is to tell.
#[derive(Args)]
pub struct Reporting {
    /// Write what the API would tell about the media to `media-info.json`: v2 (GetVideoInfo) or v3 (MediaInfo)
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    media_info: Option<Generation>,
    /// POST the event that the run ended to this address, at least once
    #[arg(long, value_name = "URL")]
    notify: Option<String>,
    /// The form of that event: v2 or v3
    #[arg(long, value_name = "FORM", default_value = "v3", requires = "notify", hide_possible_values = true)]
    notify_form: Generation,
    /// The address below which the output folder is served, for events and media info
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    delivery: Delivering,
}

/// How events are delivered.
#[derive(Args)]
pub struct Delivering {
    /// The file with the secret that events are signed with [default: VODFLOW_NOTIFY_SECRET]
    #[arg(long, value_name = "FILE")]
    notify_secret_file: Option<PathBuf>,
    /// How long a receiver is tried before the event waits for the next run, such as `30s` or `5min`
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = patience)]
    notify_patience: Duration,
    /// Let events go to addresses of private networks and of this machine
    #[arg(long)]
    allow_private_network: bool,
}

/// A generation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Generation {
    V2,
    V3,
}

impl Generation {
    fn form(self) -> ApiForm {
        match self {
            Generation::V2 => ApiForm::V2,
            Generation::V3 => ApiForm::V3,
        }
    }
}

impl Delivering {
    /// One who delivers.
    pub fn courier<'a>(&self, cancel: &'a Cancellation) -> Result<Courier<'a>, Failure> {
        let reach = if self.allow_private_network { Reach::Private } else { Reach::Public };
        Ok(Courier::new(reach, self.secret()?, self.notify_patience, cancel))
    }

    fn secret(&self) -> Result<Option<Secret>, Failure> {
        let refuse = |note: Message| Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note));
        let (content, place) = match &self.notify_secret_file {
            Some(path) => {
                let name = path.display().to_string();
                let unreadable = |error| refuse(message!("`{}` cannot be read: {}", &name, io_words(&error)));
                (std::fs::read(path).map_err(unreadable)?, name)
            }
            None => match std::env::var_os(SECRET) {
                Some(value) => (value.into_encoded_bytes(), SECRET.to_owned()),
                None => return Ok(None),
            },
        };
        Secret::new(&content).map(Some).ok_or_else(|| refuse(message!("the secret in `{}` is empty", place)))
    }
}

impl Reporting {
    /// One who delivers, after the address was looked at.
    pub fn courier<'a>(&self, cancel: &'a Cancellation) -> Result<Courier<'a>, Failure> {
        if self.notify.as_ref().is_some_and(|url| http::receiver(url).is_none()) {
            let note = message!("the address for `--notify` is none that events could be sent to");
            let help = message!("write an `https://` or `http://` address with a host and without a password");
            return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
        }
        self.delivery.courier(cancel)
    }

    /// What a run is to write and say.
    pub fn reports<'a>(
        &'a self,
        outputs: &[OutputSpec],
        sources: &SourceMap,
        file_id: Option<&'a str>,
    ) -> Result<Reports<'a>, Failure> {
        let signed = self.delivery.secret()?.is_some();
        let notice = |url: &String| Notice { url: url.clone(), form: self.notify_form.form(), signed };
        Ok(Reports {
            places: places(outputs, sources),
            file_id,
            base_url: self.base_url.as_deref().unwrap_or_default(),
            media_info: self.media_info.map(Generation::form),
            notify: self.notify.as_ref().map(notice),
        })
    }
}

/// Where the procedure asks for each output.
fn places(outputs: &[OutputSpec], sources: &SourceMap) -> BTreeMap<OutputId, Place> {
    let place = |output: &OutputSpec| {
        let source = sources.get(output.asked.source)?;
        let position = source.position(output.asked.start);
        Some((output.id, Place { file: source.name.clone(), line: position.line, column: position.column }))
    };
    outputs.iter().filter_map(place).collect()
}

/// Delivers what waits in the outbox of a folder and what this run could not lay there.
pub fn deliver(courier: &mut Courier<'_>, folder: &Path, outcome: Option<&RunOutcome>) -> Vec<Delivery> {
    // A folder that cannot be read holds nothing for anybody; the run has said so already.
    let outbox = Outbox::of(folder).ok().flatten();
    courier.empty(outbox.as_ref(), outcome.and_then(|outcome| outcome.unsaved.as_ref())).unwrap_or_default()
}

/// Says what was delivered and what waits.
pub fn tell(deliveries: &[Delivery], folder: &Path, out: &Out, form: Form) {
    if form != Form::People {
        deliveries.iter().for_each(|delivery| out.json_line(&event(delivery)));
        return;
    }
    let mut waiting = Diagnostics::default();
    for delivery in deliveries {
        let (id, receiver) = (delivery.id.clone(), delivery.receiver.clone());
        match &delivery.waiting {
            None => out.say(&message!("the event `{}` was delivered to `{}`", id, receiver)),
            Some(reason) => {
                let note = message!("`{}` has not taken the event `{}`: {}", receiver, id, words(reason));
                let help = match reason {
                    Reason::NoSecret => message!("give the secret with `--notify-secret-file`"),
                    Reason::Refused => message!("allow it with `--allow-private-network`"),
                    _ => message!("`vodflow notify {}` tries again, and so does the next run", folder.display()),
                };
                waiting.push(Diagnostic::new(&codes::NOT_NOTIFIED, note).with_help(help));
            }
        }
    }
    out.diagnostics(&waiting, &SourceMap::default());
}

/// A delivery as a line for programs.
pub fn event(delivery: &Delivery) -> Value {
    let Delivery { id, receiver, attempts, waiting } = delivery;
    match waiting {
        None => json!({ "event": "notification_delivered", "id": id, "receiver": receiver, "attempts": attempts }),
        Some(reason) => json!({
            "event": "notification_waiting",
            "id": id,
            "receiver": receiver,
            "attempts": attempts,
            "reason": words(reason).to_string(),
        }),
    }
}

fn words(reason: &Reason) -> Message {
    match reason {
        Reason::NoSecret => message!("it was signed, and the secret is not known now"),
        Reason::Refused => message!("the address belongs to a private network"),
        Reason::Status(status) => message!("it answers with status {}", status.to_string()),
        Reason::Unreachable(why) => message!("it cannot be reached: {}", why),
        Reason::After => message!("it did not take one before"),
        Reason::Interrupted => message!("the run was interrupted"),
        Reason::NotRemoved(why) => message!("it has it, but the outbox cannot be written: {}", why),
    }
}

/// Reads `30s`, `5min` or `1h`.
fn patience(text: &str) -> Result<Duration, String> {
    let units = [("min", 60), ("s", 1), ("h", 3600)];
    let parts = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)));
    let read = |(number, unit): (&str, u64)| number.parse::<u32>().ok().map(|count| u64::from(count) * unit);
    let seconds = parts.and_then(read).filter(|seconds| *seconds <= 86_400);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "a time is a whole number with `s`, `min` or `h`, at most a day".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let read = |text| patience(text).ok().map(|time| time.as_secs());
        assert_eq!((read("0s"), read("30s"), read("5min"), read("24h")), (Some(0), Some(30), Some(300), Some(86_400)));
        assert_eq!((read(""), read("30"), read("-1s"), read("25h"), read("1.5s")), (None, None, None, None, None));
    }
}
