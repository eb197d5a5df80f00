//! Addresses of sources: which are asked at all, how they are shown, and what the file behind one is called.

use crate::diag::{Diagnostic, Message, codes, message};
use crate::http::{self, AllowedHost, Uri};

/// Longest file name in bytes that is taken from an address; folders of outputs are called after it.
const LONGEST_NAME: usize = 120;
/// The longest ending that is kept when a name is cut.
const LONGEST_ENDING: usize = 10;

/// Where a source is found on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
}

impl Address {
    /// Whether a text is meant as an address and not as a path.
    pub fn is_meant(text: &str) -> bool {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }

    /// Reads an address; the error is E0417.
    pub fn read(text: &str) -> Result<Address, Diagnostic> {
        let uri: Option<Uri> = text.parse().ok().filter(|_| http::receiver(text).is_some());
        uri.map(|uri| Address { uri }).ok_or_else(|| {
            // What cannot be read may hold a password.
            let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme).to_owned();
            let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
            let problem = match web {
                true => message!("the address of the source cannot be read"),
                false => message!("sources are not fetched by `{}`", scheme),
            };
            let help = message!("write `https://HOST/PATH`, percent-encoded, without a password");
            Diagnostic::new(&codes::SOURCE_ADDRESS, problem).with_help(help)
        })
    }

    /// For people: without what follows `?`, which may hold secrets.
    pub fn shown(&self) -> String {
        let (scheme, authority) = (self.uri.scheme_str().unwrap_or_default(), self.uri.authority());
        format!("{scheme}://{}{}", authority.map_or("", |authority| authority.as_str()), self.uri.path())
    }

    /// Under what the address is remembered; nothing can be read from it.
    pub fn key(&self) -> String {
        blake3::hash(self.uri.to_string().as_bytes()).to_hex()[..32].to_owned()
    }

    /// The name of the file: the last part of the path, made harmless. What servers call it does not matter.
    pub fn file_name(&self) -> String {
        let last = self.uri.path().rsplit('/').next().unwrap_or_default();
        let harmless = |letter: char| {
            let unseen = letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
            let moves = matches!(letter, '/' | '\\' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}');
            if unseen || moves { '_' } else { letter }
        };
        let name: String = String::from_utf8_lossy(&decoded(last)).chars().map(harmless).collect();
        // No dot and no dash in front: hidden files and options.
        let name = name.trim().trim_start_matches(['.', '-']);
        if name.is_empty() { "source".to_owned() } else { shortened(name) }
    }

    /// The address in `http`'s form.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Where an answer sends us from here.
    pub(super) fn follow(&self, location: &str) -> Result<Address, Diagnostic> {
        let next = Address::read(&self.joined(location.trim()))
            .map_err(|_| self.refused(message!("`{}` leads to an address that cannot be used", self.shown())))?;
        if self.uri.scheme_str() == Some("https") && next.uri.scheme_str() == Some("http") {
            return Err(self.refused(message!("`{}` leads from `https` to `http`", self.shown())));
        }
        Ok(next)
    }

    /// RFC 3986 5.2, but that dots are left to the server.
    fn joined(&self, location: &str) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        let path = self.uri.path();
        if Address::is_meant(location) {
            return location.to_owned();
        }
        if let Some(rest) = location.strip_prefix("//") {
            return format!("{scheme}://{rest}");
        }
        let folder = match location.chars().next() {
            Some('/') => "",
            Some('?' | '#') | None => path,
            Some(_) => &path[..path.rfind('/').map_or(0, |at| at + 1)],
        };
        format!("{scheme}://{authority}{folder}{location}")
    }

    /// An error unless the port is the usual one or allowed. Numbers of hosts are judged where they are connected to.
    pub(super) fn check(&self, allowed: &[AllowedHost]) -> Result<(), Diagnostic> {
        if http::has_usual_port(&self.uri) || allowed.iter().any(|host| host.allows(&self.uri)) {
            return Ok(());
        }
        Err(self.refused(message!("`{}` asks a port that is not the usual one", self.shown())))
    }

    /// E0417 for this address.
    pub(super) fn refused(&self, problem: Message) -> Diagnostic {
        let host = self.uri.authority().map_or("", |authority| authority.as_str());
        let help = message!("if it is to be trusted, allow it with `--allow-host {}`", host);
        Diagnostic::new(&codes::SOURCE_ADDRESS, problem).with_help(help)
    }
}

