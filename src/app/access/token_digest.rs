//! By what a token of staff is known.

use aws_lc_rs::digest::{SHA256, digest};

/// The digest by which a token is known.
#[must_use]
pub fn token_digest(token: &str) -> [u8; 32] {
    let digest = digest(&SHA256, token.as_bytes());
    *digest.as_ref().first_chunk().expect("SHA-256 gives 32 bytes")
}
