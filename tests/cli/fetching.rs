//! Sources that are given by their addresses: what is downloaded, what is not, and what a bad server can do.

use crate::bad_machine::Mount;
use crate::file_server::{Asked, FileServer, say, serve};
use crate::house::{House, SMALL, Told, clips};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// A house whose downloads are its own, and the bytes of the clip.
fn house() -> (House, Vec<u8>) {
    (House::new(), std::fs::read(&clips().both).expect("reads"))
}

fn program(house: &House, server: &FileServer, arguments: &[&str]) -> Command {
    let mut program = house.program(&[arguments, &["--allow-host", server.host()]].concat());
    program.env("XDG_CACHE_HOME", house.path("cache"));
    program
}

fn vodflow(house: &House, server: &FileServer, arguments: &[&str]) -> Told {
    house.finish(program(house, server, arguments).spawn().expect("starts"))
}

/// Probes an address of a server that answers so, with more arguments.
fn probe(answer: impl Fn(usize, &Asked, &mut TcpStream) + Send + Sync + 'static, more: &[&str]) -> (Told, FileServer) {
    let (house, server) = (House::new(), FileServer::new(answer));
    let told = vodflow(&house, &server, &[&["probe", &server.url("/a.mp4?token=secret")], more].concat());
    assert!(!told.text().contains("secret"), "{}", told.text());
    (told, server)
}

