//! From what `ide` answers to the words of the protocol.

use super::documents::{Document, Encoding, Lines, address_of};
use super::overlay::folder;
use crate::diag::Severity;
use crate::ide::{Completion, CompletionKind, Hover, Location, Outline, OutlineKind, Problem, QuickFix, Signature};
use lsp_types::{
    CodeAction, CodeActionKind, CodeDescription, CompletionItem, CompletionItemKind, CompletionTextEdit, Diagnostic,
    DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, DocumentSymbol, Documentation, HoverContents,
    InsertTextFormat, MarkupContent, MarkupKind, NumberOrString, ParameterInformation, ParameterLabel, SignatureHelp,
    SignatureInformation, SymbolKind, TextEdit, Uri, WorkspaceEdit,
};
use std::str::FromStr;

/// What a client can show.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// How it counts.
    pub encoding: Encoding,
    /// Whether completions may have stops for the cursor.
    pub snippets: bool,
    /// Whether hovers may be Markdown.
    pub markdown: bool,
    /// Whether diagnostics may have further places.
    pub related: bool,
}

/// A document and what its client can show.
#[derive(Clone, Copy)]
pub struct Converter<'a> {
    /// The document that ranges lie in.
    pub document: &'a Document,
    /// Its address.
    pub uri: &'a Uri,
    /// What the client can show.
    pub abilities: Abilities,
}

/// The address of the page of a code is this and the code; `workspace/textDocumentContent` gives the page.
pub const EXPLANATION: &str = "vodflow-code:";

