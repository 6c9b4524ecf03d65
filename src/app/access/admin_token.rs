//! The token that is made where nobody has configured any staff.

use std::path::{Path, PathBuf};
use std::{fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::token_digest::token_digest;
use crate::vault;

/// What the made token begins with, so that people and scanners of leaked secrets know it.
const PREFIX: &str = "hps.";

/// Why the admin token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdminTokenFault {
    /// The file cannot be read or made.
    #[error("the file {path} with the admin token cannot be used")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the file {0} holds no admin token; remove it, and the next start makes a new one")]
    Content(PathBuf),
    /// The operating system gives no random numbers.
    #[error(transparent)]
    Random(#[from] vault::Unrandom),
}

/// The digest of the token in a file, which is made where it is missing. Its place is logged, its value never.
///
/// # Errors
/// [`AdminTokenFault`].
pub fn digest_of_file(path: &Path) -> Result<[u8; 32], AdminTokenFault> {
    let fault = |source| AdminTokenFault::File { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) if text.trim().len() > PREFIX.len() && text.starts_with(PREFIX) => {
            tracing::info!(path = %path.display(), "no staff is configured: the admin token is in this file");
            Ok(token_digest(text.trim()))
        }
        Ok(_) => Err(AdminTokenFault::Content(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(vault::random::<32>()?));
            vault::write_private(path, format!("{token}\n").as_bytes()).map_err(fault)?;
            tracing::warn!(path = %path.display(), "no staff is configured: an admin token was written to this file");
            Ok(token_digest(&token))
        }
        Err(error) => Err(fault(error)),
    }
}

/// Makes the file of a token that several instances share, where it is missing: from a secret that all of them have.
///
/// # Errors
/// [`AdminTokenFault::File`].
pub fn make_shared(path: &Path, secret: &[u8; 32]) -> Result<(), AdminTokenFault> {
    if path.exists() {
        return Ok(());
    }
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret));
    let fault = |source| AdminTokenFault::File { path: path.to_owned(), source };
    vault::write_private(path, format!("{token}\n").as_bytes()).map_err(fault)?;
    tracing::warn!(path = %path.display(), "no staff is configured: the admin token of all instances was written here");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_token_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("admin.token");
        let digest = digest_of_file(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let token = fs::read_to_string(&path).unwrap();
        assert_eq!(token.trim().len(), PREFIX.len() + 43);
        assert_eq!(token_digest(token.trim()), digest);
        assert_eq!(digest_of_file(&path).unwrap(), digest);

        for content in ["", "hps.", "something else"] {
            fs::write(&path, content).unwrap();
            assert!(matches!(digest_of_file(&path), Err(AdminTokenFault::Content(_))), "{content:?}");
        }
    }
}
