//! The only holder of keys: it names persons by a keyed digest and seals what nobody may read on the disk.
//!
//! One secret of 32 bytes lies in a file of mode 0600, made at the first start. Keys for different uses are derived from
//! it (HKDF-SHA-256), so that none can be used for another. Person keys are HMAC-SHA-256 of the resident ID number, cut
//! to 16 bytes. Sealing is AES-256-GCM under a random nonce; one key may seal 2^32 texts (NIST SP 800-38D, 8.3), far
//! above a city's lifetime. A sealed text is bound to a context, so it cannot be opened in another place.

use std::cell::RefCell;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac, rand};

use crate::domain::applicant::IdNumber;
use crate::domain::appointment::PersonKey;

const SECRET_BYTES: usize = 32;
/// Bytes that sealing adds to a text: a version, the nonce and the tag.
pub const SEAL_OVERHEAD_BYTES: usize = 1 + NONCE_LEN + 16;
const SEAL_VERSION: u8 = 1;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultFault {
    /// The file cannot be read, or made where it is missing.
    #[error("the key file {path} cannot be used")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is missing where something has been sealed with it.
    #[error("the key file {path} is missing; restore it from a backup: without it no personal data can be read")]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// The file does not hold exactly one secret.
    #[error(
        "the key file {path} holds {found} bytes instead of {SECRET_BYTES}; restore it from a backup: without it no personal data can be read"
    )]
    Length {
        /// Which file.
        path: PathBuf,
        /// How many bytes it has.
        found: usize,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random,
}

/// A sealed text that cannot be opened: made with another secret, for another context, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed text cannot be opened with this key")]
pub struct Unopenable;

/// What a sealed text is for. A text sealed for one use cannot be opened as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Personal data of an appointment, on the disk.
    Record,
    /// A session, in the hands of a client.
    Session,
}

/// The keys, ready for use.
pub struct Vault {
    person: hmac::Key,
    nonce: hmac::Key,
    record: LessSafeKey,
    session: LessSafeKey,
    fingerprint: [u8; 16],
    admin_token: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// The vault whose secret lies in this file, which is made where it is missing.
    ///
    /// # Errors
    /// [`VaultFault`].
    pub fn open(path: &Path) -> Result<Self, VaultFault> {
        match Self::open_existing(path) {
            Err(VaultFault::Missing { .. }) => {
                let fresh = random::<SECRET_BYTES>().map_err(|Unrandom| VaultFault::Random)?;
                let file = |source| VaultFault::File { path: path.to_owned(), source };
                write_private(path, &fresh).map_err(file)?;
                Ok(Self::from_secret(&fresh))
            }
            opened => opened,
        }
    }