impl Converter<'_> {
    fn range(&self, bytes: &std::ops::Range<usize>) -> lsp_types::Range {
        self.document.lines.range(&self.document.text, bytes)
    }

    /// A place of any text; `None` when its name is no address.
    pub fn location(&self, place: &Location) -> Option<lsp_types::Location> {
        if place.name == self.document.name {
            return Some(lsp_types::Location { uri: self.uri.clone(), range: self.range(&place.range) });
        }
        let uri = Uri::from_str(&self.address(&place.name)).ok()?;
        let range = Lines::of(&place.text, self.abilities.encoding).range(&place.text, &place.range);
        Some(lsp_types::Location { uri, range })
    }

    /// The address of another text; names without folder lie beside the document.
    fn address(&self, name: &str) -> String {
        let beside = !name.starts_with('/') && !name.contains(':');
        if beside { address_of(&format!("{}{name}", folder(&self.document.name))) } else { address_of(name) }
    }

    /// A problem.
    pub fn diagnostic(&self, problem: &Problem) -> Diagnostic {
        let related = problem.related.iter().filter_map(|one| {
            Some(DiagnosticRelatedInformation { location: self.location(&one.location)?, message: one.message.clone() })
        });
        let related: Vec<_> = related.collect();
        let href = Uri::from_str(&format!("{EXPLANATION}{}", problem.code.id)).ok();
        Diagnostic {
            range: self.range(&problem.range),
            severity: Some(match problem.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
            }),
            code: Some(NumberOrString::String(problem.code.id.to_owned())),
            code_description: href.map(|href| CodeDescription { href }),
            source: Some("vodflow".to_owned()),
            message: problem.message.clone(),
            related_information: (self.abilities.related && !related.is_empty()).then_some(related),
            tags: problem.is_unnecessary.then(|| vec![DiagnosticTag::UNNECESSARY]),
            data: None,
        }
    }

    /// A hover.
    pub fn hover(&self, hover: &Hover) -> lsp_types::Hover {
        let range = Some(self.range(&hover.range));
        lsp_types::Hover { contents: HoverContents::Markup(self.markup(&hover.text)), range }
    }

    fn markup(&self, text: &str) -> MarkupContent {
        if self.abilities.markdown {
            return MarkupContent { kind: MarkupKind::Markdown, value: text.to_owned() };
        }
        let plain = text.lines().filter(|line| !line.starts_with("```")).collect::<Vec<_>>().join("\n");
        MarkupContent { kind: MarkupKind::PlainText, value: plain }
    }

    /// A completion.
    pub fn completion(&self, item: &Completion) -> CompletionItem {
        let snippet = item.snippet.as_ref().filter(|_| self.abilities.snippets);
        let edit = TextEdit { range: self.range(&item.replace), new_text: snippet.unwrap_or(&item.insert).clone() };
        CompletionItem {
            label: item.label.clone(),
            kind: Some(match item.kind {
                CompletionKind::Keyword => CompletionItemKind::KEYWORD,
                CompletionKind::Template => CompletionItemKind::STRUCT,
                CompletionKind::Procedure => CompletionItemKind::FUNCTION,
                CompletionKind::Variable => CompletionItemKind::VARIABLE,
                CompletionKind::Field => CompletionItemKind::FIELD,
                CompletionKind::Value => CompletionItemKind::ENUM_MEMBER,
                CompletionKind::Fact => CompletionItemKind::PROPERTY,
                CompletionKind::Unit => CompletionItemKind::UNIT,
                CompletionKind::Type => CompletionItemKind::TYPE_PARAMETER,
            }),
            detail: (!item.detail.is_empty()).then(|| item.detail.clone()),
            documentation: (!item.doc.is_empty()).then(|| Documentation::MarkupContent(self.markup(&item.doc))),
            sort_text: Some(item.sort.clone()),
            insert_text_format: snippet.map(|_| InsertTextFormat::SNIPPET),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        }
    }

    /// A signature.
    pub fn signature(&self, signature: &Signature) -> SignatureHelp {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let parameters = signature
            .parameters
            .iter()
            .map(|label| ParameterInformation { label: ParameterLabel::Simple(label.clone()), documentation: None });
        let active = signature.active.map(narrow);
        let information = SignatureInformation {
            label: signature.label.clone(),
            documentation: Some(Documentation::MarkupContent(self.markup(&signature.doc))),
            parameters: Some(parameters.collect()),
            active_parameter: active,
        };
        SignatureHelp { signatures: vec![information], active_signature: Some(0), active_parameter: active }
    }

    /// A declaration with what is inside it.
    pub fn symbol(&self, one: &Outline) -> DocumentSymbol {
        let children: Vec<DocumentSymbol> = one.children.iter().map(|child| self.symbol(child)).collect();
        #[allow(deprecated, reason = "the field cannot be left out")]
        DocumentSymbol {
            name: one.name.clone(),
            detail: Some(one.detail.clone()),
            kind: match one.kind {
                OutlineKind::Template => SymbolKind::STRUCT,
                OutlineKind::Procedure => SymbolKind::FUNCTION,
                OutlineKind::Parameter => SymbolKind::VARIABLE,
                OutlineKind::Let => SymbolKind::CONSTANT,
                OutlineKind::Call => SymbolKind::EVENT,
            },
            tags: None,
            deprecated: None,
            range: self.range(&one.range),
            selection_range: self.range(&one.name_range),
            children: (!children.is_empty()).then_some(children),
        }
    }

    /// Edits of the document.
    pub fn edits(&self, edits: &[(std::ops::Range<usize>, String)]) -> Vec<TextEdit> {
        let edit = |(range, text): &(std::ops::Range<usize>, String)| TextEdit {
            range: self.range(range),
            new_text: text.clone(),
        };
        edits.iter().map(edit).collect()
    }

    /// A quick fix.
    pub fn quick_fix(&self, fix: &QuickFix) -> CodeAction {
        CodeAction {
            title: fix.title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.diagnostic(&fix.problem)]),
            edit: Some(self.edit_of_document(self.edits(&fix.edits))),
            is_preferred: Some(true),
            ..CodeAction::default()
        }
    }

    /// All edits as one change of the document.
    // The protocol's type maps addresses.
    #[allow(clippy::mutable_key_type)]
    pub fn edit_of_document(&self, edits: Vec<TextEdit>) -> WorkspaceEdit {
        WorkspaceEdit { changes: Some([(self.uri.clone(), edits)].into_iter().collect()), ..WorkspaceEdit::default() }
    }
}
