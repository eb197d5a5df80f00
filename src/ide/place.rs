//! What may come next at a cursor, told from the words before it: the half of the grammar that an editor needs.

use super::cursor::{Before, Frame, Token, TokenKind};
use super::fields;
use super::names::Names;
use super::wanted::Wanted;
use super::words;

/// What may come next.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Nothing that could be told: a new name, a bracket.
    Nothing,
    /// An item of a file.
    Item,
    /// The kind of a template.
    Kind,
    /// A type of a parameter.
    Type,
    /// What a list holds, as a type.
    ElementType,
    /// A statement.
    Statement {
        /// Whether `else` may follow what was just closed.
        may_else: bool,
        /// Whether nothing was said in the procedure yet.
        is_first: bool,
    },
    /// The statement before may go on.
    Clause {
        /// Its verb.
        verb: &'static str,
        /// The clauses it lacks, those it needs first.
        lacking: Vec<&'static str>,
        /// Whether another statement may start here, too.
        may_end: bool,
    },
    /// A value.
    Value(Wanted),
    /// An argument: a value, or the name of a parameter not given yet.
    Argument {
        /// What is called.
        callee: String,
        /// Which positional argument it would be; `None` after a named one.
        position: Option<usize>,
        /// The parameters given by name.
        given: Vec<String>,
    },
    /// A field of a record.
    Field {
        /// A kind of template, `mark` or `options`.
        root: String,
        /// The fields that lead into the record.
        path: Vec<String>,
        /// What is given already.
        given: Vec<String>,
    },
    /// What is known about the source.
    Fact,
    /// A word that goes on after a value: `in`, `when`, `and`.
    Words(&'static [&'static str]),
}

/// What an open bracket is.
#[derive(Debug, Clone, PartialEq)]
enum Inside {
    File,
    Block,
    Fields { root: String, path: Vec<String> },
    Parameters,
    Arguments { callee: String },
    Elements(Wanted),
    Group(Wanted),
    Unknown,
}

/// The call whose arguments a cursor stands in, and at which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCall {
    /// What is called.
    pub callee: String,
    /// The argument's place.
    pub position: usize,
    /// Its name, if it is given by one.
    pub name: Option<String>,
}

/// What may come next.
pub fn place(before: &Before<'_>, names: Names<'_>) -> Place {
    if before.is_inert {
        return Place::Nothing;
    }
    let mut inside = Inside::File;
    for pair in before.frames.windows(2) {
        inside = open(&inside, &pair[0], pair[1].open, names);
    }
    let Some(frame) = before.frames.last() else { return Place::Nothing };
    next(&inside, frame, before.starts_line, names)
}

/// The innermost call around the cursor.
pub fn open_call(before: &Before<'_>) -> Option<OpenCall> {
    let frames = &before.frames;
    let index = (1..frames.len()).rev().find(|index| frames[*index].open == '(')?;
    let callee = frames[index - 1].tokens.last().filter(|token| is_name(token))?;
    let tokens = &frames[index].tokens;
    let position = tokens.iter().filter(|token| is_comma(token)).count();
    let argument = last_part(tokens);
    let name = match argument {
        [name, colon, ..] if is_colon(colon) => Some(name.text.to_owned()),
        _ => None,
    };
    Some(OpenCall { callee: unquoted(callee.text), position, name })
}

fn is_name(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::Text)
}

fn is_comma(token: &Token<'_>) -> bool {
    token.is_sign(",") || token.is_sign("，") || token.is_sign(";")
}

fn is_colon(token: &Token<'_>) -> bool {
    token.is_sign(":") || token.is_sign("：")
}

/// What is behind the last comma.
fn last_part<'a, 't>(tokens: &'a [Token<'t>]) -> &'a [Token<'t>] {
    let start = tokens.iter().rposition(is_comma).map_or(0, |at| at + 1);
    &tokens[start..]
}

fn unquoted(text: &str) -> String {
    text.trim_matches('"').to_owned()
}