    /// The vault whose secret lies in this file, which must be there: what was sealed with it cannot be opened by another.
    ///
    /// # Errors
    /// [`VaultFault`].
    pub fn open_existing(path: &Path) -> Result<Self, VaultFault> {
        let secret = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(VaultFault::Missing { path: path.to_owned() });
            }
            Err(source) => return Err(VaultFault::File { path: path.to_owned(), source }),
        };
        let found = secret.len();
        let secret = secret.try_into().map_err(|_| VaultFault::Length { path: path.to_owned(), found })?;
        Ok(Self::from_secret(&secret))
    }

    /// The vault of a secret.
    ///
    /// # Panics
    /// Never: every derived key has the length that its algorithm wants.
    #[must_use]
    pub fn from_secret(secret: &[u8; SECRET_BYTES]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"hallpass 1").extract(secret);
        let derived = |label: &str| {
            let mut key = [0; 32];
            root.expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
                .and_then(|material| material.fill(&mut key))
                .expect("32 bytes are within what HKDF-SHA-256 gives");
            key
        };
        let sealing = |label: &str| {
            LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derived(label)).expect("the key has the length of AES-256"))
        };
        let digesting = |label: &str| hmac::Key::new(hmac::HMAC_SHA256, &derived(label));
        Self {
            person: digesting("person"),
            nonce: digesting("nonce"),
            record: sealing("record"),
            session: sealing("session"),
            fingerprint: head(&derived("fingerprint")),
            admin_token: derived("admin token"),
        }
    }

    /// What tells these keys from others, and tells nothing of them.
    #[must_use]
    pub const fn fingerprint(&self) -> [u8; 16] {
        self.fingerprint
    }

    /// What instances with the same secret make the token of their first administrator of, so that it is the same one.
    #[must_use]
    pub const fn admin_token(&self) -> [u8; 32] {
        self.admin_token
    }

    /// The key of the person with this ID number.
    #[must_use]
    pub fn person_key(&self, id_number: &IdNumber) -> PersonKey {
        PersonKey(head(hmac::sign(&self.person, id_number.reveal().as_bytes()).as_ref()))
    }

    /// Seals a text for a purpose and a context, under a random nonce.
    ///
    /// # Panics
    /// Where the operating system stops giving random numbers after the start: nothing may be sealed then.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, context: &[u8], text: &[u8]) -> Vec<u8> {
        let nonce = random::<NONCE_LEN>().expect("the operating system gave random numbers at the start");
        self.seal_under(nonce, purpose, context, text)
    }

    /// Seals a text so that the same text and `origin` give the same bytes: `origin` must be unique to the text, since
    /// a nonce must never serve two texts.
    #[must_use]
    pub fn seal_repeatably(&self, origin: &[u8], purpose: Purpose, context: &[u8], text: &[u8]) -> Vec<u8> {
        let mut digest = hmac::Context::with_key(&self.nonce);
        for part in [origin, context, text] {
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        self.seal_under(head(digest.sign().as_ref()), purpose, context, text)
    }

    fn seal_under(&self, nonce: [u8; NONCE_LEN], purpose: Purpose, context: &[u8], text: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(text.len() + SEAL_OVERHEAD_BYTES);
        sealed.push(SEAL_VERSION);
        sealed.extend_from_slice(&nonce);
        let (body_from, aad) = (sealed.len(), Aad::from(context));
        sealed.extend_from_slice(text);
        let tag = self
            .key(purpose)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed[body_from..])
            .expect("a text of less than 64 GiB can be sealed");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what [`Vault::seal`] made for the same purpose and context.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open_sealed(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unopenable> {
        let (&version, rest) = sealed.split_first().ok_or(Unopenable)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unopenable)?;
        if version != SEAL_VERSION {
            return Err(Unopenable);
        }
        let mut text = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened =
            self.key(purpose).open_in_place(nonce, Aad::from(context), &mut text).map_err(|_| Unopenable)?.len();
        text.truncate(opened);
        Ok(text)
    }

    const fn key(&self, purpose: Purpose) -> &LessSafeKey {
        match purpose {
            Purpose::Record => &self.record,
            Purpose::Session => &self.session,
        }
    }
}

/// The operating system gave no random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random numbers")]
pub struct Unrandom;

/// Random bytes that nobody can predict. Each thread asks the generator for [`DRAWN_BYTES`] at a time: asking costs more
/// than the few bytes that an id needs.
///
/// # Errors
/// [`Unrandom`].
pub fn random<const N: usize>() -> Result<[u8; N], Unrandom> {
    const { assert!(N <= DRAWN_BYTES, "more is drawn at once than is asked for") };
    DRAWN.with_borrow_mut(Drawn::take)
}

/// How many random bytes a thread draws at once.
const DRAWN_BYTES: usize = 512;

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; DRAWN_BYTES], left: 0 }) };
}

/// Random bytes of which some are left.
struct Drawn {
    bytes: [u8; DRAWN_BYTES],
    left: usize,
}

impl Drawn {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unrandom> {
        if self.left < N {
            rand::fill(&mut self.bytes).map_err(|_| Unrandom)?;
            self.left = DRAWN_BYTES;
        }
        let taken = self.bytes[..self.left].last_chunk_mut().expect("so many are left");
        self.left -= N;
        // What has been used does not stay behind.
        Ok(std::mem::replace(taken, [0; N]))
    }
}

