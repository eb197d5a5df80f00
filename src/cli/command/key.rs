//! `vodflow key`: the content key of a playlist that vodflow encrypted, for the service that hands keys to players.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{Failure, Form};
use crate::diag::{Diagnostic, Message, codes, message};
use crate::store::{ContentKey, kept_key};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `key`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow key out/drm/v.f220/v.f220.m3u8\n  vodflow key --raw out/drm/v.f220/v.f220.m3u8 > key.bin"
)]
pub struct Arguments {
    /// A playlist that vodflow encrypted, where it was published
    #[arg(value_name = "PLAYLIST")]
    playlist: PathBuf,
    /// Write the sixteen bytes that players are to be answered with, not their hexadecimal digits
    #[arg(long)]
    raw: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    match find(&arguments.playlist) {
        Ok(key) if arguments.raw => out.bytes(&key.bytes),
        Ok(key) => out.result(&format!("{}\n", key.hexadecimal())),
        Err(problem) => return Failure::plain(problem).report(out, Form::People),
    }
    Exit::Done
}

fn find(playlist: &Path) -> Result<ContentKey, Diagnostic> {
    let name = &playlist.display().to_string();
    let refuse = |note: Message| Diagnostic::new(&codes::INVALID_OPTION, note);
    let unreadable =
        |error: std::io::Error| refuse(message!("`{}` cannot be read: {}", name, crate::diag::io_words(&error)));
    let playlist = playlist.canonicalize().map_err(unreadable)?;
    let folder = playlist.parent().unwrap_or(&playlist);
    let text = std::fs::read_to_string(&playlist).map_err(unreadable)?;
    let id = key_id(&text).or_else(|| text.contains("#EXT-X-STREAM-INF:").then(|| id_beside(folder)).flatten());
    let Some(id) = id else {
        let help = message!("name the playlist of an encrypted rendition or package");
        return Err(refuse(message!("`{}` names no key of ours", name)).with_help(help));
    };
    match kept_key(folder, &id).map_err(unreadable)? {
        Some(key) => Ok(key),
        None => Err(refuse(message!("the key `{}` is not kept in a folder above `{}`", id, name)).with_help(message!(
            "name the playlist where it was published: keys stay in `.vodflow` of the output folder"
        ))),
    }
}

/// The public name of the key that a playlist tells players to ask for.
fn key_id(text: &str) -> Option<String> {
    let key = text.lines().find_map(|line| line.strip_prefix("#EXT-X-KEY:"))?;
    let address = key.split_once("URI=\"")?.1.split('"').next()?;
    let id = address.split_once("edk=")?.1.split(['&', '#']).next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// That of the playlists beside a master playlist: all tracks of a package have one.
fn id_beside(folder: &Path) -> Option<String> {
    let is_playlist = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "m3u8");
    let beside = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).filter(is_playlist);
    beside.filter_map(|path| key_id(&std::fs::read_to_string(path).ok()?)).min()
}
