//! The registry of diagnostic codes: each is declared here once, with its name, severity and one-line meaning.
//!
//! Families by the first two digits: 00 files, 01 syntax, 02 names and templates, 03 values, 04 the request against
//! the source, 05 planning, 06 target and machine, 07 execution.

use super::Severity;
use super::language::{Language, translation};

/// A registered kind of diagnostic.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E0203` or `W0301`.
    pub id: &'static str,
    /// `unknown-template`.
    pub name: &'static str,
    /// Derived from the letter of `id`.
    pub severity: Severity,
    /// What it means, in one line.
    pub summary: &'static str,
    /// Whether diagnostics of this code may carry an edit that mends them.
    pub has_fix: bool,
    /// What there is to say about it, as Markdown; [`Page`](super::Page) takes it apart.
    pub page: &'static str,
}

impl Code {
    /// The first two digits of the id.
    pub fn family(&self) -> &'static str {
        self.id.get(1..3).unwrap_or_default()
    }

    /// The summary in a language.
    pub fn summary_in(&self, language: Language) -> &'static str {
        translation(self.summary, language)
    }
}

/// The families by the first two digits of an id, with what they are about.
pub const FAMILIES: [(&str, &str); 8] = [
    ("00", "Files"),
    ("01", "Syntax"),
    ("02", "Names and templates"),
    ("03", "Values"),
    ("04", "The request against the source"),
    ("05", "Planning"),
    ("06", "Target and machine"),
    ("07", "Execution"),
];

/// The code of an id such as `E0203`, in capitals or not, or of a name such as `unknown-template`.
pub fn find(id_or_name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id_or_name) || code.name == id_or_name)
}