/// What a bracket opens that stands at the end of a frame.
fn open(inside: &Inside, frame: &Frame<'_>, bracket: char, names: Names<'_>) -> Inside {
    let here = next(inside, frame, false, names);
    match (bracket, inside) {
        ('{', Inside::File) => match statement(&frame.tokens) {
            [first, kind, ..] if first.is_word("template") => {
                Inside::Fields { root: kind.text.to_owned(), path: Vec::new() }
            }
            [first, ..] if first.is_word("procedure") => Inside::Block,
            _ => Inside::Unknown,
        },
        ('{', Inside::Block) => match statement(&frame.tokens) {
            [first, ..] if ["for", "when", "else"].contains(&first.text) => Inside::Block,
            [first, ..] if first.is_word("options") => Inside::Fields { root: "options".to_owned(), path: Vec::new() },
            [first, ..] if first.is_word("transcode") => {
                Inside::Fields { root: "transcode".to_owned(), path: Vec::new() }
            }
            _ => Inside::Unknown,
        },
        ('{', Inside::Fields { root, path }) => record_inside(root, path, &frame.tokens),
        ('{', Inside::Elements(Wanted::Field(field))) if field.form == fields::Form::Records => {
            Inside::Fields { root: format!("{}.{}", "adaptive", field.name), path: Vec::new() }
        }
        ('(', Inside::File | Inside::Block) => match statement(&frame.tokens) {
            [first, ..] if first.is_word("procedure") => Inside::Parameters,
            [callee] if is_name(callee) => Inside::Arguments { callee: unquoted(callee.text) },
            tokens if in_marks(tokens) => Inside::Fields { root: "mark".to_owned(), path: Vec::new() },
            _ => Inside::Group(wanted_of(here)),
        },
        ('[' | '{', _) => match here {
            // A list stands for all values of the place, its elements for one each.
            Place::Argument { callee, position, given } => {
                Inside::Elements(argument_wanted(names, &callee, position, &given).element().clone())
            }
            here => Inside::Elements(wanted_of(here).element().clone()),
        },
        ('(', _) => Inside::Group(wanted_of(here)),
        _ => Inside::Unknown,
    }
}

fn record_inside(root: &str, path: &[String], tokens: &[Token<'_>]) -> Inside {
    match current_field(tokens) {
        Some((name, [])) => {
            let path = path.iter().cloned().chain([name.to_owned()]).collect();
            Inside::Fields { root: root.to_owned(), path }
        }
        _ => Inside::Unknown,
    }
}

fn in_marks(tokens: &[Token<'_>]) -> bool {
    let clause = tokens.iter().rev().find(|token| words::entry(words::CLAUSES, token.text).is_some());
    clause.is_some_and(|clause| clause.is_word("with")) && tokens.last().is_some_and(completes)
}

fn wanted_of(place: Place) -> Wanted {
    match place {
        Place::Value(wanted) => wanted,
        _ => Wanted::Any,
    }
}

/// What the argument of a call wants.
pub fn argument_wanted(names: Names<'_>, callee: &str, position: Option<usize>, given: &[String]) -> Wanted {
    let parameter = names.procedure(callee).zip(position).and_then(|(procedure, position)| {
        let parameters = procedure.node.parameters.iter();
        let mut free = parameters.filter(|parameter| !given.contains(&parameter.name.value));
        free.nth(position)
    });
    parameter.map_or(Wanted::Any, |parameter| Wanted::of_type(&parameter.type_name))
}

/// What may come next inside a bracket.
fn next(inside: &Inside, frame: &Frame<'_>, starts_line: bool, names: Names<'_>) -> Place {
    let tokens = &frame.tokens;
    if let [.., source, dot] = tokens.as_slice()
        && dot.is_sign(".")
        && source.is_word("source")
    {
        return Place::Fact;
    }
    match inside {
        Inside::File => item(statement(tokens), starts_line),
        Inside::Block => block(tokens, starts_line),
        Inside::Fields { root, path } => field(root, path, tokens),
        Inside::Parameters => parameter(last_part(tokens)),
        Inside::Arguments { callee } => argument(callee, tokens, names),
        Inside::Elements(wanted) => match last_part(tokens) {
            [] => Place::Value(wanted.clone()),
            part => expression(part, wanted),
        },
        Inside::Group(wanted) => expression(tokens, wanted),
        Inside::Unknown => Place::Nothing,
    }
}

/// The tokens of the item or statement at the end.
fn statement<'a, 't>(tokens: &'a [Token<'t>]) -> &'a [Token<'t>] {
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let previous = at.checked_sub(1).map(|before| &tokens[before]);
        if token.is_sign(";") {
            start = at + 1;
        } else if begins(previous, token) {
            start = at;
        }
    }
    &tokens[start..]
}

/// Whether a token is the first of a statement or an item.
fn begins(previous: Option<&Token<'_>>, token: &Token<'_>) -> bool {
    if token.kind != TokenKind::Word {
        return false;
    }
    let Some(previous) = previous else { return true };
    let is_first_word = [words::ITEMS, words::STATEMENTS].iter().any(|list| words::entry(list, token.text).is_some());
    if is_first_word || matches!(token.text, "options" | "else") {
        let continues = token.is_word("when") && previous.is_word("else");
        // `template transcode …`, `template<snapshot>`
        let is_kind = previous.is_word("template") || previous.is_sign("<");
        return !continues && !is_kind;
    }
    let is_clause = words::entry(words::CLAUSES, token.text).is_some() || token.is_word("in");
    let after_block = previous.kind == TokenKind::Closed('{');
    !is_clause && completes(previous) && (token.starts_line || after_block) && !is_operator_word(token.text)
}

