//! A server of files on this machine that behaves as badly as it is told, and keeps what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// With what follows `?`.
    pub path: String,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    /// Where a rest begins that was asked for.
    pub fn from(&self) -> Option<usize> {
        self.headers.get("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// A server.
pub struct FileServer {
    host: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FileServer {
    /// One that hands each request, with its number from 0, to `answer`, and then closes the connection.
    pub fn new(answer: impl Fn(usize, &Asked, &mut TcpStream) + Send + Sync + 'static) -> FileServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
        let host = listener.local_addr().expect("an address").to_string();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some((request, mut stream)) = stream.ok().and_then(read) else { continue };
                let number = {
                    let mut kept = kept.lock().expect("no panic");
                    kept.push(request.clone());
                    kept.len() - 1
                };
                let answer = answer.clone();
                // Endless answers must not keep others waiting.
                std::thread::spawn(move || answer(number, &request, &mut stream));
            }
        });
        FileServer { host, asked }
    }

    /// One that knows a single file, and answers as a good server does.
    pub fn of(content: Vec<u8>) -> FileServer {
        FileServer::new(move |_, asked, stream| serve(asked, stream, &content, "\"1\""))
    }

    /// An address on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// Answers as a good server does: whole, the rest of the right version, or that nothing changed.
pub fn serve(asked: &Asked, stream: &mut TcpStream, content: &[u8], tag: &str) {
    let header = |name: &str| asked.headers.get(name).map(String::as_str);
    if header("if-none-match") == Some(tag) {
        return say(stream, &format!("HTTP/1.1 304 Same\r\nETag: {tag}\r\nConnection: close\r\n\r\n"), b"");
    }
    let (total, from) = (content.len(), asked.from().filter(|_| header("if-range").is_none_or(|range| range == tag)));
    let rest = &content[from.unwrap_or(0).min(total)..];
    let status = match from {
        Some(from) => format!("206 Rest\r\nContent-Range: bytes {from}-{}/{total}", total - 1),
        None => "200 All".to_owned(),
    };
    let length = rest.len();
    let head = format!("HTTP/1.1 {status}\r\nETag: {tag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    say(stream, &head, rest);
}

/// Sends a head and a body; whoever went away has heard enough.
pub fn say(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush());
}

fn read(stream: TcpStream) -> Option<(Asked, TcpStream)> {
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
    let headers = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    Some((Asked { path, headers }, reader.into_inner()))
}