/// An answer of a status with a body and more headers.
fn plain(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let length = body.len();
    say(stream, &format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n"), body);
}

/// Files below the folder of downloads.
fn downloads(house: &House, folder: &str) -> Vec<String> {
    house.visible(&format!("cache/vodflow/fetched/{folder}"))
}

#[test]
fn a_source_is_downloaded_once_and_then_asked_whether_it_changed() {
    let (house, content) = house();
    let server = FileServer::of(content);
    let url = server.url("/films/my%20lesson.mp4?token=secret");
    let run =
        |more: &[&str]| vodflow(&house, &server, &[&["run", SMALL, "--input", &url, "--out", "out"], more].concat());
    let first =
        run(&[]).ends_with(0).says(&["downloading `http://127.0.0.1", "/films/my%20lesson.mp4`", "downloaded, "]);
    assert!(!first.text().contains("secret"), "{}", first.text());
    assert_eq!(house.json("out/result.json")["source"]["name"], "my lesson.mp4");
    // Nothing can be started, so nothing is.
    house.pretend_ffmpeg("broken", "exit 9");
    std::fs::remove_file(house.path("broken/ffprobe")).expect("removes");
    house.script("broken/ffprobe", "exit 9");
    let told = run(&["--json"]).ends_with(0);
    assert!(
        told.lines().iter().any(|line| line["event"] == "fetch_done" && line["unchanged"] == true),
        "{}",
        told.text()
    );
    let reused = |line: &serde_json::Value| line["event"] == "output_done" && line["reused"] == true;
    assert!(told.lines().iter().any(reused) && !told.lines().iter().any(|line| line["event"] == "job_started"));
    let asked = server.asked();
    assert_eq!((asked.len(), asked[1].headers.get("if-none-match").map(String::as_str)), (2, Some("\"1\"")));
    assert_eq!(downloads(&house, "files").len(), 1);
    assert_eq!(downloads(&house, "parts"), Vec::<String>::new());
    vodflow(&house, &server, &["plan", SMALL, &url]).ends_with(0);
    let file = house.path("cache/vodflow/fetched/files").join(&downloads(&house, "files")[0]);
    assert_eq!(std::fs::read(file).expect("reads"), std::fs::read(&clips().both).expect("reads"));
}

#[test]
fn several_sources_have_folders_called_after_their_addresses() {
    let (house, content) = house();
    let server = FileServer::of(content);
    let (one, two) = (server.url("/x/one.mp4"), server.url("/x/..%2f..%2ftwo.mp4"));
    vodflow(&house, &server, &["run", SMALL, &one, &two, "--out", "out"]).ends_with(0);
    let made = house.visible("out");
    assert!(made.contains(&"one/v.f10.mp4".into()) && made.contains(&"_.._two/v.f10.mp4".into()), "{made:?}");
}

#[test]
fn private_addresses_are_not_asked_at_first_nor_after_a_redirect() {
    let (house, content) = house();
    let inner = FileServer::of(content);
    let target = inner.url("/a.mp4");
    house.vodflow(&["probe", &target]).ends_with(4).says(&["E0417", "--allow-host 127.0.0.1:"]);
    let port = inner.host().rsplit(':').next().expect("a port").to_owned();
    let other = format!("http://localhost:{port}/a.mp4");
    for location in [target, other, "http://169.254.169.254/latest".into(), "http://[::ffff:7f00:1]/".into()] {
        let answer = move |_: usize, _: &Asked, stream: &mut TcpStream| {
            plain(stream, "302 There", &format!("Location: {location}\r\n"), b"");
        };
        let (told, server) = probe(answer, &[]);
        told.ends_with(4).says(&["E0417"]);
        assert_eq!(server.asked().len(), 1);
    }
    assert!(inner.asked().is_empty());
    for text in ["ftp://example.com/a.mp4", "https://name:word@example.com/a.mp4", "https://example.com:22/a.mp4"] {
        house.vodflow(&["probe", text]).ends_with(4).says(&["E0417"]);
    }
    house.vodflow(&["probe", "http://127.0.0.1/", "--allow-host", "a:b:c"]).ends_with(2).says(&["E0507"]);
}

#[test]
fn redirects_are_followed_as_far_as_the_limit() {
    let content = std::fs::read(&clips().both).expect("reads");
    let answer = move |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => plain(stream, "301 Moved", "Location: /b/c\r\n", b""),
        1 => plain(stream, "307 Moved", "Location: d.mp4\r\n", b""),
        _ => serve(asked, stream, &content, "\"1\""),
    };
    let (told, server) = probe(answer, &[]);
    assert!(told.ends_with(0).stdout.starts_with("a.mp4"));
    let paths: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/a.mp4?token=secret", "/b/c", "/b/d.mp4"]);
    let around = |_: usize, _: &Asked, stream: &mut TcpStream| plain(stream, "302 Here", "Location: ?again\r\n", b"");
    let (told, server) = probe(around, &["--max", "fetch-redirects=5"]);
    told.ends_with(4).says(&["E0405", "5 other addresses", "--max fetch-redirects"]);
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn a_cut_is_resumed_where_it_happened() {
    let content = std::fs::read(&clips().both).expect("reads");
    let (total, half) = (content.len(), content.len() / 2);
    let answer = move |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => {
            let head = format!("HTTP/1.1 200 All\r\nETag: \"1\"\r\nContent-Length: {total}\r\n\r\n");
            say(stream, &head, &content[..half]);
        }
        _ => serve(asked, stream, &content, "\"1\""),
    };
    let (told, server) = probe(answer, &[]);
    told.ends_with(0).says(&["ended after", "trying again", "going on after"]);
    let asked = server.asked();
    assert_eq!((asked.len(), asked[1].from()), (2, Some(half)));
    assert_eq!(asked[1].headers["if-range"], "\"1\"");
}

#[test]
fn what_changed_between_two_attempts_is_downloaded_anew() {
    let new = std::fs::read(&clips().both).expect("reads");
    let old = std::fs::read(&clips().mute).expect("reads");
    let cut = move |stream: &mut TcpStream| {
        let head = format!("HTTP/1.1 200 All\r\nETag: \"0\"\r\nContent-Length: {}\r\n\r\n", old.len());
        say(stream, &head, &old[..old.len() / 2]);
    };
    let (good, bad) = (new.clone(), new);
    let cut_too = cut.clone();
    // One that knows what `If-Range` means, and one that does not.
    let honest = move |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => cut(stream),
        _ => serve(asked, stream, &good, "\"1\""),
    };
    let careless = move |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => cut_too(stream),
        _ => {
            let mut asked = asked.clone();
            asked.headers.remove("if-range");
            serve(&asked, stream, &bad, "\"1\"");
        }
    };
    for (told, server) in [probe(honest, &[]), probe(careless, &[])] {
        let told = told.ends_with(0);
        assert!(told.stdout.contains("a:1 aac"), "{}", told.text());
        assert_eq!(server.asked()[1].headers["if-range"], "\"0\"");
    }
}