// `fix` after the severity: some diagnostics of the code carry an edit.
macro_rules! codes {
    (@has_fix) => { false };
    (@has_fix fix) => { true };
    ($($constant:ident $severity:ident $($fix:ident)? $id:literal $name:literal $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $constant: Code = Code {
                id: $id,
                name: $name,
                severity: Severity::$severity,
                summary: $summary,
                has_fix: codes!(@has_fix $($fix)?),
                page: include_str!(concat!("pages/", $id, ".md")),
            };
        )*
        /// Every registered code, in order of declaration.
        pub static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    // 00 files
    FILE_UNREADABLE Error "E0001" "file-unreadable" "A file of the procedure cannot be read.";
    FILE_TOO_LARGE Error "E0002" "file-too-large" "A procedure file is larger than 1 MiB.";
    FILE_NOT_UTF8 Error "E0003" "file-not-utf8" "A procedure file is not UTF-8 text.";
    IMPORT_FAILED Error "E0004" "import-failed" "An imported file cannot be used.";
    IMPORT_CYCLE Error "E0005" "import-cycle" "Files import each other in a circle.";
    NOTHING_TO_RUN Error "E0006" "nothing-to-run" "The file says nothing that could be run.";
    FILE_UNWRITABLE Error "E0007" "file-unwritable" "A file of a procedure cannot be written.";
    FORM_NOT_SUPPORTED Error "E0008" "form-not-supported" "A text is in no form of procedure that is read.";

    // 01 syntax; E0105 is retired
    SYNTAX Error fix "E0101" "syntax" "The text does not follow the grammar.";
    UNKNOWN_STATEMENT Error fix "E0102" "unknown-statement" "A statement starts with a word that is no statement.";
    UNCLOSED_BLOCK Error "E0103" "unclosed-block" "A block is not closed.";
    NESTED_TOO_DEEP Error "E0104" "nested-too-deep" "Blocks or tables are nested deeper than 64 levels.";
    FULL_WIDTH_PUNCTUATION Error fix "E0106" "full-width-punctuation" "Full-width punctuation stands where ASCII is needed.";
    FORBIDDEN_CHARACTER Error fix "E0107" "forbidden-character" "An invisible or direction-changing character in a name.";
    BRACKETS_IN_CALL Warning fix "W0108" "brackets-in-call" "A list of a preset call is written with square brackets.";
    STRAY_DOC_COMMENT Warning "W0109" "stray-doc-comment" "A doc comment stands before nothing it could describe.";
    MIXED_SCRIPTS Warning "W0110" "mixed-scripts" "A name mixes letters of scripts that look alike.";

    MISSING_CLAUSE Error fix "E0111" "missing-clause" "A statement lacks a part that it needs.";
    MISPLACED_CLAUSE Error "E0112" "misplaced-clause" "A part of a statement does not belong to it, or is given twice.";

    SCRIPT_FAILED Error "E0121" "script-failed" "A script ends with an error.";
    SCRIPT_BUDGET Error "E0122" "script-budget" "A script takes more time or memory than it may.";
    SCRIPT_RESULT Error "E0123" "script-result" "A script makes no procedure, or one with a strange action.";
    SCRIPT_STAGE Warning "W0124" "script-stage" "A script asks for a stage of a flow that is not followed.";
    NOT_CONVERTIBLE Error "E0125" "not-convertible" "A script cannot be written as a procedure of the language.";
    SCRIPT_FAILS_FOR Warning "W0126" "script-fails-for" "A script ends with an error for some sources.";

    // 02 names and templates
    UNKNOWN_NAME Error fix "E0201" "unknown-name" "A name is not declared.";
    DUPLICATE_NAME Error "E0202" "duplicate-name" "A name or id is declared twice.";
    UNKNOWN_TEMPLATE Error fix "E0203" "unknown-template" "A parameter template does not exist.";
    WRONG_TEMPLATE_KIND Error "E0204" "wrong-template-kind" "A template of another kind stands here.";
    UNKNOWN_PROCEDURE Error fix "E0205" "unknown-procedure" "A procedure does not exist.";
    SYSTEM_ID Error "E0206" "system-id" "A template takes an id of the system catalogue.";
    CYCLE Error "E0207" "cycle" "Templates or procedures refer to themselves.";
    ARGUMENT_COUNT Error "E0208" "argument-count" "A call has too many arguments, or lacks a required one.";
    UNKNOWN_FIELD Error fix "E0209" "unknown-field" "A template has no such field.";
    DUPLICATE_FIELD Error "E0210" "duplicate-field" "A field is given twice.";
    MISSING_FIELD Error "E0211" "missing-field" "A required field is not given.";
    UNKNOWN_ARGUMENT Error fix "E0212" "unknown-argument" "A call names a parameter that does not exist.";
    NUMBER_ONE Error fix "E0213" "number-one" "The number 1 means the default set only in a preset call.";
    TABLE_OF_EVERYTHING Error fix "E0214" "table-of-everything" "All arguments of a preset call are wrapped in one table.";
    DUPLICATE_TEMPLATE Warning "W0215" "duplicate-template" "A template is asked for twice.";
    UNSUPPORTED_TEMPLATE Error "E0216" "unsupported-template" "A template of the catalogue that this version cannot produce.";
    BARE_ID Warning fix "W0217" "bare-id" "A single id stands where a list is documented.";
    EXPANSION_TOO_LARGE Error "E0218" "expansion-too-large" "Calls and loops expand to more statements than are allowed.";
    UNUSED_NAME Warning "W0219" "unused-name" "A parameter or a name is declared and never used.";

    UNSUPPORTED_FIELD Error "E0220" "unsupported-field" "A request has a field or a word that the language has no word for.";
    IGNORED_FIELD Warning "W0221" "ignored-field" "A field of a request is not about what is made.";
    FORM_LACKS_WORD Error "E0222" "form-lacks-word" "A form of procedure has no word for something that is to be converted into it.";
    FLOW_CLASH Error "E0223" "flow-clash" "Two flows of a catalogue folder have the same name.";

    // 03 values
    WRONG_TYPE Error "E0301" "wrong-type" "A value has another type than is needed here.";
    MISSING_UNIT Error fix "E0302" "missing-unit" "A number needs a unit.";
    OUT_OF_RANGE Error "E0303" "out-of-range" "A value lies outside its range.";
    UNKNOWN_WORD Error fix "E0304" "unknown-word" "A word is none of those allowed here.";
    CONFLICTING_FIELDS Error "E0305" "conflicting-fields" "Two fields exclude each other.";
    CLEAR_MEDIA Error "E0306" "clear-media" "Encryption is asked for a container that would be published in the clear.";
    NO_EFFECT Warning fix "W0307" "no-effect" "Something that is asked for has no effect.";
    NO_DEFAULT_WATERMARK Warning "W0308" "no-default-watermark" "The default watermark is asked for, and none is configured.";
    UNEQUAL_RATES Warning "W0309" "unequal-rates" "The rungs of an adaptive package have different frame rates.";
    SOURCE_DEPENDENT Error "E0310" "source-dependent" "A value depends on the source where it must be known before.";
    MARK_NOT_ALLOWED Error "E0312" "mark-not-allowed" "A mark of text or SVG is asked for on a still picture.";
    UNREACHABLE Warning "W0311" "unreachable" "A branch can never be taken.";

    // 04 the request against the source
    SOURCE_MISSING Error "E0401" "source-missing" "The source cannot be opened.";
    SOURCE_EMPTY Error "E0402" "source-empty" "The source has no bytes.";
    SOURCE_NOT_MEDIA Error "E0403" "source-not-media" "The source is not a media file that can be read.";
    SOURCE_REFUSED Error "E0404" "source-refused" "The source is of a kind that is refused.";
    SOURCE_LIMIT Error "E0405" "source-limit" "The source exceeds a limit.";
    NO_SUCH_STREAM Error "E0406" "no-such-stream" "An output needs a stream that the source does not have.";
    UPSCALE Warning "W0407" "upscale" "An output is larger than the source.";
    AFTER_THE_END Warning "W0408" "after-the-end" "A time lies after the end of the source; the end is taken.";
    SOURCE_DAMAGED Warning "W0409" "source-damaged" "The source is damaged.";
    MARK_UNREADABLE Error "E0410" "mark-unreadable" "A watermark's picture, font or drawing cannot be used.";
    SOURCE_CHANGED Error "E0411" "source-changed" "The source changed while it was used.";

    HDR_NOT_MAPPED Warning "W0412" "hdr-not-mapped" "The source has a high dynamic range, and its colours cannot be mapped.";
    MARK_CUT Warning "W0414" "mark-cut" "A mark reaches beyond the picture and is cut.";
    NO_VALUE Error "E0413" "no-value" "An expression has no value for this source.";

    OUTPUT_LIMIT Error "E0415" "output-limit" "An output exceeds a limit.";

    SOURCE_NOT_FETCHED Error "E0416" "source-not-fetched" "A source could not be downloaded.";
    SOURCE_ADDRESS Error "E0417" "source-address" "The address of a source may not be asked.";
    SOURCE_INCOMPLETE Error "E0418" "source-incomplete" "A download ended before all of the source was there.";

    // 05 planning
    DUPLICATE_OUTPUT Error "E0501" "duplicate-output" "Two outputs would have the same name.";
    MERGED_REQUEST Warning "W0502" "merged-request" "The same output is asked for twice and made once.";
    GOP_SHORTENED Warning "W0503" "gop-shortened" "The group of pictures was shortened so that it divides the segment.";
    REVIEW_UNSUPPORTED Warning "W0504" "review-unsupported" "A review is asked for, and no review is configured.";
    NOTHING_TO_MAKE Warning "W0505" "nothing-to-make" "The procedure asks for no output.";
    UNKNOWN_RULE Error "E0506" "unknown-rule" "A rule of that name does not exist.";
    INVALID_OPTION Error "E0507" "invalid-option" "An option of the command line cannot be used so.";

    REVIEW_UNAVAILABLE Error "E0508" "review-unavailable" "A sub-task needs a review, and no review is configured.";
    PLAN_UNUSABLE Error "E0509" "plan-unusable" "A file is no saved plan that can be used.";
    PLAN_OUTDATED Error "E0510" "plan-outdated" "What a saved plan was made from changed since.";
    LEVEL_TOO_LOW Error "E0511" "level-too-low" "A declared level does not allow the size or the rate of the picture.";

    // 06 target and machine
    FFMPEG_MISSING Error "E0601" "ffmpeg-missing" "The programs ffmpeg and ffprobe are not found or do not start.";
    ENCODER_MISSING Error "E0602" "encoder-missing" "The installed ffmpeg lacks an encoder, muxer or filter that the plan needs.";
    OUTPUT_UNWRITABLE Error "E0603" "output-unwritable" "The output folder cannot be written.";
    OUTPUT_FOREIGN Error "E0604" "output-foreign" "An output would overwrite a file that is not ours, or was edited.";
    OUTPUT_IS_SOURCE Error "E0605" "output-is-source" "The output folder is the folder of the source.";
    OUTPUT_BUSY Error "E0606" "output-busy" "Another run is using the output folder.";

    SANDBOX_MISSING Error "E0607" "sandbox-missing" "The sandbox is required, and the kernel lacks a part of it.";
    SANDBOX_PARTIAL Warning "W0608" "sandbox-partial" "The kernel lacks a part of the sandbox, and processes run without it.";
    PRICES_UNUSED Warning "W0609" "prices-unused" "The prices kept for this machine cannot be used.";

    // 07 execution
    TOOL_FAILED Error "E0701" "tool-failed" "A process ended with an error.";
    VERIFY_FAILED Error "E0702" "verify-failed" "A finished output is not what the plan says.";
    STALLED Error "E0703" "stalled" "A process made no progress and was stopped.";
    PUBLISH_FAILED Error "E0704" "publish-failed" "An output could not be moved to its place.";
    INTERRUPTED Error "E0705" "interrupted" "The run was interrupted.";
    NO_SPACE Error "E0706" "no-space" "The disk is full.";
    INTERNAL Error "E0707" "internal" "A mistake in vodflow itself.";
    NOT_KEPT Warning "W0708" "not-kept" "Finished work could not be kept for a later run.";
    PROCESS_LIMIT Error "E0709" "process-limit" "A process reached a limit of what it may use.";
    NOT_NOTIFIED Warning "W0710" "not-notified" "A notification has not reached its receiver.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_and_names_are_unique_and_letters_match_severities() {
        let ids: BTreeSet<_> = ALL.iter().map(|code| &code.id[1..]).collect();
        let names: BTreeSet<_> = ALL.iter().map(|code| code.name).collect();
        assert_eq!((ids.len(), names.len()), (ALL.len(), ALL.len()));
        for code in ALL {
            assert_eq!(code.id.starts_with('E'), code.severity == Severity::Error, "{}", code.id);
        }
    }
}