/// Writes a new file that only its owner may read, and makes it and its name durable: whole, or not at all. It is written
/// beside its place and moved there, so that a crash leaves no half of it.
///
/// # Errors
/// Any I/O error.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn head<const N: usize>(digest: &[u8]) -> [u8; N] {
    *digest.first_chunk().expect("a digest of 32 bytes is longer than what is taken of it")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn vault() -> Vault {
        Vault::from_secret(&[7; SECRET_BYTES])
    }

    #[test]
    fn what_is_sealed_opens_in_its_own_context_only() {
        let sealed = vault().seal(Purpose::Record, b"one", "张伟".as_bytes());
        assert_eq!(sealed.len(), "张伟".len() + SEAL_OVERHEAD_BYTES);
        assert_eq!(vault().open_sealed(Purpose::Record, b"one", &sealed).unwrap(), "张伟".as_bytes());

        assert_eq!(vault().open_sealed(Purpose::Record, b"two", &sealed), Err(Unopenable));
        assert_eq!(vault().open_sealed(Purpose::Session, b"one", &sealed), Err(Unopenable));
        assert_eq!(Vault::from_secret(&[8; 32]).open_sealed(Purpose::Record, b"one", &sealed), Err(Unopenable));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(vault().open_sealed(Purpose::Record, b"one", &changed), Err(Unopenable), "byte {at}");
            assert_eq!(vault().open_sealed(Purpose::Record, b"one", &sealed[..at]), Err(Unopenable), "cut at {at}");
        }
    }

    #[test]
    fn random_bytes_are_never_drawn_twice() {
        let drawn: std::collections::HashSet<[u8; 16]> = (0..10_000).map(|_| random().unwrap()).collect();
        assert_eq!(drawn.len(), 10_000);
        let _: [u8; 12] = random().unwrap();
        DRAWN.with_borrow(|drawn| {
            let (left, used) = drawn.bytes.split_at(drawn.left);
            assert!(used.iter().all(|byte| *byte == 0), "what has been used does not stay behind");
            assert!(left.is_empty() || left.iter().any(|byte| *byte != 0));
        });
    }

    #[test]
    fn two_seals_of_one_text_differ_unless_they_are_to_be_repeatable() {
        let vault = vault();
        assert_ne!(vault.seal(Purpose::Record, b"", b"text"), vault.seal(Purpose::Record, b"", b"text"));
        let repeat = |origin: &[u8]| vault.seal_repeatably(origin, Purpose::Session, b"", b"text");
        assert_eq!(repeat(b"a"), repeat(b"a"));
        assert_ne!(repeat(b"a"), repeat(b"b"));
    }

    #[test]
    fn a_person_has_one_key_for_each_secret() {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let number = IdNumber::parse("330102199001010004", today).unwrap();
        assert_eq!(vault().person_key(&number), vault().person_key(&number));
        assert_ne!(vault().person_key(&number), Vault::from_secret(&[8; 32]).person_key(&number));
        assert_eq!(vault().fingerprint(), vault().fingerprint());
        assert_ne!(vault().fingerprint(), Vault::from_secret(&[8; 32]).fingerprint());
    }

    #[test]
    fn the_key_file_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let sealed = Vault::open(&path).unwrap().seal(Purpose::Record, b"", b"text");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Vault::open(&path).unwrap().open_sealed(Purpose::Record, b"", &sealed).unwrap(), b"text");

        fs::remove_file(&path).unwrap();
        fs::write(dir.path().join("keys.new"), b"hal").unwrap();
        Vault::open(&path).expect("what a crash left half written is written anew");
        assert!(!dir.path().join("keys.new").exists());

        fs::write(&path, b"short").unwrap();
        assert!(matches!(Vault::open(&path), Err(VaultFault::Length { found: 5, .. })));
    }
}