/// Percent-encoding undone.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let value = digits.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(value.unwrap_or(*byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    out
}

/// Cut in the middle, so that the ending stays.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= LONGEST_ENDING).unwrap_or("");
    let end = (0..=LONGEST_NAME - ending.len()).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{ending}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::read(text).expect("an address")
    }

    #[test]
    fn names_come_from_the_path_and_are_harmless() {
        let name = |path: &str| address(&format!("https://h/{path}")).file_name();
        assert_eq!(name("a/lesson.mp4?token=x/y.mkv#t"), "lesson.mp4");
        assert_eq!(name("%E8%AF%BE%20%E7%A8%8B.mp4"), "课 程.mp4");
        for path in ["", "a/", "..", "%2e%2e", "...", "--", "%20"] {
            assert_eq!(name(path), "source", "{path}");
        }
        assert_eq!(name("%2e%2e%2fetc%2fpasswd"), "_etc_passwd");
        assert_eq!(name("-y.mp4"), "y.mp4");
        assert_eq!(name("a%00b%0ac%E2%80%AEd%5c%ff.mp4"), "a_b_c_d__.mp4");
        assert_eq!(name("100%25d%zz.mp4"), "100%d%zz.mp4");
        let long = name(&format!("{}.mp4", "%E8%AF%BE".repeat(200)));
        assert!(long.ends_with(".mp4") && long.len() <= 120, "{long}");
    }

    proptest::proptest! {
        #[test]
        fn no_address_gives_a_name_that_means_something_else(path in "(%[0-9a-fA-F]{2}|[!-~]|%2[eEfF]){0,200}") {
            let Ok(address) = Address::read(&format!("https://h/{path}")) else { return Ok(()) };
            let name = address.file_name();
            proptest::prop_assert!(!name.is_empty() && name.len() <= LONGEST_NAME && !name.starts_with(['.', '-']));
            proptest::prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control), "{}", name);
        }
    }

    #[test]
    fn what_follows_the_question_mark_is_not_shown() {
        let one = address("https://h:444/a/b.mp4?secret=1");
        assert_eq!(one.shown(), "https://h:444/a/b.mp4");
        assert_ne!(one.key(), address("https://h:444/a/b.mp4?secret=2").key());
    }

    #[test]
    fn only_the_web_is_asked() {
        for text in ["ftp://h/a", "file:///etc/passwd", "https://a:b@h/", "https://", "http:///x", "https://h/a b"] {
            assert!(Address::is_meant(text), "{text}");
            assert_eq!(Address::read(text).expect_err("refused").code.id, "E0417", "{text}");
        }
        for text in ["a.mp4", "a:b.mp4", "/http/a", "://a", "http:/a", "a b://c"] {
            assert!(!Address::is_meant(text), "{text}");
        }
    }

    #[test]
    fn redirects_are_followed_as_written() {
        let from = address("https://h/a/b?c");
        let to = |location: &str| from.follow(location).map(|next| next.uri.to_string());
        assert_eq!(to("d.mp4"), Ok("https://h/a/d.mp4".into()));
        assert_eq!(to("/d.mp4"), Ok("https://h/d.mp4".into()));
        assert_eq!(to("//i/d"), Ok("https://i/d".into()));
        assert_eq!(to("?d"), Ok("https://h/a/b?d".into()));
        assert_eq!(to("https://i/d"), Ok("https://i/d".into()));
        for location in ["http://h/a/b", "file:///etc/passwd", "https://a:b@h/"] {
            assert_eq!(to(location).expect_err("refused").code.id, "E0417", "{location}");
        }
    }

    #[test]
    fn unusual_ports_are_asked_only_where_allowed() {
        let allowed = [AllowedHost::read("h:8080").expect("a host")];
        assert!(address("http://h:8080/").check(&allowed).is_ok() && address("http://i/").check(&allowed).is_ok());
        assert!(address("http://i:8080/").check(&allowed).is_err() && address("http://i:22/").check(&[]).is_err());
    }
}
