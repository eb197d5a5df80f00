//! AES-128 in cipher-block chaining with PKCS#7 padding, over streams: the one method of HLS that encrypts whole segments.

use crate::store::ContentKey;
use aes::Aes128;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use std::io::{self, Read, Write};

/// Bytes of a cipher block.
pub(super) const BLOCK: usize = 16;

/// Bytes worked on at a time: segments of a source that is copied may be as large as the source.
const CHUNK: usize = 64 << 10;

/// Encrypts all of `from` and gives the number of bytes written: the next multiple of the block above what was read.
pub(super) fn encrypt(from: &mut impl Read, to: &mut impl Write, key: &ContentKey, vector: u128) -> io::Result<u64> {
    let mut cipher = Encryptor::<Aes128>::new(&key.bytes.into(), &vector.to_be_bytes().into());
    let (mut buffer, mut written) = (vec![0; CHUNK + BLOCK], 0);
    loop {
        let mut filled = fill(from, &mut buffer[..CHUNK])?;
        let last = filled < CHUNK;
        if last {
            let padding = BLOCK - filled % BLOCK;
            buffer[filled..filled + padding].fill(padding as u8);
            filled += padding;
        }
        for block in blocks(&mut buffer[..filled]) {
            cipher.encrypt_block(block.into());
        }
        to.write_all(&buffer[..filled])?;
        written += filled as u64;
        if last {
            return Ok(written);
        }
    }
}

/// Decrypts all of `from`. What was not encrypted so, with this key and vector, is invalid data, but for one case in 256
/// that only its content can tell.
pub(super) fn decrypt(from: &mut impl Read, to: &mut impl Write, key: &ContentKey, vector: u128) -> io::Result<()> {
    let mut cipher = Decryptor::<Aes128>::new(&key.bytes.into(), &vector.to_be_bytes().into());
    let (mut buffer, mut next) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut filled = fill(from, &mut buffer)?;
    loop {
        let following = if filled < CHUNK { 0 } else { fill(from, &mut next)? };
        if filled == 0 || !filled.is_multiple_of(BLOCK) {
            return Err(invalid("it is not made of whole cipher blocks"));
        }
        for block in blocks(&mut buffer[..filled]) {
            cipher.decrypt_block(block.into());
        }
        if following == 0 {
            let padding = usize::from(buffer[filled - 1]);
            let end = filled.saturating_sub(padding);
            if !(1..=BLOCK).contains(&padding) || buffer[end..filled].iter().any(|byte| usize::from(*byte) != padding) {
                return Err(invalid("it does not decrypt with its key"));
            }
            return to.write_all(&buffer[..end]);
        }
        to.write_all(&buffer[..filled])?;
        std::mem::swap(&mut buffer, &mut next);
        filled = following;
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Whole blocks of a buffer that is a multiple of them long.
fn blocks(buffer: &mut [u8]) -> impl Iterator<Item = &mut [u8; BLOCK]> {
    buffer.as_chunks_mut().0.iter_mut()
}

/// Reads until the buffer is full or nothing is left.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bytes: [u8; 16]) -> ContentKey {
        ContentKey { id: "id".into(), bytes }
    }

    fn encrypted(clear: &[u8], key: &ContentKey, vector: u128) -> Vec<u8> {
        let mut cipher = Vec::new();
        let written = encrypt(&mut &*clear, &mut cipher, key, vector).expect("encrypts");
        assert_eq!(written as usize, cipher.len());
        cipher
    }

    /// NIST SP 800-38A, F.2.1, whose four blocks are followed by one of padding.
    #[test]
    fn the_published_example_comes_out() {
        let number = |text: &str| u128::from_str_radix(text, 16).expect("hexadecimal");
        let clear: Vec<u8> = [
            "6bc1bee22e409f96e93d7e117393172a",
            "ae2d8a571e03ac9c9eb76fac45af8e51",
            "30c81c46a35ce411e5fbc1191a0a52ef",
            "f69f2445df4f9b17ad2b417be66c3710",
        ]
        .iter()
        .flat_map(|block| number(block).to_be_bytes())
        .collect();
        let key = key(number("2b7e151628aed2a6abf7158809cf4f3c").to_be_bytes());
        let cipher = encrypted(&clear, &key, number("000102030405060708090a0b0c0d0e0f"));
        assert_eq!(cipher.len(), 80);
        assert_eq!(cipher[..16], number("7649abac8119b246cee98e9b12e9197d").to_be_bytes());
        assert_eq!(cipher[48..64], number("3ff1caa1681fac09120eca307586e1a7").to_be_bytes());
    }

    #[test]
    fn what_is_encrypted_is_there_after_decryption() {
        let key = key([7; 16]);
        for length in [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let clear: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let cipher = encrypted(&clear, &key, 3);
            assert_eq!(cipher.len(), (length / BLOCK + 1) * BLOCK, "{length}");
            let mut again = Vec::new();
            decrypt(&mut cipher.as_slice(), &mut again, &key, 3).expect("decrypts");
            assert!(again == clear, "{length}");
        }
    }

    #[test]
    fn another_key_or_a_cut_is_noticed() {
        let cipher = encrypted(&[0; 100], &key([7; 16]), 0);
        let reason = |cipher: &[u8], bytes| {
            decrypt(&mut &*cipher, &mut Vec::new(), &key(bytes), 0).expect_err("invalid").to_string()
        };
        assert!(reason(&cipher, [8; 16]).contains("does not decrypt"));
        assert!(reason(&cipher[..96], [7; 16]).contains("does not decrypt"));
        assert!(reason(&cipher[..95], [7; 16]).contains("whole cipher blocks"));
        assert!(reason(&[], [7; 16]).contains("whole cipher blocks"));
    }
}