#[test]
fn a_body_that_is_never_whole_is_an_error_with_its_figures() {
    let answer = |_: usize, _: &Asked, stream: &mut TcpStream| {
        say(stream, "HTTP/1.1 200 All\r\nContent-Length: 90000\r\n\r\n", &[7; 2000]);
    };
    let (told, server) = probe(answer, &["--max", "fetch-attempts=2"]);
    told.ends_with(4).says(&["E0418", "ended after 2.0 kB of 90.0 kB"]);
    let asked = server.asked();
    // Without a name for the version, nothing proves that a rest would fit.
    assert_eq!((asked.len(), asked[1].from()), (2, None));
    let chunked = |_: usize, _: &Asked, stream: &mut TcpStream| {
        say(stream, "HTTP/1.1 200 All\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", b"");
    };
    probe(chunked, &["--max", "fetch-attempts=1"]).0.ends_with(4).says(&["E0418", "in its middle"]);
}

#[test]
fn endless_slow_and_silent_bodies_end_at_their_limits() {
    let endless = |_: usize, _: &Asked, stream: &mut TcpStream| {
        use std::io::Write;
        say(stream, "HTTP/1.1 200 All\r\nTransfer-Encoding: chunked\r\n\r\n", b"");
        let chunk = [b"10000\r\n".as_slice(), &[7; 1 << 16], b"\r\n"].concat();
        while stream.write_all(&chunk).is_ok() {}
    };
    probe(endless, &["--max", "source-bytes=3000000"]).0.ends_with(4).says(&["E0405", "the limit is 3.0 MB"]);
    let large = |_: usize, _: &Asked, stream: &mut TcpStream| {
        say(stream, "HTTP/1.1 200 All\r\nContent-Length: 3000001\r\n\r\n", b"");
    };
    probe(large, &["--max", "source-bytes=3000000"]).0.ends_with(4).says(&["E0405", "--max source-bytes"]);
    let dripping = |_: usize, _: &Asked, stream: &mut TcpStream| {
        use std::io::Write;
        say(stream, "HTTP/1.1 200 All\r\nContent-Length: 3000000\r\n\r\n", b"");
        while stream.write_all(b"a").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    let hasty = ["--max", "fetch-pace=1", "--max", "fetch-attempts=1"];
    probe(dripping, &hasty).0.ends_with(4).says(&["E0405", "less than a mebibyte in 1 s"]);
    let silent = |_: usize, _: &Asked, stream: &mut TcpStream| {
        let _ = std::io::copy(stream, &mut std::io::sink());
    };
    probe(silent, &hasty).0.ends_with(4).says(&["E0405", "fetch-pace"]);
    probe(silent, &["--max", "fetch-seconds=1"]).0.ends_with(4).says(&["E0405", "did not come within 1 s"]);
}

#[test]
fn what_may_pass_is_tried_again_and_what_may_not_is_not() {
    let content = std::fs::read(&clips().both).expect("reads");
    let flaky = move |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => plain(stream, "500 Oh", "", b"oh"),
        1 => plain(stream, "429 Slow", "Retry-After: 1\r\n", b""),
        _ => serve(asked, stream, &content, "\"1\""),
    };
    let (told, server) = probe(flaky, &[]);
    told.ends_with(0).says(&["status 500; trying again in 0.5 s", "status 429; trying again in 1.0 s"]);
    assert_eq!(server.asked().len(), 3);
    for status in ["404 None", "403 No", "204 Nothing", "206 Rest", "304 Same"] {
        let answer = move |_: usize, _: &Asked, stream: &mut TcpStream| plain(stream, status, "", b"");
        let (told, server) = probe(answer, &[]);
        told.ends_with(4).says(&["E0416", &format!("status {}", &status[..3])]);
        assert_eq!(server.asked().len(), 1);
    }
    let always = |_: usize, _: &Asked, stream: &mut TcpStream| plain(stream, "503 Busy", "", b"");
    let (told, server) = probe(always, &["--max", "fetch-attempts=3"]);
    told.ends_with(4).says(&["E0416"]);
    assert_eq!(server.asked().len(), 3);
    let nobody = format!("http://{}/a.mp4", server.host());
    drop(server);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("listens").local_addr().expect("an address");
    let (house, closed) = (House::new(), closed.to_string());
    let arguments = ["probe", &nobody.replace(nobody.split('/').nth(2).expect("a host"), &closed)];
    let more = ["--allow-host", &closed, "--max", "fetch-attempts=1"];
    house.vodflow(&[&arguments[..], &more].concat()).ends_with(4).says(&["E0416", "cannot be reached"]);
}

