//! What the output folder promises, tried on real folders.

use super::*;
use crate::physical::{ArtifactId, Delivery, DeliveryForm};
use crate::plan::{OutputId, OutputPath};
use std::os::unix::fs::PermissionsExt;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place { folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir(place.path("in")).expect("creates");
        std::fs::write(place.source(), "the source").expect("writes");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn source(&self) -> PathBuf {
        self.path("in/source.mp4")
    }

    fn open(&self, overwrite: Overwrite) -> Result<OutputFolder, Diagnostic> {
        OutputFolder::open(&self.path("out"), &self.source(), overwrite, Busy::Refuse)
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.path("out").join(name)).ok()
    }

    /// Visible files, sorted.
    fn visible(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.path("out"))
            .expect("lists")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != STATE)
            .collect();
        names.sort();
        names
    }
}

/// Files `(from, to)` in the work folder, each with its target as content.
fn made(out: &OutputFolder, files: &[(&str, &str)]) -> Vec<Placement> {
    let place = |(from, to): &(&str, &str)| {
        std::fs::write(out.work().join(from), to).expect("writes");
        Placement {
            from: (*from).to_owned(),
            to: OutputPath::new(to).expect("a path"),
            key: "k".into(),
            tool: "5.1".into(),
        }
    };
    files.iter().map(place).collect()
}

fn file_delivery(path: &str) -> Delivery {
    let form = DeliveryForm::File(OutputPath::new(path).expect("a path"));
    Delivery { output: OutputId(0), artifact: ArtifactId(0), form }
}

#[test]
fn files_appear_whole_and_may_be_remade_by_us() {
    let place = Place::new();
    for _ in 0..2 {
        let mut out = place.open(Overwrite::Ours).expect("opens");
        let placements = made(&out, &[("o1.mp4", "v.a.mp4"), ("p_1.jpg", "pictures/1.jpg")]);
        let published = out.publish("a", &placements, &[]).expect("publishes");
        assert_eq!(published[1], PublishedFile { path: "pictures/1.jpg".into(), size: 14 });
        let delivery = file_delivery("v.a.mp4");
        assert_eq!(out.current(&delivery, "k", None).expect("current")[0].size, 7);
        assert_eq!(out.current(&delivery, "another key", None), None);
        assert_eq!(out.current(&file_delivery("none.mp4"), "k", None), None);
    }
    assert_eq!(place.read("v.a.mp4").as_deref(), Some("v.a.mp4"));
    assert_eq!(place.visible(), ["pictures", "v.a.mp4"]);
    assert_eq!(std::fs::read_dir(place.path("out/.vodflow/work")).expect("lists").count(), 0);
}

#[test]
fn foreign_and_edited_files_stay_unless_forced() {
    let place = Place::new();
    let mut out = place.open(Overwrite::Ours).expect("opens");
    let first = made(&out, &[("1", "ours.mp4")]);
    out.publish("a", &first, &[]).expect("publishes");
    std::fs::write(place.path("out/ours.mp4"), "edited by hand").expect("writes");
    std::fs::write(place.path("out/theirs.mp4"), "theirs").expect("writes");
    for (from, to, words) in [("1", "ours.mp4", "was changed"), ("2", "theirs.mp4", "is not ours")] {
        let diagnostic = out.publish("a", &made(&out, &[(from, to)]), &[]).expect_err("refused");
        assert_eq!(diagnostic.code.id, "E0604");
        assert!(diagnostic.message.contains(words), "{}", diagnostic.message);
    }
    assert_eq!(place.read("theirs.mp4").as_deref(), Some("theirs"));
    drop(out);
    let mut forced = place.open(Overwrite::Anything).expect("opens");
    let placements = made(&forced, &[("1", "theirs.mp4")]);
    forced.publish("a", &placements, &[]).expect("publishes");
    assert_eq!(place.read("theirs.mp4").as_deref(), Some("theirs.mp4"));
}

#[test]
fn a_set_is_published_whole_or_not_at_all() {
    let place = Place::new();
    let mut out = place.open(Overwrite::Ours).expect("opens");
    let old = made(&out, &[("1", "s1.jpg")]);
    out.publish("s", &old, &[]).expect("publishes");
    let before = std::fs::metadata(place.path("out/s1.jpg")).expect("there").modified().expect("a time");
    // The third cannot be placed: a file lies where its folder should be made.
    let set = made(&out, &[("1", "s1.jpg"), ("2", "s2.jpg"), ("3", "blocked/s3.jpg")]);
    std::fs::write(place.path("out/blocked"), "a file").expect("writes");
    assert!(out.publish("s", &set, &[]).is_err());
    assert_eq!(place.visible(), ["blocked", "s1.jpg"]);
    assert_eq!(std::fs::metadata(place.path("out/s1.jpg")).expect("there").modified().expect("a time"), before);
    drop(out);
    // And the old one is still known as ours.
    let mut out = place.open(Overwrite::Ours).expect("opens");
    let again = made(&out, &[("1", "s1.jpg")]);
    out.publish("s", &again, &[]).expect("publishes");
}

#[test]
fn stale_pictures_of_ours_go_and_edited_ones_stay() {
    let place = Place::new();
    let mut out = place.open(Overwrite::Ours).expect("opens");
    let four = made(&out, &[("1", "s1.jpg"), ("2", "s2.jpg"), ("3", "s3.jpg"), ("4", "t.jpg")]);
    out.publish("s", &four[..3], &[]).expect("publishes");
    out.publish("t", &four[3..], &[]).expect("publishes");
    std::fs::write(place.path("out/s3.jpg"), "retouched").expect("writes");
    let one = made(&out, &[("1", "s1.jpg")]);
    out.publish("s", &one, &[]).expect("publishes");
    assert_eq!(place.visible(), ["s1.jpg", "s3.jpg", "t.jpg"]);
}

