//! Pictures that stand in the text of a template: `data:image/png;base64,…`.

/// The bytes of a `data:` text in base64; in one sentence why there are none.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let rest = text.strip_prefix("data:").ok_or("it does not begin with `data:`")?;
    let (head, data) = rest.split_once(',').ok_or("nothing follows the comma of `data:…,`")?;
    if !head.ends_with(";base64") {
        return Err("only `data:` texts in base64 are read".to_owned());
    }
    decoded(data).filter(|bytes| !bytes.is_empty()).ok_or_else(|| "it is not base64".to_owned())
}

/// Base64 with or without its padding; blanks and line breaks are skipped.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches(|sign: char| sign == '=' || sign.is_ascii_whitespace());
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    // Six bits alone are no byte.
    (bits < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding_and_nothing_else_is() {
        for (text, wanted) in [("TWFu", "Man"), ("TWE=", "Ma"), ("TWE", "Ma"), ("TQ==", "M"), ("TW\nFu", "Man")] {
            assert_eq!(decoded(text).as_deref(), Some(wanted.as_bytes()), "{text}");
        }
        for broken in ["TWF%", "T", "TWFuT"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
        assert!(bytes("data:image/png;base64,TWFu").is_ok());
        for broken in ["TWFu", "data:image/png,TWFu", "data:;base64", "data:;base64,"] {
            assert!(bytes(broken).is_err(), "{broken}");
        }
    }
}