#[test]
fn what_is_no_media_is_refused_after_its_first_bytes() {
    for (body, code, word) in [
        ("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n", "E0404", "an HLS playlist"),
        ("<?xml version='1.0'?><MPD></MPD>", "E0404", "a DASH manifest"),
        ("<!DOCTYPE html><p>sign in</p>", "E0404", "an XML or HTML text"),
        ("", "E0402", "is empty"),
        ("no media at all", "E0403", "`http://127.0.0.1"),
    ] {
        let answer = move |_: usize, _: &Asked, stream: &mut TcpStream| {
            plain(stream, "200 All", "Content-Type: video/mp4\r\n", body.as_bytes());
        };
        probe(answer, &[]).0.ends_with(4).says(&[code, word]);
    }
    let packed = |_: usize, asked: &Asked, stream: &mut TcpStream| {
        assert_eq!(asked.headers["accept-encoding"], "identity");
        plain(stream, "200 All", "Content-Encoding: gzip\r\n", b"\x1f\x8b");
    };
    probe(packed, &[]).0.ends_with(4).says(&["E0416", "packed as `gzip`"]);
    // A page without end is not downloaded to its end.
    let page = |_: usize, _: &Asked, stream: &mut TcpStream| {
        use std::io::Write;
        say(stream, "HTTP/1.1 200 All\r\n\r\n<html>", b"");
        while stream.write_all(&[b' '; 4096]).is_ok() {}
    };
    probe(page, &[]).0.ends_with(4).says(&["E0404"]);
}

#[test]
fn names_that_servers_give_do_not_matter() {
    let (house, content) = house();
    let server = FileServer::new(move |_, _, stream| {
        let name = "Content-Disposition: attachment; filename=\"../../../evil.sh\"\r\n";
        plain(stream, "200 All", name, &content);
    });
    for (path, name) in
        [("/a/b.mp4", "b.mp4"), ("/%2e%2e%2f%2e%2e%2fevil", "_.._evil"), ("/", "source"), ("/%0a%1b%5b2J", "__[2J")]
    {
        let told = vodflow(&house, &server, &["probe", &server.url(path)]).ends_with(0);
        assert!(told.stdout.starts_with(&format!("{name}  ")), "{}", told.text());
    }
    assert!(downloads(&house, "files").iter().all(|path| path.split('/').count() == 2));
    assert_eq!(house.visible("").iter().filter(|path| path.contains("evil")).count(), 1);
}

