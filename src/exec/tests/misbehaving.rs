//! An ffmpeg that lies, hangs or floods: nothing of what it leaves may become visible as an output.

use super::scene::{Scene, States};
use crate::exec::RunOutcome;

/// The outcome with a script in the place of ffmpeg, and what is visible then.
fn with(script: &str) -> (RunOutcome, Vec<String>) {
    let mut scene = Scene::new();
    scene.limits.stall = 2;
    scene.misbehave(script);
    let (outcome, _) = scene.run();
    (outcome, scene.visible())
}

const ALL_DONE: &str = "0 done, 1 done, 2 done, 3 done, 4 skipped, 5 failed E0406";

/// Runs the script, in which the real ffmpeg has been called already, and expects the HLS output alone to fail.
fn spoils_the_playlist(script: &str, words: &str) {
    let (outcome, visible) = with(&format!("\"$REAL\" \"$@\"\ncase \"$*\" in *hls*)\n{script}\n;; esac"));
    assert_eq!(outcome.states(), "0 done, 1 failed E0702, 2 done, 3 done, 4 skipped, 5 failed E0406");
    let reason = outcome.outputs[1].reason.as_deref().unwrap_or_default();
    assert!(reason.contains(words), "{reason}");
    assert!(!visible.iter().any(|name| name.starts_with("v.hls")), "{visible:?}");
}

#[test]
fn success_without_files_is_a_failure() {
    let (outcome, visible) = with("exit 0");
    assert_eq!(
        outcome.states(),
        "0 failed E0702, 1 failed E0702, 2 failed E0702, 3 failed E0702, 4 skipped, 5 failed E0406"
    );
    assert_eq!(visible, ["result.json"]);
}

#[test]
fn a_cut_file_is_noticed() {
    let cut = "\"$REAL\" \"$@\"\nfor f in o3.mp4; do [ -f $f ] && head -c 9000 $f > x && mv x $f; done; exit 0";
    let (outcome, visible) = with(cut);
    assert!(outcome.states().starts_with("0 failed E0702, 1 done, 2 done"), "{}", outcome.states());
    assert!(!visible.contains(&"v.mp4".to_owned()));
}

#[test]
fn half_the_length_is_noticed() {
    let (outcome, _) = with("case \"$*\" in *o3.mp4*) exec \"$REAL\" -t 2 \"$@\" ;; esac; exec \"$REAL\" \"$@\"");
    assert!(outcome.states().starts_with("0 failed E0702, 1 done"), "{}", outcome.states());
    let reason = outcome.outputs[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("pictures") && reason.contains("100 were planned"), "{reason}");
}

#[test]
fn a_flood_of_messages_and_garbage_for_progress_do_no_harm() {
    let (outcome, _) = with("head -c 3000000 /dev/urandom\nyes error | head -c 20000000 >&2\nexec \"$REAL\" \"$@\"");
    assert_eq!(outcome.states(), ALL_DONE);
    assert!(outcome.jobs.iter().all(|job| job.log.len() < 1_000_000));
}

#[test]
fn a_process_that_keeps_the_pipes_open_does_not_block() {
    let (outcome, _) = with("sleep 600 &\nexec \"$REAL\" \"$@\"");
    assert_eq!(outcome.states(), ALL_DONE);
}

#[test]
fn one_that_hangs_and_ignores_the_request_to_end_is_killed() {
    let hang = "case \"$*\" in *o3.mp4*) trap '' TERM; while :; do sleep 1; done ;; esac; exec \"$REAL\" \"$@\"";
    let (outcome, visible) = with(hang);
    assert!(outcome.states().starts_with("0 failed E0703, 1 done, 2 done"), "{}", outcome.states());
    assert!(!visible.contains(&"v.mp4".to_owned()));
}

#[test]
fn a_crash_and_a_full_disk_are_told_apart() {
    let (outcome, _) = with(
        "case \"$*\" in *o3.mp4*) kill -SEGV $$ ;; *hls*) echo 'x: No space left on device' >&2; exit 1 ;; esac; exec \"$REAL\" \"$@\"",
    );
    assert!(outcome.states().starts_with("0 failed E0701, 1 failed E0706, 2 done"), "{}", outcome.states());
    assert!(outcome.outputs[0].reason.as_ref().is_some_and(|reason| reason.contains("signal 11")));
}

#[test]
fn one_that_fails_once_is_tried_again_alone() {
    let mut scene = Scene::new();
    // In the work folder: nothing else can be written from there.
    scene.misbehave("[ -e failed ] || { : > failed; exit 1; }\nexec \"$REAL\" \"$@\"");
    assert_eq!(scene.run().0.states(), ALL_DONE);
}

#[test]
fn a_missing_segment_is_noticed() {
    spoils_the_playlist("rm o4/0001.ts", "`0001.ts` was not written");
}

#[test]
fn an_empty_segment_is_noticed() {
    spoils_the_playlist(": > o4/0000.ts", "`0000.ts` is empty");
}

#[test]
fn a_segment_that_is_not_listed_is_noticed() {
    spoils_the_playlist("cp o4/0000.ts o4/0009.ts", "`0009.ts` is not in its playlist");
}

#[test]
fn a_segment_that_does_not_decrypt_is_noticed() {
    spoils_the_playlist("head -c 18800 /dev/zero > o4/0001.ts; truncate -s 18800 o4/0001.ts", "planned");
}

#[test]
fn a_playlist_without_end_is_noticed() {
    spoils_the_playlist("sed -i /ENDLIST/d o4/v.m3u8", "no end mark");
}

#[test]
fn a_playlist_that_ends_its_encryption_is_noticed() {
    spoils_the_playlist("sed -i 's/^0001.ts/#EXT-X-KEY:METHOD=NONE\\n&/' o4/v.m3u8", "not encrypted");
}
