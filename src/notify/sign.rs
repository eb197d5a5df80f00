//! Signatures: who knows the secret can tell that an event is ours, whole, and new.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// What sender and receiver know, and nobody else.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// From the content of a file or a variable; a line break at the end does not belong to it. `None` when it is empty.
    pub fn new(text: &[u8]) -> Option<Secret> {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        (!text.is_empty()).then(|| Secret(text.to_vec()))
    }

    /// The header's value: `v1=` and, in hexadecimal, the HMAC-SHA256 of the time stamp as sent, a dot, and the body as
    /// sent.
    pub fn signature(&self, seconds: u64, body: &str) -> String {
        format!("v1={}", self.code(format!("{seconds}.{body}").as_bytes()))
    }

    fn code(&self, message: &[u8]) -> String {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        code.update(message);
        code.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_rfc_4231() {
        let secret = Secret::new(b"Jefe\n").expect("a secret");
        assert_eq!(
            secret.code(b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(Secret::new(b"\r\n").is_none());
    }

    #[test]
    fn time_and_body_are_signed() {
        let secret = Secret::new(b"s").expect("a secret");
        let signature = secret.signature(1, "2.x");
        assert_eq!(signature.len(), 3 + 64);
        assert_ne!(signature, secret.signature(2, "2.x"));
        assert_ne!(signature, secret.signature(1, "2.y"));
        assert_eq!(signature, format!("v1={}", secret.code(b"1.2.x")));
    }
}
