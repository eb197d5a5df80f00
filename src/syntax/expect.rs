//! Turns pest's errors into words for people: what was expected, and where. Names of grammar rules never leave this file.

use super::grammar::Rule;
use crate::diag::{Diagnostic, codes};
use crate::text::Source;
use pest::error::{Error, ErrorVariant, InputLocation};

/// The most expectations that one message lists.
const MOST_LISTED: usize = 5;

/// The message for an error in the part of a text that starts at `offset` and is `part`.
pub fn diagnostic(error: &Error<Rule>, source: &Source, offset: usize, part: &str) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(part.len()),
    };
    let found = found(&part[at..]);
    let message = match (expectations(error), found) {
        (Some(expected), Some(found)) => format!("expected {expected}, found `{found}`"),
        (Some(expected), None) => format!("expected {expected} here"),
        (None, Some(found)) => format!("`{found}` is out of place"),
        (None, None) => "the text ends too early".to_owned(),
    };
    let span = match found {
        Some(found) => source.span(offset + at, offset + at + found.len()),
        None => {
            let end = offset + part[..at].trim_end().len();
            source.span(end, end)
        }
    };
    match found {
        Some(word) if message.starts_with("expected a name") && word.starts_with(char::is_alphabetic) => {
            keyword_as_name(word, part).at(span, "")
        }
        _ => Diagnostic::new(&codes::SYNTAX, message).at(span, ""),
    }
}

/// Templates and procedures can be named in quotes where they are used; values would be texts there.
fn keyword_as_name(word: &str, part: &str) -> Diagnostic {
    let problem = Diagnostic::new(&codes::SYNTAX, format!("`{word}` is a word of the language and no name"));
    let quotable = ["template", "procedure"].iter().any(|keyword| part.starts_with(keyword));
    problem.with_help(match quotable {
        true => format!("take another name, or write it in quotes everywhere: `\"{word}\"`"),
        false => "take another name".to_owned(),
    })
}

/// The first word or sign of a text, for "found `…`".
pub fn found(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    let in_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let length = if in_word(first) {
        text.find(|sign: char| !in_word(sign) && sign != '.' && sign != '%').unwrap_or(text.len())
    } else {
        first.len_utf8()
    };
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    Some(&text[..length.min(end)])
}

fn expectations(error: &Error<Rule>) -> Option<String> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return None };
    let mut words: Vec<&str> = Vec::new();
    for word in positives.iter().filter_map(|rule| words_for(*rule)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST_LISTED);
    let (last, rest) = words.split_last()?;
    Some(if rest.is_empty() { (*last).to_owned() } else { format!("{} or {last}", rest.join(", ")) })
}

/// What people call a thing of the grammar; `None` for what is not worth listing.
fn words_for(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::file | Rule::call_entry | Rule::preset_entry => "a procedure text",
        Rule::EOI => "the end of the text",
        Rule::k_import => "`import`",
        Rule::k_template => "`template`",
        Rule::k_procedure => "`procedure`",
        Rule::k_transcode => "`transcode`",
        Rule::k_snapshot => "`snapshot`",
        Rule::k_sample => "`sample`",
        Rule::k_cover => "`cover`",
        Rule::k_review => "`review`",
        Rule::k_adaptive => "`adaptive`",
        Rule::k_sprite => "`sprite`",
        Rule::k_animate => "`animate`",
        Rule::k_let => "`let`",
        Rule::k_for => "`for`",
        Rule::k_when => "`when`",
        Rule::k_else | Rule::else_when | Rule::else_block => "`else`",
        Rule::k_options => "`options`",
        Rule::k_with | Rule::marks => "`with`",
        Rule::k_encrypt | Rule::encrypt => "`encrypt`",
        Rule::k_using | Rule::using => "`using`",
        Rule::k_at | Rule::at => "`at`",
        Rule::k_from | Rule::from => "`from`",
        Rule::k_to | Rule::to => "`to`",
        Rule::k_in => "`in`",
        Rule::colon => "`:`",
        Rule::comma => "`,`",
        Rule::equals => "`=`",
        Rule::open_brace | Rule::block | Rule::fields_block | Rule::overrides => "`{`",
        Rule::close_brace => "`}`",
        Rule::open_paren | Rule::arguments | Rule::mark_arguments | Rule::parameters => "`(`",
        Rule::close_paren => "`)`",
        Rule::open_bracket => "`[`",
        Rule::close_bracket => "`]`",
        Rule::open_angle => "`<`",
        Rule::close_angle => "`>`",
        Rule::name | Rule::plain_name | Rule::preset_name => "a name",
        Rule::kind => "a kind of template",
        Rule::field_name | Rule::field => "a field",
        Rule::type_name | Rule::r#type | Rule::inner_type => "a type",
        Rule::parameter => "a parameter",
        Rule::mark => "a watermark",
        Rule::import | Rule::template | Rule::procedure => "a declaration",
        Rule::request | Rule::let_name | Rule::for_each | Rule::when | Rule::options => "a statement",
        Rule::call | Rule::bare_call => "a call",
        Rule::string => "a text in `\"`",
        Rule::value
        | Rule::values
        | Rule::quantity
        | Rule::list
        | Rule::group
        | Rule::path
        | Rule::value_word
        | Rule::argument
        | Rule::lua_number
        | Rule::lua_string
        | Rule::lua_long
        | Rule::lua_table
        | Rule::lua_field
        | Rule::lua_brackets
        | Rule::lua_word => "a value",
        Rule::WHITESPACE
        | Rule::COMMENT
        | Rule::line_comment
        | Rule::block_comment
        | Rule::k_at_most
        | Rule::k_not
        | Rule::k_and
        | Rule::k_or
        | Rule::verb
        | Rule::clause
        | Rule::for_head
        | Rule::when_head
        | Rule::else_head
        | Rule::infix
        | Rule::add
        | Rule::subtract
        | Rule::multiply
        | Rule::divide
        | Rule::equal
        | Rule::unequal
        | Rule::at_least
        | Rule::no_more
        | Rule::more
        | Rule::less
        | Rule::top_keyword
        | Rule::clause_keyword
        | Rule::reserved
        | Rule::value_keyword
        | Rule::item
        | Rule::semicolon
        | Rule::dangling
        | Rule::optional
        | Rule::statement
        | Rule::prefix
        | Rule::primary
        | Rule::digits
        | Rule::clock
        | Rule::fraction
        | Rule::unit
        | Rule::lua_value
        | Rule::lua_long_text
        | Rule::blank
        | Rule::sync
        | Rule::junk_unit
        | Rule::paren
        | Rule::junk_head
        | Rule::junk_rest
        | Rule::junk_statement
        | Rule::junk_item_head
        | Rule::junk_item
        | Rule::field_sync
        | Rule::junk_field_head
        | Rule::junk_field
        | Rule::junk_parameters
        | Rule::junk_arguments
        | Rule::junk_list
        | Rule::missing_close
        | Rule::missing_end => return None,
    })
}
