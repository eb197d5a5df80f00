//! Fixes of templates: each leaves a text that has nothing more to say.

use vodflow::driver::{Compiler, Entry};
use vodflow::world::NoFiles;

/// Checks, applies the only fix, and gives the new text and how often the check of it has something to say.
fn fixed(text: &str) -> (String, usize) {
    let compiler = Compiler::new();
    let checked = compiler.check_file("t.vod", text, Entry::Nothing, &NoFiles);
    let fixes: Vec<_> = checked.diagnostics.iter().filter_map(|problem| problem.fix.as_ref()).collect();
    let [fix] = fixes.as_slice() else { panic!("{} fixes for {text}", fixes.len()) };
    let mut new = text.to_owned();
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, replacement) in &edits {
        new.replace_range(span.range(), replacement);
    }
    let left = compiler.check_file("t.vod", &new, Entry::Nothing, &NoFiles).diagnostics.iter().count();
    (new, left)
}

#[test]
fn one_edit_settles_each_of_these() {
    for (before, after) in [
        ("video: { codec: h264, tag: hev1 }", "video: { codec: h264 }"),
        ("video: { tag: hev1, codec: h264 }", "video: { codec: h264 }"),
        ("video: { tag: hev1 codec: h264 }", "video: {  codec: h264 }"),
        ("video: { tag: hev1 }", "video: {  }"),
        ("video: { codec: h265, profile: high, fps: 25 }", "video: { codec: h265, fps: 25 }"),
        ("video: { profile: baseline, bframes: 3 }", "video: { profile: baseline, bframes: 0 }"),
        ("video: { crf: 20, passes: 2 }", "video: { crf: 20, passes: 1 }"),
        ("video: { crf: 20, bitrate: 800kbps }", "video: { crf: 20 }"),
        (
            "video: { codec: h265, hdr: keep, pixel_format: yuv420p }",
            "video: { codec: h265, hdr: keep, pixel_format: yuv420p10 }",
        ),
        ("segment: { type: ts }  video: { fps: 25 }", "  video: { fps: 25 }"),
        ("video: { codec: av1, bframes: 2 }", "video: { codec: av1 }"),
        ("video: { pixel_format: yuv420p10le, codec: h265 }", "video: { pixel_format: yuv420p10, codec: h265 }"),
    ] {
        let wrap = |fields: &str| format!("template transcode t {{ container: mp4 {fields} }}\n");
        assert_eq!(fixed(&wrap(before)), (wrap(after), 0), "{before}");
    }
    let dash = |segment: &str| {
        format!("template adaptive a {{ format: dash  segment: {{ type: {segment} }}  rungs: [{{ audio: none }}] }}\n")
    };
    assert_eq!(fixed(&dash("ts")), (dash("mp4"), 0));
    let caption =
        |more: &str| format!("template watermark c {{ text: {{ font: \"a.ttf\", size: 5% }}, x: 2%{more} }}\n");
    assert_eq!(fixed(&caption(", width: 10%")), (caption(""), 0));
}
