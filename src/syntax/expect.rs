//! Turns pest's errors into words for people: what was expected, and where. Names of grammar rules never leave this file.

use super::grammar::Rule;
use crate::diag::{Diagnostic, Message, codes, message, one_of};
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
    let expected = expectations(error);
    let wants_name = expected.first() == words_for(Rule::name).as_ref();
    let message = match (expected.is_empty(), found) {
        (false, Some(found)) => message!("expected {}, found `{}`", one_of(expected), found),
        (false, None) => message!("expected {} here", one_of(expected)),
        (true, Some(found)) => message!("`{}` is out of place", found),
        (true, None) => message!("the text ends too early"),
    };
    let span = match found {
        Some(found) => source.span(offset + at, offset + at + found.len()),
        None => {
            let end = offset + part[..at].trim_end().len();
            source.span(end, end)
        }
    };
    match found {
        Some(word) if wants_name && word.starts_with(char::is_alphabetic) => keyword_as_name(word, part).at(span, ""),
        _ => Diagnostic::new(&codes::SYNTAX, message).at(span, ""),
    }
}

/// Templates and procedures can be named in quotes where they are used; values would be texts there.
fn keyword_as_name(word: &str, part: &str) -> Diagnostic {
    let problem = Diagnostic::new(&codes::SYNTAX, message!("`{}` is a word of the language and no name", word));
    let quotable = ["template", "procedure"].iter().any(|keyword| part.starts_with(keyword));
    problem.with_help(match quotable {
        true => message!("take another name, or write it in quotes everywhere: `\"{}\"`", word),
        false => message!("take another name"),
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

fn expectations(error: &Error<Rule>) -> Vec<Message> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return Vec::new() };
    let mut words: Vec<Message> = Vec::new();
    for word in positives.iter().filter_map(|rule| words_for(*rule)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST_LISTED);
    words
}

/// What people call a thing of the grammar; `None` for what is not worth listing.
fn words_for(rule: Rule) -> Option<Message> {
    Some(match rule {
        Rule::file | Rule::call_entry | Rule::preset_entry => message!("a procedure text"),
        Rule::EOI => message!("the end of the text"),
        Rule::k_import => Message::from("`import`"),
        Rule::k_template => Message::from("`template`"),
        Rule::k_procedure => Message::from("`procedure`"),
        Rule::k_transcode => Message::from("`transcode`"),
        Rule::k_snapshot => Message::from("`snapshot`"),
        Rule::k_sample => Message::from("`sample`"),
        Rule::k_cover => Message::from("`cover`"),
        Rule::k_review => Message::from("`review`"),
        Rule::k_adaptive => Message::from("`adaptive`"),
        Rule::k_sprite => Message::from("`sprite`"),
        Rule::k_animate => Message::from("`animate`"),
        Rule::k_let => Message::from("`let`"),
        Rule::k_for => Message::from("`for`"),
        Rule::k_when => Message::from("`when`"),
        Rule::k_else | Rule::else_when | Rule::else_block => Message::from("`else`"),
        Rule::k_options => Message::from("`options`"),
        Rule::k_with | Rule::marks => Message::from("`with`"),
        Rule::k_encrypt | Rule::encrypt => Message::from("`encrypt`"),
        Rule::k_using | Rule::using => Message::from("`using`"),
        Rule::k_at | Rule::at => Message::from("`at`"),
        Rule::k_from | Rule::from => Message::from("`from`"),
        Rule::k_to | Rule::to => Message::from("`to`"),
        Rule::k_in => Message::from("`in`"),
        Rule::colon => Message::from("`:`"),
        Rule::comma => Message::from("`,`"),
        Rule::equals => Message::from("`=`"),
        Rule::open_brace | Rule::block | Rule::fields_block | Rule::overrides => Message::from("`{`"),
        Rule::close_brace => Message::from("`}`"),
        Rule::open_paren | Rule::arguments | Rule::mark_arguments | Rule::parameters => Message::from("`(`"),
        Rule::close_paren => Message::from("`)`"),
        Rule::open_bracket => Message::from("`[`"),
        Rule::close_bracket => Message::from("`]`"),
        Rule::open_angle => Message::from("`<`"),
        Rule::close_angle => Message::from("`>`"),
        Rule::name | Rule::plain_name | Rule::preset_name => message!("a name"),
        Rule::kind => message!("a kind of template"),
        Rule::field_name | Rule::field => message!("a field"),
        Rule::type_name | Rule::r#type | Rule::inner_type => message!("a type"),
        Rule::parameter => message!("a parameter"),
        Rule::mark => message!("a watermark"),
        Rule::import | Rule::template | Rule::procedure => message!("a declaration"),
        Rule::request | Rule::let_name | Rule::for_each | Rule::when | Rule::options => message!("a statement"),
        Rule::call | Rule::bare_call => message!("a call"),
        Rule::string => message!("a text in `\"`"),
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
        | Rule::lua_word => message!("a value"),
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
