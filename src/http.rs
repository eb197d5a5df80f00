//! A client for HTTP that goes only where it may: no proxies, no redirects, and no private addresses unless allowed.
//!
//! Addresses are judged where they are used: a name is resolved once, every answer must be allowed, and the connection
//! goes to what was judged (`reliability.md` R36).

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use ureq::Agent;
use ureq::config::{Config, ConfigBuilder};
use ureq::http::uri::Authority;
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

pub use ureq::http::Uri;

/// How far a client may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public network.
    Public,
    /// Also those of this machine and of private networks.
    Private,
    /// Addresses of the public network, and whatever addresses these hosts have.
    PublicAnd(Vec<AllowedHost>),
}

/// A host that may have private addresses, on one port, or on the usual one of the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
}

impl AllowedHost {
    /// Reads `HOST`, `HOST:PORT` or `[IPV6]:PORT`.
    pub fn read(text: &str) -> Option<AllowedHost> {
        let authority: Authority = text.parse().ok()?;
        let port = authority.port_u16();
        // What stands behind the host is a port or a mistake.
        let whole = port.map_or(authority.host().to_owned(), |port| format!("{}:{port}", authority.host()));
        let is_host = !authority.host().is_empty() && whole == text;
        is_host.then(|| AllowedHost { host: authority.host().to_owned(), port })
    }

    /// Whether it is what an address names.
    pub fn allows(&self, uri: &Uri) -> bool {
        let same = uri.host().is_some_and(|host| host.eq_ignore_ascii_case(&self.host));
        same && match self.port {
            Some(port) => port_of(uri) == Some(port),
            None => has_usual_port(uri),
        }
    }
}

/// Whether an address asks the port that everybody asks for its scheme.
pub fn has_usual_port(uri: &Uri) -> bool {
    uri.port_u16().is_none_or(|port| Some(port) == usual_port(uri))
}

fn port_of(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| usual_port(uri))
}

fn usual_port(uri: &Uri) -> Option<u16> {
    match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    }
}

/// A client whose every request, answer included, takes at most `limit`.
pub fn agent(reach: Reach, limit: Duration) -> Agent {
    guarded(reach, usual().timeout_global(Some(limit)).build())
}

/// A client for long answers: it waits `patience` for each step, and each request has its own limit for the whole.
pub fn patient_agent(reach: Reach, patience: Duration) -> Agent {
    let config = usual()
        .timeout_resolve(Some(patience))
        .timeout_connect(Some(patience))
        .timeout_recv_response(Some(patience))
        .timeout_per_read(Some(patience))
        .timeout_per_write(Some(patience))
        .build();
    guarded(reach, config)
}

fn usual() -> ConfigBuilder<AgentScope> {
    Config::builder()
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_response_header_size(64 << 10)
        .user_agent(concat!("vodflow/", env!("CARGO_PKG_VERSION")))
}

fn guarded(reach: Reach, config: Config) -> Agent {
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
        let anywhere = match &self.reach {
            Reach::Public => false,
            Reach::Private => true,
            Reach::PublicAnd(hosts) => hosts.iter().any(|host| host.allows(uri)),
        };
        if !anywhere && found.iter().any(|address| !is_public(address.ip())) {
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
    fn an_allowed_host_is_a_host_on_one_port() {
        let allows =
            |host: &str, url: &str| AllowedHost::read(host).expect("a host").allows(&url.parse().expect("an address"));
        assert!(allows("media.lan", "http://media.lan/a") && allows("media.lan", "https://MEDIA.lan:443/a"));
        assert!(allows("media.lan:8080", "http://media.lan:8080/") && allows("[::1]:81", "http://[::1]:81/"));
        assert!(!allows("media.lan", "http://media.lan:8080/") && !allows("media.lan:8080", "http://media.lan/"));
        assert!(!allows("media.lan", "http://a.media.lan/") && !allows("127.0.0.1", "http://127.0.0.11/"));
        for text in ["", ":80", "a:b", "a:99999", "http://a/", "name@a", "a/b", "a b"] {
            assert_eq!(AllowedHost::read(text), None, "{text}");
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
