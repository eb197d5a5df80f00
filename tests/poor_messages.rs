//! Messages that nobody is proud of, kept in the open: what people write, what they are told, and what they should be.
//!
//! When a message gets better, its entry leaves the list (and the new message goes into a test of its module); the rest
//! is refreshed with `INSTA_UPDATE=always INSTA_FORCE_PASS=1 cargo test --test poor_messages`.

use std::fmt::Write;
use vodflow::driver::{Compiler, Entry};
use vodflow::world::NoFiles;

/// A mistake of real users, and what is poor about the answer.
struct Poor {
    written: Written,
    should: &'static str,
}

enum Written {
    /// A preset call.
    Call(&'static str),
    /// A file of the language.
    File(&'static str),
}

use Written::{Call, File};

const POOR: &[Poor] = &[
    Poor {
        written: Call("QCVB_SimpleProcessFile(1,1,1,1)"),
        should: "say once that `1` is no switch: ids are wanted for covers and samples, `0` leaves them out",
    },
    Poor {
        written: Call("QCVB_SimpleProcessFile({10,20},10,10,10)"),
        should: "say that no system watermark exists, and offer `0` or `1`, before it says how to declare one",
    },
    Poor {
        written: Call("QCVB_SimpleProcessFile({10,0})"),
        should: "say that `0` inside a list is no template; that all arguments are wrapped is a guess too far",
    },
    Poor { written: Call("QCVB_SimpleProcessFile(\"10\",\"20\")"), should: "offer the id without quotes as an edit" },
    Poor {
        written: Call("QCVB_SimpleProcessFile({10,20}"),
        should: "point at the bracket that is open, and offer the closing one as an edit",
    },
    Poor {
        written: Call("QCVB_SimpleProcessFile{10,20}"),
        should: "say that the list stands inside round brackets: `QCVB_SimpleProcessFile({10,20})`",
    },
    Poor {
        written: Call("QCVB_SimpleProcessFile({10,20},0,10,10);"),
        should: "say that a call ends without `;`, and offer to delete it",
    },
    Poor { written: Call("{\"definition\": 10}"), should: "recognise JSON, and show the call that means the same" },
    Poor { written: File("procedure p { transcode 10 20 }"), should: "offer the comma as an edit" },
    Poor { written: File("procedure p { transcode: 10 }"), should: "say that statements take no `:`" },
    Poor {
        written: File("procedure p { cover at 5 seconds using 10 }"),
        should: "read `5 seconds` as a quantity and offer `5s`",
    },
    Poor {
        written: File("procedure p { cover at \"5s\" using 10 }"),
        should: "offer the quantity without quotes as an edit",
    },
    Poor {
        written: File("template hd { container: mp4 }"),
        should: "say that the kind is missing: `template transcode hd`; the name is there",
    },
    Poor {
        written: File("template transcode hd { container: \"mp4\" }"),
        should: "offer the word without quotes as an edit",
    },
    Poor { written: File("template transcode hd { container = mp4 }"), should: "offer `:` as an edit" },
    Poor {
        written: File("template transcode hd { container: mp4 video: { bitrate: 1800k } }"),
        should: "know that a bitrate is wanted here, and offer `1800kbps`",
    },
    Poor {
        written: File("template transcode hd { container: mp4 video: { size: 1280x720 } }"),
        should: "name the two fields that make up a size, and not complain of a unit",
    },
    Poor {
        written: File("procedure 1080p { transcode 10 }"),
        should: "offer the name in quotes as an edit, as it does for a keyword",
    },
    Poor {
        written: File("template watermark a { image: 'logo.png' }"),
        should: "say that texts have double quotes, and offer them as an edit",
    },
    Poor {
        written: File("procedure p {\n    # small\n    transcode 10\n}"),
        should: "say that comments start with `//`, and offer it as an edit",
    },
    Poor {
        written: File("procedure p { transcode 10 with \"logo.png\" }"),
        should: "say that a mark is a template; a picture is named inside one",
    },
    Poor {
        written: File("procedure p {\n    transcode 10，\n}"),
        should: "say one thing: after the full-width comma is mended, that nothing follows it is a second message",
    },
];

#[test]
fn poor_messages_are_known() {
    let compiler = Compiler::new();
    let mut text = String::new();
    for poor in POOR {
        let (written, checked) = match poor.written {
            Call(call) => (call, compiler.check_call(call)),
            File(file) => (file, compiler.check_file("a.vod", file, Entry::Nothing, &NoFiles)),
        };
        let _ = writeln!(text, "{written}");
        assert!(!checked.diagnostics.is_empty(), "nothing is said about\n{written}");
        for problem in checked.diagnostics.iter() {
            let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            let edit = if problem.fix.is_some() { " [edit]" } else { "" };
            let _ = writeln!(text, "  says   {} {}{help}{edit}", problem.code.id, problem.message);
        }
        let _ = writeln!(text, "  should {}\n", poor.should);
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("poor-messages", text));
}
