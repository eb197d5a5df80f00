//! A receiver of notifications on this machine, which answers as it is told and keeps what it was sent.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was posted.
#[derive(Debug, Clone)]
pub struct Post {
    /// The first line.
    pub line: String,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Byte for byte.
    pub body: String,
}

impl Post {
    /// The event's id.
    pub fn id(&self) -> &str {
        &self.headers["vodflow-event-id"]
    }
}

/// A receiver.
pub struct Receiver {
    address: String,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Receiver {
    /// One that answers with these statuses, and then with 200.
    pub fn answering(statuses: &[u16]) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
        let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let posts: Arc<Mutex<Vec<Post>>> = Arc::default();
        let (kept, mut statuses) = (posts.clone(), VecDeque::from(statuses.to_vec()));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A sender that died in the middle has sent nothing.
                let Some((post, mut stream)) = stream.ok().and_then(read) else { continue };
                kept.lock().expect("no panic").push(post);
                let status = statuses.pop_front().unwrap_or(200);
                let answer = format!("HTTP/1.1 {status} So\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Receiver { address, posts }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.address
    }

    /// Everything that came, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().expect("no panic").clone()
    }
}

fn read(stream: TcpStream) -> Option<(Post, TcpStream)> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let pairs = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let post = Post { line: lines.first()?.clone(), headers, body: String::from_utf8(body).ok()? };
    Some((post, reader.into_inner()))
}
