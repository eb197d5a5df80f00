//! `fmt`: what it writes, what it only says, and how it ends.

use crate::house::House;
use std::os::unix::fs::PermissionsExt;

const LOOSE: &str = "procedure p{transcode 10}";
const TIGHT: &str = "procedure p {\n    transcode 10\n}\n";

#[test]
fn files_are_written_only_when_they_change_and_keep_their_permissions() {
    let house = House::new();
    house.write("in/a.vod", LOOSE);
    house.write("in/deep/b.vod", TIGHT);
    house.write("in/c.txt", LOOSE);
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(house.path("in/a.vod"), mode).expect("permissions");
    let stamp = |name: &str| std::fs::metadata(house.path(name)).and_then(|facts| facts.modified()).expect("a time");
    let before = stamp("in/deep/b.vod");
    house.vodflow(&["fmt", "in"]).ends_with(0).says(&["1 file changed, 1 unchanged"]);
    let read = |name: &str| std::fs::read_to_string(house.path(name)).expect("readable");
    assert_eq!((read("in/a.vod").as_str(), read("in/c.txt").as_str()), (TIGHT, LOOSE));
    assert_eq!(stamp("in/deep/b.vod"), before);
    let mode = std::fs::metadata(house.path("in/a.vod")).expect("facts").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn check_and_diff_write_nothing() {
    let house = House::new();
    house.write("a.vod", LOOSE);
    house.write("b.vod", TIGHT);
    let told = house.vodflow(&["fmt", "--check", "a.vod", "b.vod"]).ends_with(1);
    assert_eq!(told.stdout, "a.vod\n");
    house.vodflow(&["fmt", "--check", "b.vod"]).ends_with(0);
    let told = house.vodflow(&["fmt", "--diff", "a.vod"]).ends_with(0);
    assert!(told.stdout.contains("-procedure p{transcode 10}") && told.stdout.contains("+    transcode 10\n"));
    assert_eq!(std::fs::read_to_string(house.path("a.vod")).expect("readable"), LOOSE);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let told = House::new().vodflow_reading(&["fmt", "-"], LOOSE).ends_with(0);
    assert_eq!(told.stdout, TIGHT);
}

#[test]
fn what_is_broken_is_said_and_the_rest_laid_out() {
    let house = House::new();
    house.write("a.vod", "procedure p{transcode   10\n  whenn   x\n}\n");
    house.vodflow(&["fmt", "a.vod", "none.vod"]).ends_with(3).says(&["E0102", "E0001", "2 with errors"]);
    let text = std::fs::read_to_string(house.path("a.vod")).expect("readable");
    assert_eq!(text, "procedure p {\n    transcode 10\n    whenn   x\n}\n");
}
