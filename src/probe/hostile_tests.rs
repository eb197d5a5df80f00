//! Hostile media against each wall alone: our own first look, ffprobe's lists, the sandbox. Every one must hold without
//! the others, so that a hole in one is not a hole (`reliability.md` 2).

use super::listing::{ListError, list_foreign};
use super::*;
use crate::limits::Limits;
use crate::process::{self, Cancellation, Collect, Invocation, Layers, Reach};
use rustix::fs::inotify;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// A folder with hostile files, a neighbour that must not be opened, and a port that nobody may connect to.
struct Trap {
    folder: tempfile::TempDir,
    watch: OwnedFd,
    port: TcpListener,
    files: Vec<(&'static str, String)>,
}

impl Trap {
    fn new() -> Trap {
        let folder = tempfile::tempdir().expect("a folder");
        let tools = tools();
        let secret = folder.path().join("secret.ts");
        let made = std::process::Command::new(&tools.ffmpeg)
            .args("-v error -nostdin -f lavfi -i testsrc=s=64x64:r=25:d=1 -c:v mpeg2video -f mpegts".split(' '))
            .arg(&secret)
            .status();
        assert!(made.expect("ffmpeg starts").success());
        let watch = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC).expect("inotify");
        inotify::add_watch(&watch, &secret, inotify::WatchFlags::OPEN).expect("watches");
        let port = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        port.set_nonblocking(true).expect("sets");
        let files = hostile(&secret.display().to_string(), port.local_addr().expect("bound").port());
        for (name, content) in &files {
            std::fs::write(folder.path().join(name), content).expect("writes");
        }
        Trap { folder, watch, port, files }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Fails if the neighbour was opened since, or somebody came to the port.
    fn is_untouched(&self, after: &str) {
        let mut events = [0; 4096];
        let opened = rustix::io::read(&self.watch, &mut events[..]);
        assert_eq!(opened, Err(rustix::io::Errno::AGAIN), "{after}: a neighbour was opened");
        assert!(self.port.accept().is_err(), "{after}: a connection was made");
    }
}

fn tools() -> Tools {
    Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed")
}

/// Names and contents of files that lead to a neighbour or to a port.
fn hostile(secret: &str, port: u16) -> Vec<(&'static str, String)> {
    let playlist = |lines: &str| format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n{lines}\n");
    let dash = |address: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
             mediaPresentationDuration=\"PT2S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" \
             bandwidth=\"1\"><BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        )
    };
    let end = "#EXT-X-ENDLIST";
    vec![
        ("absolute.mp4", playlist(&format!("#EXTINF:2,\n{secret}\n{end}"))),
        ("beside.png", playlist(&format!("#EXTINF:2,\nsecret.ts\n{end}"))),
        ("network.mp4", playlist(&format!("#EXTINF:2,\nhttp://127.0.0.1:{port}/a.ts\n{end}"))),
        (
            "key.mp4",
            playlist(&format!(
                "#EXT-X-KEY:METHOD=AES-128,URI=\"http://127.0.0.1:{port}/key\"\n#EXTINF:2,\nsecret.ts\n{end}"
            )),
        ),
        ("endless.mp4", playlist("#EXTINF:2,\nsecret.ts")),
        ("itself.mp4", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nitself.mp4\n".to_owned()),
        ("dash.mp4", dash("secret.ts")),
        ("dash-network.mp4", dash(&format!("http://127.0.0.1:{port}/a.mp4"))),
        ("concat.mp4", "ffconcat version 1.0\nfile secret.ts\n".to_owned()),
        ("concat-options.avi", format!("ffconcat version 1.0\nfile secret.ts\noption safe 0\nfile {secret}\n")),
        (
            "session.mp4",
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n\
             a=rtpmap:96 H264/90000\r\n"
                .to_owned(),
        ),
        (
            "drawing.png",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><image href=\"secret.ts\"/></svg>"
                .into(),
        ),
        ("vobsub.idx", "# VobSub index file, v7\ntimestamp: 00:00:00:000, filepos: 000000000\n".to_owned()),
        ("image2.mp4", format!("[playlist]\nFile1={secret}\n")),
        ("avi.avi", format!("RIFF\u{10}\0\0\0AVI \n#EXTM3U\n#EXTINF:2,\n{secret}\n")),
        ("asf.asx", format!("<ASX version=\"3.0\"><ENTRY><REF HREF=\"http://127.0.0.1:{port}/a\"/></ENTRY></ASX>")),
        ("reference.mp4", "[Reference]\r\nRef1=http://127.0.0.1/a?MSWMExt=.asf\r\n".to_owned()),
    ]
}

#[test]
fn all_walls_together_refuse_every_file() {
    let trap = Trap::new();
    for (name, _) in &trap.files {
        let refused = source(&tools(), &trap.path(name)).expect_err(name);
        assert!(matches!(refused.code.id, "E0403" | "E0404"), "{name}: {}", refused.message);
        trap.is_untouched(name);
    }
}

/// Without our own first look and without the sandbox: what ffprobe is told is enough.
#[test]
fn the_lists_of_ffprobe_alone_refuse_every_file() {
    let trap = Trap::new();
    let open = Tools { sandbox: Sandbox::Off, ..tools() };
    for (name, content) in &trap.files {
        let listed = list_foreign(&open, &trap.path(name), content.len() as u64, &Limits::default());
        assert!(matches!(listed, Err(ListError::NotAllowed | ListError::Unreadable)), "{name}: {listed:?}");
        trap.is_untouched(name);
    }
}

/// ffprobe as it comes, with every protocol allowed: the sandbox is enough. The file that names itself grows for ever
/// and the live one has no end: limits stop both.
#[test]
fn the_sandbox_alone_keeps_the_neighbour_and_the_port() {
    if !Layers::of_kernel().missing().is_empty() {
        return;
    }
    let trap = Trap::new();
    for (name, _) in &trap.files {
        let words = "-v error -protocol_whitelist file,http,tcp,udp,rtp,crypto,data -allowed_extensions ALL -i";
        let mut arguments: Vec<OsString> = words.split(' ').map(Into::into).collect();
        if !["absolute", "beside", "network", "key", "endless", "itself"].iter().any(|start| name.starts_with(start)) {
            // An option of the HLS demuxer; others end with an error over it before they open anything.
            arguments.drain(4..6);
        }
        arguments.push(file_argument(&trap.path(name)));
        let mut invocation = Invocation::new(&tools().ffprobe, arguments);
        invocation.limits.wall = Some(std::time::Duration::from_secs(5));
        invocation.limits.address_space = Some(1 << 30);
        invocation.sandbox = Some(Reach { reads: vec![trap.path(name)], writes: vec![] });
        process::run(&invocation, &mut Collect::default(), &Cancellation::default()).expect("starts");
        trap.is_untouched(name);
    }
}

/// The trap itself: without any wall something is touched, or the tests above would show nothing.
#[test]
fn without_walls_the_neighbour_is_opened() {
    let trap = Trap::new();
    let arguments = ["-v".into(), "error".into(), "-i".into(), file_argument(&trap.path("beside.png"))];
    let invocation = Invocation::new(&tools().ffprobe, arguments.into());
    process::run(&invocation, &mut Collect::default(), &Cancellation::default()).expect("starts");
    assert!(rustix::io::read(&trap.watch, &mut [0; 4096][..]).is_ok());
}
