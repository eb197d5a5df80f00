//! The language server: the only module that knows LSP. One loop owns the documents, so that what a client says is done
//! in the order it was said.

mod convert;
mod documents;
mod overlay;
mod requests;
mod session;

pub use session::Disk;

use crate::driver::Compiler;
use convert::Abilities;
use documents::Encoding;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{Cancel, Exit, LogMessage, Notification as _};
use lsp_types::request::{Request as _, Shutdown};
use lsp_types::{
    CancelParams, ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability,
    CompletionOptions, FoldingRangeProviderCapability, HoverProviderCapability, InitializeParams, LogMessageParams,
    MarkupKind, MessageType, NumberOrString, OneOf, RenameOptions, SaveOptions, ServerCapabilities,
    SignatureHelpOptions, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
};
use serde_json::json;
use session::Session;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The client asked for the end, then for the exit.
    AsAgreed,
    /// The client went away, or asked for the exit at once.
    Abruptly,
}

/// Serves one client until it goes; files are read through `disk`.
pub fn serve(connection: &Connection, disk: &Disk<'_>) -> Ended {
    let Ok((id, params)) = connection.initialize_start() else { return Ended::Abruptly };
    let params = serde_json::from_value::<InitializeParams>(params);
    let abilities = abilities(&params.map(|params| params.capabilities).unwrap_or_default());
    let greeting = json!({
        "capabilities": capabilities(abilities.encoding),
        "serverInfo": { "name": "vodflow", "version": env!("CARGO_PKG_VERSION") },
    });
    let compiler = Compiler::new();
    let session = Session::new(&compiler, disk, abilities);
    let mut server = Server { connection, session, waiting: VecDeque::new(), is_shut_down: false };
    server.send(Response::new_ok(id, greeting).into());
    server.run()
}

/// A connection that takes messages in while the server works, so that a cancellation is seen before what it cancels has
/// its turn: the channel of standard input holds none back. The thread ends with the client.
pub fn buffered(connection: Connection) -> Connection {
    let (server, client) = Connection::memory();
    let Connection { sender, receiver } = connection;
    std::thread::spawn(move || receiver.into_iter().try_for_each(|message| client.sender.send(message)));
    Connection { sender, receiver: server.receiver }
}

fn abilities(client: &ClientCapabilities) -> Abilities {
    let text = client.text_document.as_ref();
    let completion = text.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
    let formats = text.and_then(|text| text.hover.as_ref()?.content_format.as_ref());
    let diagnostics = text.and_then(|text| text.publish_diagnostics.as_ref());
    let encodings = client.general.as_ref().and_then(|general| general.position_encodings.as_deref());
    Abilities {
        encoding: Encoding::negotiated(encodings),
        snippets: completion.and_then(|completion| completion.snippet_support).unwrap_or(false),
        markdown: formats.is_some_and(|formats| formats.contains(&MarkupKind::Markdown)),
        related: diagnostics.and_then(|diagnostics| diagnostics.related_information).unwrap_or(false),
    }
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let signs = |signs: &[&str]| Some(signs.iter().map(|sign| (*sign).to_owned()).collect::<Vec<_>>());
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(SaveOptions::default().into()),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: signs(&[".", ":", "{", "(", ",", "<", "["]),
            ..CompletionOptions::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: signs(&["(", ","]),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: Default::default(),
        })),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, requests::FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

struct Server<'a> {
    connection: &'a Connection,
    session: Session<'a>,
    /// What has come and waits for its turn.
    waiting: VecDeque<Message>,
    is_shut_down: bool,
}

impl Server<'_> {
    fn run(&mut self) -> Ended {
        loop {
            self.take_in();
            if self.waiting.is_empty() {
                // Nobody waits for an answer: now the diagnostics of all changes so far.
                for message in self.guarded_publish() {
                    self.send(message);
                }
                match self.connection.receiver.recv() {
                    Ok(message) => self.waiting.push_back(message),
                    Err(_) => return self.end(),
                }
                continue;
            }
            match self.waiting.pop_front() {
                Some(Message::Request(request)) => self.answer(request),
                Some(Message::Notification(notification)) if notification.method == Exit::METHOD => return self.end(),
                Some(Message::Notification(notification)) => self.notify(notification),
                // We ask nothing of clients, so there is nothing to be answered.
                Some(Message::Response(_)) | None => {}
            }
        }
    }

    fn end(&self) -> Ended {
        if self.is_shut_down { Ended::AsAgreed } else { Ended::Abruptly }
    }

    /// Takes what has come without waiting; requests that were cancelled meanwhile are answered as such.
    fn take_in(&mut self) {
        while let Ok(message) = self.connection.receiver.try_recv() {
            match message {
                Message::Notification(notification) if notification.method == Cancel::METHOD => {
                    self.cancel(notification);
                }
                message => self.waiting.push_back(message),
            }
        }
    }

    fn cancel(&mut self, notification: Notification) {
        let Ok(params) = serde_json::from_value::<CancelParams>(notification.params) else { return };
        let id: RequestId = match params.id {
            NumberOrString::Number(number) => number.into(),
            NumberOrString::String(text) => text.into(),
        };
        let is_it = |message: &Message| matches!(message, Message::Request(request) if request.id == id);
        // One that was answered already, or never came, needs nothing.
        if let Some(index) = self.waiting.iter().position(is_it) {
            self.waiting.remove(index);
            let message = "the client cancelled the request".to_owned();
            self.send(Response::new_err(id, ErrorCode::RequestCanceled as i32, message).into());
        }
    }

    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let response = if self.is_shut_down {
            let message = "the server was asked to shut down".to_owned();
            Response::new_err(id, ErrorCode::InvalidRequest as i32, message)
        } else if request.method == Shutdown::METHOD {
            self.is_shut_down = true;
            Response::new_ok(id, serde_json::Value::Null)
        } else {
            let method = request.method.clone();
            match guarded(|| requests::answer(&mut self.session, request)) {
                Ok(response) => response,
                Err(reason) => {
                    self.log(format!("a mistake in vodflow while it answered `{method}`: {reason}"));
                    Response::new_err(id, ErrorCode::InternalError as i32, format!("a mistake in vodflow: {reason}"))
                }
            }
        };
        self.send(response.into());
    }

    fn notify(&mut self, notification: Notification) {
        let method = notification.method.clone();
        if let Err(reason) = guarded(|| self.session.notify(notification)) {
            self.log(format!("a mistake in vodflow at `{method}`: {reason}"));
        }
    }

    fn guarded_publish(&mut self) -> Vec<Message> {
        guarded(|| self.session.publish()).unwrap_or_else(|reason| {
            self.log(format!("a mistake in vodflow while it checked: {reason}"));
            Vec::new()
        })
    }

    fn log(&self, message: String) {
        let params = LogMessageParams { typ: MessageType::ERROR, message };
        self.send(Notification::new(LogMessage::METHOD.to_owned(), params).into());
    }

    /// A client that is gone needs no answer; the loop notices it when it next listens.
    fn send(&self, message: Message) {
        let _ = self.connection.sender.send(message);
    }
}

/// Runs something whose mistakes must not end the server; what a panic said is the error.
fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned())).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_not_the_end() {
        assert_eq!(guarded(|| panic!("no {}", "luck")), Err::<(), _>("no luck".to_owned()));
        assert_eq!(guarded(|| 1), Ok(1));
    }
}
