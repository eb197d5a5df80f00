//! `vodflow lsp`: the language server on standard input and output.

use crate::cli::exit::Exit;
use crate::cli::files::FileWorld;
use crate::lsp::{Ended, buffered, serve};
use crate::world::{NoFiles, World};
use clap::Args;
use lsp_server::Connection;
use std::path::Path;

/// Arguments of `lsp`.
#[derive(Args)]
#[command(after_help = "Example:\n  vodflow lsp\n\nEditors start this; see editors/README.md for their settings.")]
pub struct Arguments {
    /// Accepted because many editors pass it; standard input and output are used in any case
    #[arg(long)]
    stdio: bool,
}

pub(in crate::cli) fn run(_: &Arguments) -> Exit {
    let (connection, threads) = Connection::stdio();
    let connection = buffered(connection);
    let ended = serve(&connection, &disk);
    // The writer ends when nobody can send any more. After an abrupt end the reader may never end: it is left behind.
    drop(connection);
    if ended == Ended::AsAgreed {
        let _ = threads.join();
        return Exit::Done;
    }
    // The protocol's number for an end that was not agreed.
    Exit::OutputFailed
}

/// The files around a document; a document that is no file has none.
fn disk(name: &str) -> Box<dyn World> {
    let path = Path::new(name);
    if path.is_absolute() { Box::new(FileWorld::of(Some(path))) } else { Box::new(NoFiles) }
}
