//! A script that is run and what it leaves behind, as plain data: lines and values, no meaning.

/// A class of objects that a script may make; what its fields mean is the core's matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptClass {
    /// Its global name.
    pub name: &'static str,
    /// The fields that it has.
    pub fields: &'static [&'static str],
}

/// What is to be run.
#[derive(Debug, Clone, Copy)]
pub struct ScriptRun<'a> {
    /// The script.
    pub text: &'a str,
    /// The arguments of its factory, as Lua writes them: `5, {10,20}`.
    pub arguments: &'a str,
    /// The classes of actions.
    pub classes: &'a [ScriptClass],
    /// What the script can learn of the source.
    pub source: ScriptSource<'a>,
}

/// What a script can learn of the source.
#[derive(Debug, Clone, Copy)]
pub enum ScriptSource<'a> {
    /// A tree of facts.
    Known(&'a ScriptValue),
    /// Facts that stand for themselves: the answers to the first comparisons with them are given, later ones are
    /// taken to hold.
    Traced(&'a [bool]),
}

/// A value of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum ScriptValue {
    /// `nil`
    Nil,
    /// `true`
    Boolean(bool),
    /// `10`
    Number(f64),
    /// `"a"`
    Text(String),
    /// `{ 10, 20 }`, each with the line that added it, where that is known.
    List(Vec<(ScriptValue, Option<u32>)>),
    /// `{ definition = 10 }`, in the order of the keys.
    Table(Vec<(String, ScriptValue)>),
    /// Something that is no value: a function, a table in itself.
    Other(String),
}

/// What a script left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptOutcome {
    /// How it ended.
    pub end: ScriptEnd,
    /// The actions of its sets, in order.
    pub actions: Vec<ScriptAction>,
    /// The priority that was set last, and where.
    pub priority: Option<(ScriptValue, u32)>,
    /// What it did wrong without ending.
    pub problems: Vec<ScriptProblem>,
    /// The comparisons with facts that stood for themselves, each once.
    pub decisions: Vec<ScriptDecision>,
    /// How many arguments the factory takes; `None` when there is none, or it takes any number.
    pub parameters: Option<usize>,
}

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptEnd {
    /// Whole.
    Done,
    /// It is not Lua.
    Syntax {
        /// Where, from 1.
        line: Option<u32>,
        /// The interpreter's words.
        words: String,
    },
    /// With an error.
    Failed {
        /// Where, from 1.
        line: Option<u32>,
        /// The interpreter's words.
        words: String,
    },
    /// It took more steps, or more time, than it may.
    TooLong {
        /// Where it was, from 1.
        line: Option<u32>,
    },
    /// It took more memory than it may.
    TooMuchMemory {
        /// Where it was, from 1.
        line: Option<u32>,
    },
    /// It did with a fact that stands for itself what needs a real one.
    Untraceable {
        /// Where, from 1.
        line: Option<u32>,
        /// What it did.
        words: String,
    },
}

/// An object that was added to a set.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptAction {
    /// Its class.
    pub class: String,
    /// The stage whose set it was added to: `process` or `aiReview`.
    pub stage: String,
    /// Where it was made, from 1.
    pub line: u32,
    /// What was set, in the order first set.
    pub fields: Vec<ScriptField>,
}

/// A field of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptField {
    /// Its name.
    pub name: String,
    /// Where it was set last, from 1.
    pub line: u32,
    /// To what.
    pub value: ScriptValue,
}

/// What a script did wrong without ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptProblem {
    /// A class was asked for a field or method that it does not have.
    NoSuchMember {
        /// The class.
        class: String,
        /// What was asked for.
        name: String,
        /// Where.
        line: u32,
    },
    /// A global name without a value was read. That may be meant; it explains an error on the same line.
    NoSuchGlobal {
        /// The name.
        name: String,
        /// Where.
        line: u32,
    },
    /// Something that is no action was added to a set.
    NotAnAction {
        /// Its type.
        what: String,
        /// Where.
        line: u32,
    },
    /// The factory gave something that is no procedure.
    NotAProcedure {
        /// Its type.
        what: String,
        /// Where the factory stands.
        line: Option<u32>,
    },
    /// A handler gave something that is no set of actions.
    NotASet {
        /// The handler.
        handler: String,
        /// The type of what it gave.
        what: String,
        /// Where the handler stands.
        line: Option<u32>,
    },
    /// There is no factory, and no set was filled.
    NoFactory,
    /// A stage is asked for that lies outside.
    Stage {
        /// The handler or set that asks for it.
        name: String,
        /// Where.
        line: Option<u32>,
    },
}

/// A comparison with a fact that stood for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptDecision {
    /// `<`, `<=`, `==` or `has`.
    pub operator: String,
    /// Its left side; for `has`, the fact that is asked for.
    pub left: ScriptExpression,
    /// Its right side.
    pub right: ScriptExpression,
    /// Where it stands.
    pub line: u32,
    /// Whether it was taken to hold.
    pub holds: bool,
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum ScriptExpression {
    /// A fact, as the script reaches it: `metaData.bitrate`.
    Fact(String),
    /// A value.
    Value(ScriptValue),
    /// `+`, `-`, `*` or `/` of two.
    Computed(String, Box<(ScriptExpression, ScriptExpression)>),
}
