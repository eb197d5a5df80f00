//! A client for HTTP that goes only where it may: no proxies, no redirects, and no private addresses unless allowed.
//!
//! Addresses are judged where they are used: a name is resolved once, every answer must be allowed, and the connection
//! goes to what was judged (`reliability.md` R36).

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// How far a client may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public network.
    Public,
    /// Also those of this machine and of private networks.
    Private,
}

/// A client whose every request, answer included, takes at most `limit`.
pub fn agent(reach: Reach, limit: Duration) -> Agent {
    let config = Config::builder()
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_response_header_size(64 << 10)
        .timeout_global(Some(limit))
        .user_agent(concat!("vodflow/", env!("CARGO_PKG_VERSION")))
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guard { reach, resolver: DefaultResolver::default() })
}

/// Host and port of an address that can be asked: `http` or `https`, with a host, without name or password.
pub fn receiver(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = !authority.as_str().contains('@') && !authority.host().is_empty();
    (is_web && plain).then(|| authority.to_string())
}

/// Whether a request failed because the address may not be asked; trying again does not help.
pub fn is_refused(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<NotPublic>()))
}

/// An address of no public network.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address belongs to a private network")
    }
}

impl std::error::Error for NotPublic {}

/// Resolves names and judges the answers.
struct Guard {
    reach: Reach,
    resolver: DefaultResolver,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("reach", &self.reach).finish_non_exhaustive()
    }
}

impl Resolver for Guard {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        if self.reach == Reach::Public && found.iter().any(|address| !is_public(address.ip())) {
            return Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, NotPublic)));
        }
        Ok(found)
    }
}

/// Whether an address belongs to the public network (the registries of RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // This network; shared by carriers; protocols; benchmarks; reserved and broadcast.
        || a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && b & 0xfe == 18)
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Addresses that stand for one of IPv4, also through translation (RFC 6052) and 6to4.
    let octets = address.octets();
    let inner = |at: usize| Ipv4Addr::new(octets[at], octets[at + 1], octets[at + 2], octets[at + 3]);
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    if (first, second) == (0x64, 0xff9b) {
        return is_public_v4(inner(12));
    }
    if first == 0x2002 {
        return is_public_v4(inner(2));
    }
    // Only 2000::/3 is given out; of it 2001::/23 is for protocols, 2001:db8::/32 and 3fff::/20 for documents.
    let given_out = first & 0xe000 == 0x2000;
    let protocols = first == 0x2001 && second < 0x200;
    let documents = (first, second) == (0x2001, 0xdb8) || (first == 0x3fff && second < 0x1000);
    given_out && !protocols && !documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_spelling() {
        let public = |text: &str| is_public(text.parse().expect("an address"));
        for text in ["1.1.1.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(public(text), "{text}");
        }
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "203.0.113.5",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn receivers_are_addresses_without_secrets() {
        assert_eq!(receiver("https://example.com:8443/hook?key=1").as_deref(), Some("example.com:8443"));
        assert_eq!(receiver("http://[::1]:80/").as_deref(), Some("[::1]:80"));
        for text in
            ["ftp://example.com/", "example.com", "https://", "file:///etc/passwd", "https://a:b@example.com/", ""]
        {
            assert_eq!(receiver(text), None, "{text}");
        }
    }

    #[test]
    fn a_private_address_is_refused_before_anything_is_sent() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listens");
        listener.set_nonblocking(true).expect("sets");
        let port = listener.local_addr().expect("an address").port();
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            let sent = agent(Reach::Public, Duration::from_secs(5)).get(format!("http://{host}:{port}/")).call();
            assert!(sent.is_err_and(|error| is_refused(&error)), "{host}");
        }
        assert!(listener.accept().is_err(), "somebody came");
    }
}