fn is_operator_word(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "at_most")
}

/// Whether a token can be the end of a value.
fn completes(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Sign => token.is_sign("%"),
        TokenKind::Word => words::keyword(token.text).is_none(),
        _ => true,
    }
}

fn item(tokens: &[Token<'_>], starts_line: bool) -> Place {
    match tokens {
        [] => Place::Item,
        [first] if first.is_word("template") => Place::Kind,
        [.., last] if last.kind == TokenKind::Closed('{') => Place::Item,
        [first, path] if first.is_word("import") && path.kind == TokenKind::Text => Place::Item,
        [first, ..] if words::entry(words::ITEMS, first.text).is_some() => Place::Nothing,
        _ if starts_line => Place::Item,
        _ => Place::Nothing,
    }
}

fn block(tokens: &[Token<'_>], starts_line: bool) -> Place {
    let new = |may_else| Place::Statement { may_else, is_first: tokens.is_empty() };
    let current = statement(tokens);
    let Some(first) = current.first() else { return new(false) };
    let after_block = current.last().is_some_and(|last| last.kind == TokenKind::Closed('{'));
    match first.text {
        "let" => match current {
            [_] | [_, _] => Place::Nothing,
            [_, _, _, value @ ..] => or_statement(expression(value, &Wanted::Any), starts_line),
            _ => Place::Nothing,
        },
        "for" if after_block => new(false),
        "for" => match current {
            [_] => Place::Nothing,
            [_, _] => Place::Words(&["in"]),
            [_, _, _, value @ ..] => expression(value, &Wanted::Any.list()),
            _ => Place::Nothing,
        },
        "when" if after_block => new(true),
        "when" => expression(&current[1..], &Wanted::Condition),
        "else" => match current {
            [_] => Place::Words(&["when"]),
            [_, when, ..] if after_block => new(when.is_word("when")),
            [_, when, condition @ ..] if when.is_word("when") => expression(condition, &Wanted::Condition),
            _ => new(false),
        },
        "options" if after_block => new(false),
        "options" => Place::Nothing,
        verb if words::is_verb(verb) => request(current, starts_line),
        _ if starts_line => new(false),
        _ => Place::Nothing,
    }
}

/// Behind a whole value that ends a statement, another statement may start on a new line.
fn or_statement(place: Place, starts_line: bool) -> Place {
    match place {
        Place::Words(_) if starts_line => Place::Statement { may_else: false, is_first: false },
        place => place,
    }
}

fn request(tokens: &[Token<'_>], starts_line: bool) -> Place {
    let Some(verb) = words::entry(words::STATEMENTS, tokens[0].text).map(|entry| entry.word) else {
        return Place::Nothing;
    };
    let mut clause = verb;
    let mut seen: Vec<&str> = Vec::new();
    for token in &tokens[1..] {
        match token.kind {
            TokenKind::Word if words::entry(words::CLAUSES, token.text).is_some() => {
                clause = token.text;
                seen.push(token.text);
            }
            TokenKind::Closed('{') if verb == "transcode" => seen.push("{"),
            _ => {}
        }
    }
    let wanted = clause_wanted(verb, clause);
    let lacking: Vec<&str> = words::clauses(verb).iter().copied().filter(|clause| !seen.contains(clause)).collect();
    match tokens.last() {
        Some(last) if tokens.len() == 1 && last.is_word(verb) && !words::names_templates_first(verb) => {
            Place::Clause { verb, lacking, may_end: false }
        }
        Some(last) if completes(last) => {
            let needed = ["at", "using"].iter().any(|needed| lacking.contains(needed));
            Place::Clause { verb, lacking, may_end: starts_line && !needed }
        }
        Some(_) => Place::Value(wanted),
        None => Place::Nothing,
    }
}

/// What stands behind a verb or a clause word.
fn clause_wanted(verb: &str, clause: &str) -> Wanted {
    match clause {
        "using" => words::kind_of_verb(verb).map_or(Wanted::Any, Wanted::template),
        "at" if verb == "snapshot" => Wanted::scalar("time").list(),
        "at" | "from" | "to" => Wanted::scalar("time"),
        "with" => Wanted::template("watermark"),
        "encrypt" => Wanted::template("encryption"),
        _ => words::kind_of_verb(verb).map_or(Wanted::Any, Wanted::template).list(),
    }
}

/// Behind an operator, or at the start, a value of that type; behind a value, what may join it.
fn expression(tokens: &[Token<'_>], wanted: &Wanted) -> Place {
    match tokens.last() {
        None => Place::Value(wanted.clone()),
        Some(last) if !completes(last) => {
            let compared = ["==", "!=", "<", "<=", ">", ">="].iter().any(|sign| last.is_sign(sign));
            Place::Value(if compared { Wanted::Any } else { wanted.clone() })
        }
        Some(_) if *wanted == Wanted::Condition || *wanted == Wanted::Any => Place::Words(&["and", "or"]),
        Some(_) => Place::Nothing,
    }
}

/// The name of the field at the end, and what stands behind its colon.
fn current_field<'a, 't>(tokens: &'a [Token<'t>]) -> Option<(&'t str, &'a [Token<'t>])> {
    let colon = tokens.iter().rposition(is_colon)?;
    let name = tokens.get(colon.checked_sub(1)?).filter(|name| name.kind == TokenKind::Word)?;
    Some((name.text, &tokens[colon + 1..]))
}

fn field(root: &str, path: &[String], tokens: &[Token<'_>]) -> Place {
    let pairs = tokens.windows(2).filter(|pair| is_colon(&pair[1]));
    let given = pairs.map(|pair| pair[0].text.to_owned()).collect();
    let new = Place::Field { root: root.to_owned(), path: path.to_owned(), given };
    match current_field(tokens) {
        None => new,
        Some((_, value)) if value.last().is_some_and(|last| is_comma(last) || completes(last)) => new,
        Some((name, _)) => {
            let known = fields_inside(root, path);
            let wanted = known.iter().find(|field| field.name == name).map_or(Wanted::Any, |field| match name {
                "extends" => Wanted::template(root),
                _ => Wanted::Field(field),
            });
            Place::Value(wanted)
        }
    }
}

/// The fields of a record; a root with a dot is an element of a list inside a template.
pub fn fields_inside(root: &str, path: &[String]) -> &'static [fields::Field] {
    match root.split_once('.') {
        Some((kind, list)) => {
            let path: Vec<String> = std::iter::once(list.to_owned()).chain(path.iter().cloned()).collect();
            fields::inside(kind, &path)
        }
        None => fields::inside(root, path),
    }
}

fn parameter(tokens: &[Token<'_>]) -> Place {
    let Some(colon) = tokens.iter().position(is_colon) else { return Place::Nothing };
    let written = &tokens[colon + 1..];
    if let Some(equals) = written.iter().position(|token| token.is_sign("=")) {
        return expression(&written[equals + 1..], &written_type(&written[..equals]));
    }
    match written {
        [] => Place::Type,
        [.., word, angle] if angle.is_sign("<") && word.is_word("template") => Place::Kind,
        [.., angle] if angle.is_sign("<") => Place::ElementType,
        _ => Place::Nothing,
    }
}

/// A type from its words: `list < template < transcode > > ?`.
fn written_type(tokens: &[Token<'_>]) -> Wanted {
    let words: Vec<&str> =
        tokens.iter().filter(|token| token.kind == TokenKind::Word).map(|token| token.text).collect();
    let read = match words.as_slice() {
        ["list", "template", kind] => Wanted::template(kind).list(),
        ["list", scalar] => Wanted::scalar(scalar).list(),
        ["template", kind] => Wanted::template(kind),
        [scalar] => Wanted::scalar(scalar),
        _ => Wanted::Any,
    };
    match tokens.last() {
        Some(last) if last.is_sign("?") => Wanted::Optional(Box::new(read)),
        _ => read,
    }
}

fn argument(callee: &str, tokens: &[Token<'_>], names: Names<'_>) -> Place {
    let named = tokens.windows(2).filter(|pair| is_colon(&pair[1]));
    let given: Vec<String> = named.map(|pair| pair[0].text.to_owned()).collect();
    let commas = tokens.iter().filter(|token| is_comma(token)).count();
    match last_part(tokens) {
        [] => Place::Argument { callee: callee.to_owned(), position: given.is_empty().then_some(commas), given },
        [name, colon, value @ ..] if is_colon(colon) => {
            let parameters = names.procedure(callee).map(|procedure| procedure.node.parameters.as_slice());
            let parameter =
                parameters.unwrap_or_default().iter().find(|parameter| parameter.name.value == unquoted(name.text));
            expression(value, &parameter.map_or(Wanted::Any, |parameter| Wanted::of_type(&parameter.type_name)))
        }
        value => expression(value, &argument_wanted(names, callee, Some(commas), &[])),
    }
}