#[test]
fn a_download_survives_death_at_each_of_its_points() {
    for point in ["fetch-grown", "fetch-flushed", "fetch-placed"] {
        let (house, content) = house();
        let half = content.len() / 2;
        let answer = move |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
            0 => {
                let head = format!("HTTP/1.1 200 All\r\nETag: \"1\"\r\nContent-Length: {}\r\n\r\n", content.len());
                say(stream, &head, &content[..half]);
            }
            _ => serve(asked, stream, &content, "\"1\""),
        };
        let server = FileServer::new(answer);
        let url = server.url("/a.mp4");
        let fault = format!("{point}=kill");
        let status = program(&house, &server, &["probe", &url]).env("VODFLOW_FAULT", &fault).status().expect("runs");
        assert_eq!(status.signal(), Some(9), "{point}");
        let before = server.asked().len();
        vodflow(&house, &server, &["probe", &url]).ends_with(0);
        let asked = server.asked();
        match point {
            // What was there is not asked for again.
            "fetch-grown" => assert_eq!(asked[before].from(), Some(half)),
            "fetch-flushed" => assert!(asked[before].from().is_some_and(|from| from > half)),
            _ => assert_eq!(asked[before].from(), None),
        }
        assert_eq!((downloads(&house, "files").len(), downloads(&house, "parts").len()), (1, 0), "{point}");
        for action in ["eio", "enospc"] {
            std::fs::remove_dir_all(house.path("cache")).expect("removes");
            let fault = format!("{point}={action}");
            let child = program(&house, &server, &["probe", &url]).env("VODFLOW_FAULT", &fault).spawn();
            let told = house.finish(child.expect("starts"));
            assert!(told.code != Some(0) && told.stderr.contains("folder of downloads"), "{fault}: {}", told.text());
            vodflow(&house, &server, &["probe", &url]).ends_with(0);
        }
    }
}

#[test]
fn kept_downloads_take_no_more_than_their_limit() {
    let (house, content) = house();
    let size = content.len();
    let server = FileServer::new(move |_, asked, stream| {
        // Each address has a content of its own.
        let content = [&content[..], asked.path.as_bytes()].concat();
        serve(asked, stream, &content, "\"1\"");
    });
    let fetch = |path: &str, most: &str| {
        vodflow(&house, &server, &["probe", &server.url(path), "--max", &format!("fetched={most}")]).ends_with(0);
    };
    fetch("/a.mp4", "100");
    fetch("/b.mp4", "100");
    assert_eq!(downloads(&house, "files").len(), 2);
    assert!(size < 1 << 20);
    fetch("/c.mp4", "0");
    let left = downloads(&house, "files");
    assert!(left.len() == 1 && left[0].ends_with("c.mp4"), "{left:?}");
    assert_eq!(downloads(&house, "addresses").len(), 1);
    let asked = server.asked().len();
    fetch("/a.mp4", "100");
    assert_eq!(server.asked()[asked].headers.get("if-none-match"), None);
}

#[test]
fn a_kept_file_that_somebody_changed_is_downloaded_again() {
    let (house, content) = house();
    let server = FileServer::of(content.clone());
    let url = server.url("/a.mp4");
    vodflow(&house, &server, &["probe", &url]).ends_with(0);
    let file = house.path("cache/vodflow/fetched/files").join(&downloads(&house, "files")[0]);
    let mut other = content;
    other.push(0);
    std::fs::remove_file(&file).and_then(|()| std::fs::write(&file, other)).expect("writes");
    vodflow(&house, &server, &["probe", &url]).ends_with(0);
    assert_eq!(std::fs::read(&file).expect("reads"), std::fs::read(&clips().both).expect("reads"));
}

#[test]
fn a_server_that_names_no_version_is_asked_for_all_of_it_and_outputs_are_up_to_date() {
    let (house, content) = house();
    let server = FileServer::new(move |_, _, stream| plain(stream, "200 All", "", &content));
    let url = server.url("/a.mp4");
    let run = || vodflow(&house, &server, &["run", SMALL, &url, "--out", "out", "--json"]).ends_with(0);
    run();
    let file = house.path("cache/vodflow/fetched/files").join(&downloads(&house, "files")[0]);
    let inode = || std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(&file).expect("a file"));
    let before = inode();
    let told = run();
    assert!(!told.lines().iter().any(|line| line["event"] == "job_started"), "{}", told.text());
    // What another run may be reading is not put in the place of itself.
    assert_eq!((inode(), server.asked().len()), (before, 2));
}

