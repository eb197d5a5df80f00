//! What a child can and cannot do inside its sandbox, tried with a shell.

use super::*;
use std::net::TcpListener;

/// Runs a script in a sandbox over a folder `in`, which it may read, and a folder `out`, which it may write; gives its
/// output. Nothing to run where the kernel has no rules for files: then there is nothing to claim.
fn confined(script: &str) -> Option<String> {
    if !Layers::of_kernel().missing().is_empty() {
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["in", "out", "other"] {
        std::fs::create_dir(folder.path().join(name)).expect("creates");
        std::fs::write(folder.path().join(name).join("file"), name).expect("writes");
    }
    let mut invocation = Invocation::new(Path::new("/bin/sh"), vec!["-c".into(), script.into()]);
    invocation.folder = Some(folder.path().to_owned());
    invocation.sandbox = Some(Reach { reads: vec![folder.path().join("in")], writes: vec![folder.path().join("out")] });
    let mut output = Collect::default();
    run(&invocation, &mut output, &Cancellation::default()).expect("starts");
    Some(String::from_utf8_lossy(&output.0).into_owned())
}

#[test]
fn files_are_read_and_written_only_where_they_may() {
    let script = "cat in/file; cat other/file; cat /etc/passwd; echo x > in/new; echo x > other/new; \
        echo made > out/new; cat out/new; ln -s ../other/file out/link && cat out/link; rm out/new; echo end";
    let Some(said) = confined(script) else { return };
    assert_eq!(said, "inmade\nend\n");
}

#[test]
fn a_rule_holds_for_the_file_and_not_for_the_path() {
    let script = "mv out/file out/moved; cat out/moved; echo; cat /proc/self/status | grep -c NoNewPrivs:.1";
    let Some(said) = confined(script) else { return };
    assert_eq!(said, "out\n1\n");
}

#[test]
fn no_connection_is_made() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.set_nonblocking(true).expect("sets");
    let port = listener.local_addr().expect("bound").port();
    // bash opens sockets itself.
    let script = format!(
        "bash -c 'echo hello > /dev/tcp/127.0.0.1/{port}' || echo refused; bash -c 'echo > /dev/udp/127.0.0.1/9' || echo refused"
    );
    let Some(said) = confined(&script) else { return };
    assert_eq!(said, "refused\nrefused\n");
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn a_child_signals_nobody_outside() {
    let Some(said) = confined(&format!("kill -0 {} || echo refused", std::process::id())) else { return };
    let knows_signals = Layers::of_kernel().landlock.is_some_and(|version| version >= 6);
    assert_eq!(said.contains("refused"), knows_signals, "{said}");
}

#[test]
fn other_processes_keep_their_secrets() {
    let script = format!("cat /proc/{}/environ > /dev/null && echo read; echo end", std::process::id());
    let Some(said) = confined(&script) else { return };
    assert_eq!(said, "end\n");
}
