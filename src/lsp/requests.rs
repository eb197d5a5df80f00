//! The answers to a client's requests, one function each.

use super::convert::{Converter, EXPLANATION};
use super::session::Session;
use crate::diag::codes;
use crate::ide::Analysis;
use lsp_server::{ErrorCode, Request, Response, ResponseError};
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentSymbolRequest, FoldingRangeRequest, Formatting, GotoDefinition,
    HoverRequest, PrepareRenameRequest, References, Rename, Request as Asked, SignatureHelpRequest,
};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CompletionResponse, DocumentFormattingParams,
    DocumentSymbolResponse, FoldingRange, GotoDefinitionResponse, PrepareRenameResponse, RenameParams,
    TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit,
};
use serde_json::{Value, json};

/// The kind of the action that applies every fix at once.
pub const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.vodflow");

/// The request for the content of a text that is no file.
const TEXT_CONTENT: &str = "workspace/textDocumentContent";

/// What is sent back, or why nothing is.
type Answer = Result<Value, ResponseError>;

fn failure(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

/// Answers a request.
pub fn answer(session: &mut Session<'_>, request: Request) -> Response {
    let id = request.id.clone();
    let result = match request.method.as_str() {
        HoverRequest::METHOD => hover(session, request),
        Completion::METHOD => completion(session, request),
        GotoDefinition::METHOD => definition(session, request),
        References::METHOD => references(session, request),
        PrepareRenameRequest::METHOD => prepare_rename(session, request),
        Rename::METHOD => rename(session, request),
        DocumentSymbolRequest::METHOD => symbols(session, request),
        FoldingRangeRequest::METHOD => foldings(session, request),
        Formatting::METHOD => formatting(session, request),
        SignatureHelpRequest::METHOD => signature(session, request),
        CodeActionRequest::METHOD => actions(session, request),
        TEXT_CONTENT => content(session, &request.params),
        method => Err(failure(ErrorCode::MethodNotFound, format!("`{method}` is not known"))),
    };
    Response { id, response_result: result }
}

fn params<R: Asked>(request: Request) -> Result<R::Params, ResponseError> {
    serde_json::from_value(request.params).map_err(|error| failure(ErrorCode::InvalidParams, error.to_string()))
}

/// A result of the protocol as JSON.
fn sent<T: serde::Serialize>(result: Option<T>) -> Answer {
    serde_json::to_value(result).map_err(|error| failure(ErrorCode::InternalError, error.to_string()))
}

/// Asks about a position of an open document.
fn at<R>(
    session: &mut Session<'_>,
    place: &TextDocumentPositionParams,
    answer: impl FnOnce(&Analysis<'_>, usize, Converter<'_>) -> R,
) -> Option<R> {
    session.ask(&place.text_document.uri, |analysis, convert| {
        let offset = convert.document.lines.offset(&convert.document.text, place.position);
        answer(analysis, offset, convert)
    })
}

fn hover(session: &mut Session<'_>, request: Request) -> Answer {
    let place = params::<HoverRequest>(request)?.text_document_position_params;
    let found =
        at(session, &place, |analysis, offset, convert| analysis.hover(offset).map(|hover| convert.hover(&hover)));
    sent(found.flatten())
}

fn completion(session: &mut Session<'_>, request: Request) -> Answer {
    let place = params::<Completion>(request)?.text_document_position;
    let found = at(session, &place, |analysis, offset, convert| {
        let items = analysis.completion(offset);
        CompletionResponse::Array(items.iter().map(|item| convert.completion(item)).collect())
    });
    sent(found)
}

fn definition(session: &mut Session<'_>, request: Request) -> Answer {
    let place = params::<GotoDefinition>(request)?.text_document_position_params;
    let found = at(session, &place, |analysis, offset, convert| {
        analysis.definition(offset).and_then(|place| convert.location(&place)).map(GotoDefinitionResponse::Scalar)
    });
    sent(found.flatten())
}

fn references(session: &mut Session<'_>, request: Request) -> Answer {
    let place = params::<References>(request)?.text_document_position;
    let found = at(session, &place, |analysis, offset, convert| {
        let places = analysis.references(offset);
        places.iter().filter_map(|place| convert.location(place)).collect::<Vec<_>>()
    });
    sent(found)
}

fn prepare_rename(session: &mut Session<'_>, request: Request) -> Answer {
    let place = params::<PrepareRenameRequest>(request)?;
    let found = at(session, &place, |analysis, offset, convert| {
        let range = analysis.renamable(offset)?;
        Some(PrepareRenameResponse::Range(convert.document.lines.range(&convert.document.text, &range)))
    });
    sent(found.flatten())
}

// The protocol's type maps addresses.
#[allow(clippy::mutable_key_type)]
fn rename(session: &mut Session<'_>, request: Request) -> Answer {
    let RenameParams { text_document_position: place, new_name, .. } = params::<Rename>(request)?;
    let found = at(session, &place, |analysis, offset, convert| {
        let edits = analysis.rename(offset, &new_name)?;
        let mut changes = std::collections::HashMap::<Uri, Vec<TextEdit>>::new();
        for (place, new_text) in edits {
            if let Some(place) = convert.location(&place) {
                changes.entry(place.uri).or_default().push(TextEdit { range: place.range, new_text });
            }
        }
        Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
    });
    match found.transpose() {
        Ok(edit) => sent(edit),
        Err(refused) => {
            let refused: crate::ide::RenameRefused = refused;
            Err(failure(ErrorCode::RequestFailed, refused.to_string()))
        }
    }
}

fn symbols(session: &mut Session<'_>, request: Request) -> Answer {
    let uri = params::<DocumentSymbolRequest>(request)?.text_document.uri;
    let found = session.ask(&uri, |analysis, convert| {
        DocumentSymbolResponse::Nested(analysis.outline().iter().map(|one| convert.symbol(one)).collect())
    });
    sent(found)
}

/// The client's wishes for tabs are not asked: there is one layout.
fn formatting(session: &mut Session<'_>, request: Request) -> Answer {
    let DocumentFormattingParams { text_document, .. } = params::<Formatting>(request)?;
    let found = session.ask(&text_document.uri, |analysis, convert| {
        let edit = analysis.formatting().map(|(range, text)| {
            let range = convert.document.lines.range(&convert.document.text, &range);
            TextEdit { range, new_text: text }
        });
        edit.into_iter().collect::<Vec<_>>()
    });
    sent(found)
}

fn foldings(session: &mut Session<'_>, request: Request) -> Answer {
    let uri = params::<FoldingRangeRequest>(request)?.text_document.uri;
    let found = session.ask(&uri, |analysis, convert| {
        let lines = analysis.foldings().into_iter().map(|bytes| {
            let range = convert.document.lines.range(&convert.document.text, &bytes);
            FoldingRange { start_line: range.start.line, end_line: range.end.line, ..FoldingRange::default() }
        });
        lines.collect::<Vec<_>>()
    });
    sent(found)
}

fn signature(session: &mut Session<'_>, request: Request) -> Answer {
    let place = params::<SignatureHelpRequest>(request)?.text_document_position_params;
    let found = at(session, &place, |analysis, offset, convert| {
        analysis.signature(offset).map(|signature| convert.signature(&signature))
    });
    sent(found.flatten())
}

fn actions(session: &mut Session<'_>, request: Request) -> Answer {
    let CodeActionParams { text_document, range, context, .. } = params::<CodeActionRequest>(request)?;
    let wanted = |kind: &CodeActionKind| {
        let under = |only: &CodeActionKind| {
            kind == only || kind.as_str().strip_prefix(only.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        context.only.as_ref().is_none_or(|only| only.iter().any(under))
    };
    let found = session.ask(&text_document.uri, |analysis, convert| {
        let bytes = convert.document.lines.bytes(&convert.document.text, range);
        let mut actions: Vec<CodeAction> = Vec::new();
        if wanted(&CodeActionKind::QUICKFIX) {
            actions.extend(analysis.quick_fixes(bytes).iter().map(|fix| convert.quick_fix(fix)));
        }
        if wanted(&FIX_ALL) {
            actions.extend(fix_all(analysis, convert));
        }
        actions.into_iter().map(CodeActionOrCommand::CodeAction).collect::<Vec<_>>()
    });
    sent(found)
}

/// Every fix of a document at once, but for those that change what an earlier one changes.
fn fix_all(analysis: &Analysis<'_>, convert: Converter<'_>) -> Option<CodeAction> {
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for fix in analysis.quick_fixes(0..analysis.text().len()) {
        let apart =
            |new: &std::ops::Range<usize>| edits.iter().all(|(old, _)| new.end < old.start || old.end < new.start);
        if fix.edits.iter().all(|(range, _)| apart(range)) {
            edits.extend(fix.edits);
        }
    }
    (!edits.is_empty()).then(|| CodeAction {
        title: "apply every fix".to_owned(),
        kind: Some(FIX_ALL),
        edit: Some(convert.edit_of_document(convert.edits(&edits))),
        ..CodeAction::default()
    })
}

fn content(session: &Session<'_>, params: &Value) -> Answer {
    let address = params["uri"].as_str().unwrap_or_default();
    let page = |code: &str| codes::ALL.iter().find(|known| known.id == code).map(|known| known.page.to_owned());
    let code = address.strip_prefix(EXPLANATION);
    let text = code.map_or_else(|| session.catalog_text(address), page);
    text.map(|text| json!({ "text": text }))
        .ok_or_else(|| failure(ErrorCode::InvalidParams, format!("`{address}` is no text that comes with vodflow")))
}