#[test]
fn two_that_want_the_same_download_it_once() {
    let (house, content) = house();
    let server = FileServer::new(move |number, asked, stream| {
        if number == 0 {
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        serve(asked, stream, &content, "\"1\"");
    });
    let url = server.url("/a.mp4");
    let children: Vec<_> =
        (0..3).map(|_| program(&house, &server, &["probe", &url]).spawn().expect("starts")).collect();
    for child in children {
        house.finish(child).ends_with(0);
    }
    let whole = server.asked().iter().filter(|asked| !asked.headers.contains_key("if-none-match")).count();
    assert_eq!((whole, server.asked().len()), (1, 3));
    assert_eq!((downloads(&house, "files").len(), downloads(&house, "parts").len()), (1, 0));
}

#[test]
fn a_disk_without_room_for_a_download_is_told() {
    let (house, content) = house();
    std::fs::create_dir_all(house.path("cache/vodflow")).expect("creates");
    let small = house.path("cache/vodflow");
    let Some(_mount) = Mount::tmpfs(&small, "size=300k") else {
        println!("nothing can be mounted here: a full disk was not tried");
        return;
    };
    let server = FileServer::new(move |number, asked, stream| match number {
        // One says how much it is, and one only sends it.
        0 => plain(stream, "200 All", "", &[content.as_slice(), &vec![7; 2_000_000]].concat()),
        1 => {
            use std::io::Write;
            say(stream, "HTTP/1.1 200 All\r\nTransfer-Encoding: chunked\r\n\r\n", b"");
            let chunk = [b"10000\r\n".as_slice(), &[7; 1 << 16], b"\r\n"].concat();
            while stream.write_all(&chunk).is_ok() {}
        }
        _ => serve(asked, stream, &content, "\"1\""),
    });
    let url = server.url("/a.mp4");
    let told = vodflow(&house, &server, &["probe", &url]).ends_with(5);
    told.says(&["E0706", "2.1 MB, and the disk for downloads has", "XDG_CACHE_HOME"]);
    vodflow(&house, &server, &["probe", &url]).ends_with(5).says(&["E0706", "the disk is full"]);
    assert_eq!((server.asked().len(), downloads(&house, "parts").len()), (2, 0));
}

#[test]
fn another_kind_of_server_is_no_server() {
    let greeting = |_: usize, _: &Asked, stream: &mut TcpStream| say(stream, "220 mail.example.com ESMTP\r\n", b"");
    probe(greeting, &[]).0.ends_with(4).says(&["E0416"]);
    let headers = |_: usize, _: &Asked, stream: &mut TcpStream| {
        use std::io::Write;
        say(stream, "HTTP/1.1 200 All\r\n", b"");
        while stream.write_all(format!("X-More: {}\r\n", "a".repeat(4000)).as_bytes()).is_ok() {}
    };
    probe(headers, &["--max", "fetch-attempts=1"]).0.ends_with(4).says(&["E0416"]);
    // Nobody there speaks TLS.
    let (house, content) = house();
    let server = FileServer::of(content);
    let url = server.url("/a.mp4").replace("http:", "https:");
    vodflow(&house, &server, &["probe", &url, "--max", "fetch-attempts=1", "--max", "fetch-pace=2"]).ends_with(4);
}

#[test]
fn how_far_a_long_download_is_is_told() {
    let house = House::new();
    let server = FileServer::of(vec![7; 33 << 20]);
    let url = server.url("/a.mp4?token=secret");
    let told = vodflow(&house, &server, &["run", SMALL, &url, "--out", "out", "--json"]).ends_with(4);
    assert!(!told.text().contains("secret"), "{}", told.text());
    let lines = told.lines();
    let far: Vec<f64> = lines
        .iter()
        .filter(|line| line["event"] == "fetch_progress")
        .filter_map(|line| line["fraction"].as_f64())
        .collect();
    assert_eq!(far, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
    let started = lines.iter().find(|line| line["event"] == "fetch_started").expect("a line");
    assert_eq!((&started["length"], &started["there"]), (&(33 << 20).into(), &0.into()));
    assert_eq!(lines.last().expect("a line")["diagnostics"][0]["code"], "E0403");
}