#[test]
fn folders_are_exchanged_and_foreign_files_in_them_protected() {
    let place = Place::new();
    let mut out = place.open(Overwrite::Ours).expect("opens");
    let folder = |out: &OutputFolder, names: &[&str]| {
        std::fs::create_dir(out.work().join("o1")).expect("creates");
        names.iter().for_each(|name| std::fs::write(out.work().join("o1").join(name), name).expect("writes"));
        [Placement {
            from: "o1".into(),
            to: OutputPath::new("v.f220").expect("a path"),
            key: "k".into(),
            tool: "5.1".into(),
        }]
    };
    let first = folder(&out, &["a.m3u8", "0.ts", "1.ts"]);
    assert_eq!(out.publish("v", &first, &[]).expect("publishes").len(), 3);
    let second = folder(&out, &["a.m3u8", "0.ts"]);
    out.publish("v", &second, &[]).expect("publishes");
    assert!(place.read("v.f220/1.ts").is_none() && place.read("v.f220/0.ts").is_some());
    std::fs::write(place.path("out/v.f220/notes.txt"), "mine").expect("writes");
    let third = folder(&out, &["a.m3u8"]);
    assert_eq!(out.publish("v", &third, &[]).expect_err("refused").code.id, "E0604");
    assert!(place.read("v.f220/notes.txt").is_some());
}

#[test]
fn the_source_is_never_overwritten() {
    let place = Place::new();
    std::fs::create_dir(place.path("out")).expect("creates");
    std::fs::hard_link(place.source(), place.path("out/v.mp4")).expect("links");
    let mut out = place.open(Overwrite::Anything).expect("opens");
    let placements = made(&out, &[("1", "v.mp4")]);
    assert!(out.publish("v", &placements, &[]).expect_err("refused").message.contains("is the source"));
    assert_eq!(std::fs::read_to_string(place.source()).expect("reads"), "the source");
}

#[test]
fn links_do_not_lead_out_of_the_folder() {
    let place = Place::new();
    let mut out = place.open(Overwrite::Anything).expect("opens");
    std::os::unix::fs::symlink(place.path("in"), place.path("out/link")).expect("links");
    std::os::unix::fs::symlink(place.source(), place.path("out/file.mp4")).expect("links");
    let placements = made(&out, &[("1", "link/v.mp4"), ("2", "file.mp4")]);
    assert!(out.publish("v", &placements[..1], &[]).is_err());
    assert!(out.publish("v", &placements[1..], &[]).is_err());
    assert_eq!(std::fs::read_dir(place.path("in")).expect("lists").count(), 1);
}

#[test]
fn places_that_cannot_be_used_are_refused() {
    let place = Place::new();
    let open = |out: &str, overwrite| OutputFolder::open(&place.path(out), &place.source(), overwrite, Busy::Refuse);
    std::fs::write(place.path("file"), "x").expect("writes");
    assert_eq!(open("file", Overwrite::Ours).expect_err("a file").code.id, "E0603");
    assert_eq!(open("file/below", Overwrite::Ours).expect_err("below a file").code.id, "E0603");
    assert_eq!(open("in", Overwrite::Ours).expect_err("the source's").code.id, "E0605");
    assert!(open("in", Overwrite::Anything).is_ok());
    std::os::unix::fs::symlink(place.path("in"), place.path("alias")).expect("links");
    assert_eq!(open("alias", Overwrite::Ours).expect_err("the source's").code.id, "E0605");
}

#[test]
fn one_run_at_a_time_and_dead_ones_leave_nothing() {
    let place = Place::new();
    let first = place.open(Overwrite::Ours).expect("opens");
    assert_eq!(place.open(Overwrite::Ours).expect_err("busy").code.id, "E0606");
    assert_eq!(std::fs::metadata(first.work()).expect("there").permissions().mode() & 0o777, 0o700);
    let abandoned = first.work().to_owned();
    std::fs::write(abandoned.join("half.mp4"), "half").expect("writes");
    // As after a kill: the lock is gone with the process, the work folder is not.
    let fresh = place.path("out").join(STATE).join(WORK).join("run-dead");
    std::fs::create_dir(&fresh).expect("creates");
    drop(first);
    let _second = place.open(Overwrite::Ours).expect("opens");
    assert!(!abandoned.exists() && !fresh.exists());
}

#[test]
fn keys_are_private_different_and_kept() {
    let place = Place::new();
    let media = |name: &str| crate::media::ContentHash(name.to_owned());
    let out = place.open(Overwrite::Ours).expect("opens");
    let key = out.content_key(&media("a"), "vault").expect("a key");
    assert_ne!(out.content_key(&media("b"), "vault").expect("a key").bytes, key.bytes);
    assert_ne!(out.content_key(&media("a"), "../../other").expect("a key").id, key.id);
    drop(out);
    let out = place.open(Overwrite::Ours).expect("opens");
    assert_eq!(out.content_key(&media("a"), "vault").expect("a key"), key);
    assert!(!format!("{key:?}").contains(&format!("{:?}", key.bytes)));
    for entry in std::fs::read_dir(place.path("out/.vodflow/keys")).expect("lists").flatten() {
        assert_eq!(entry.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    }
}
