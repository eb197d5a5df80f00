//! The page of a code on a terminal: Markdown in, lines of the right width out.

use crate::diag::{Code, Language, Message, Page, message};

/// How a page is drawn.
#[derive(Debug, Clone, Copy)]
pub struct PageOptions {
    /// Columns to fill.
    pub width: usize,
    /// What headings and the summary are said in; the page itself is in English.
    pub language: Language,
}

const BOLD: (&str, &str) = ("\u{1b}[1m", "\u{1b}[0m");
const FAINT: (&str, &str) = ("\u{1b}[2m", "\u{1b}[0m");
/// Prose wider than this is hard to read.
const WIDEST: usize = 90;

/// The page of a code, with escapes that the terminal's stream removes where they are not wanted.
pub fn drawn(code: &Code, options: PageOptions) -> String {
    let mut text = format!("{}\n", styled(&format!("{} {}", code.id, code.name), BOLD));
    text.push_str(&paragraph(code.summary_in(options.language), options.width));
    let Some(page) = Page::read(code) else { return text };
    let sections: [(Message, &str); 4] = [
        (message!("What it means"), page.meaning),
        (message!("Example"), page.example),
        (message!("How to fix"), page.remedy),
        (message!("Related"), page.related),
    ];
    for (title, content) in sections {
        text.push_str(&format!("\n{}\n", styled(&title.text(options.language), BOLD)));
        text.push_str(&markdown(content, options));
    }
    text
}

fn styled(text: &str, (start, end): (&str, &str)) -> String {
    format!("{start}{text}{end}")
}

/// Paragraphs, lists and fences; the only Markdown that pages have.
fn markdown(content: &str, options: PageOptions) -> String {
    let (mut text, mut lines) = (String::new(), content.lines().peekable());
    while let Some(line) = lines.next() {
        if let Some(tag) = line.strip_prefix("```") {
            if let Some(caption) = caption(tag) {
                text.push_str(&format!("  {}\n", styled(&caption.text(options.language), FAINT)));
            }
            let code = lines.by_ref().take_while(|line| !line.starts_with("```"));
            code.for_each(|line| text.push_str(&format!("{}\n", format!("    {line}").trim_end())));
        } else if line.is_empty() || line.starts_with("- ") {
            text.push_str(&format!("{}\n", if line.is_empty() { String::new() } else { format!("  {line}") }));
        } else {
            let mut prose = line.to_owned();
            while let Some(next) = lines.next_if(|next| !next.is_empty() && !next.starts_with("```")) {
                prose = format!("{prose} {next}");
            }
            text.push_str(&paragraph(&prose, options.width));
        }
    }
    text
}

/// What a fence is, where its content does not say so.
fn caption(tag: &str) -> Option<Message> {
    match tag {
        "facts" => Some(message!("with this source:")),
        "target" => Some(message!("with an ffmpeg:")),
        _ => Some(message!("in `{}`:", tag.strip_prefix("vod ")?)),
    }
}

fn paragraph(prose: &str, width: usize) -> String {
    let indent = textwrap::Options::new(width.min(WIDEST)).initial_indent("  ").subsequent_indent("  ");
    format!("{}\n", textwrap::fill(prose, indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_code_is_indented_lists_stay() {
        let content = "One two three\nfour five.\n\n```vod\nprocedure p {\n\n    transcode 10\n}\n```\n\n```facts\nx\n```\n\n- E0203 unknown-template";
        let drawn = markdown(content, PageOptions { width: 16, language: Language::English });
        let expected = "  One two three\n  four five.\n\n    procedure p {\n\n        transcode 10\n    }\n\n  \u{1b}[2mwith this source:\u{1b}[0m\n    x\n\n  - E0203 unknown-template\n";
        assert_eq!(drawn, expected);
    }
}
