//! Sealing secrets at rest with the operator's master key.
//!
//! A sealed secret says which key sealed it and is bound to where it is kept, so a row copied
//! into another's place does not open. Several keys may open at once and one seals, so that a key
//! can be replaced while Landfall runs.
//!
//! Layout: version (1 byte, always 1), key id (8), nonce (24), then XChaCha20-Poly1305's
//! ciphertext with its tag (16).

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

/// The only layout so far.
const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = 1 + ID_BYTES + NONCE_BYTES;
const TAG_BYTES: usize = 16;
/// A key file is a line of text; more is some other file.
const FILE_BYTES_MAX: u64 = 1_024;

/// Why a master key can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is no key. It is not repeated.
    #[error("a master key is 32 bytes, as 64 hexadecimal digits or in base64")]
    Malformed,
    /// Others than the owner may read or write the file.
    #[error("{} may be read by others (mode {mode:03o}): run `chmod 600` on it", path.display())]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file can't be read or made.
    #[error("the key file {} can't be used", path.display())]
    File {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The key under which secrets are sealed.
pub struct MasterKey([u8; KEY_BYTES]);

impl MasterKey {
    /// Takes random bytes as a key.
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, or base64 of 32 bytes. Space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let hexadecimal = hex_bytes(text).map(Self);
        hexadecimal.or_else(|| base64_bytes(text).map(Self)).ok_or(KeyError::Malformed)
    }

    /// The key itself, in base64: for the key file, and for nobody's eyes.
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Names the key without giving anything of it away.
    pub fn id(&self) -> [u8; ID_BYTES] {
        let hash = Sha256::new().chain_update(b"landfall master key id").chain_update(self.0);
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&hash.finalize()[..ID_BYTES]);
        id
    }
}

/// Overwrites the key, as well as can be done without unsafe code.
impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0 = [0; KEY_BYTES];
        std::hint::black_box(&self.0);
    }
}

/// Shows which key it is, and not the key.
impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MasterKey").field(&hex_text(&self.id())).finish()
    }
}

fn hex_bytes(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() != 2 * KEY_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn base64_bytes(text: &str) -> Option<[u8; KEY_BYTES]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Bytes as hexadecimal digits, as keys are named.
pub fn hex_text(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Why a sealed secret does not open.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// These bytes were not made by [`Sealer::seal`], or by a later version of it.
    #[error("the secret is not sealed in a form that is known here")]
    Malformed,
    /// The key is neither the present one nor among the older ones.
    #[error("the secret is sealed under the master key {0}, which is not configured")]
    UnknownKey(String),
    /// It was changed, or is kept in another place than it was sealed for.
    #[error("the secret does not open: it was changed or moved")]
    Refused,
}

/// Seals under the present key, and opens what it or an older one sealed.
pub struct Sealer {
    present: Lock,
    older: Vec<Lock>,
}

impl Sealer {
    /// Names the key that seals, in hexadecimal digits too.
    pub(crate) fn key_name(&self) -> ([u8; ID_BYTES], String) {
        (self.present.id, hex_text(&self.present.id))
    }
}

/// A key made ready.
struct Lock {
    id: [u8; ID_BYTES],
    cipher: XChaCha20Poly1305,
}

impl Lock {
    fn new(key: &MasterKey) -> Self {
        Self { id: key.id(), cipher: XChaCha20Poly1305::new(&key.0.into()) }
    }
}

impl Sealer {
    /// Older keys open what is not yet sealed anew.
    #[expect(clippy::needless_pass_by_value, reason = "the keys are overwritten here")]
    pub fn new(present: MasterKey, older: Vec<MasterKey>) -> Self {
        Self { present: Lock::new(&present), older: older.iter().map(Lock::new).collect() }
    }

    /// Seals a secret for one place, such as its table and row. The nonce must be random, and
    /// never used again.
    pub fn seal(&self, plain: &[u8], bound_to: &[u8], nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let payload = Payload { msg: plain, aad: bound_to };
        let ciphertext = self.present.cipher.encrypt(&XNonce::from(nonce), payload);
        let ciphertext = ciphertext.expect("only 256 GiB of plaintext are too much to encrypt");
        let mut sealed = Vec::with_capacity(HEAD_BYTES + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.present.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens a secret that was sealed for this place.
    pub fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, OpenError> {
        let Sealed { id, nonce, ciphertext } = Sealed::read(sealed).ok_or(OpenError::Malformed)?;
        let lock = std::iter::once(&self.present).chain(&self.older).find(|lock| lock.id == id);
        let lock = lock.ok_or_else(|| OpenError::UnknownKey(hex_text(&id)))?;
        let payload = Payload { msg: ciphertext, aad: bound_to };
        lock.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| OpenError::Refused)
    }

    /// Whether a secret is sealed under the present key, and so needs not be sealed anew.
    pub fn is_present(&self, sealed: &[u8]) -> bool {
        Sealed::read(sealed).is_some_and(|sealed| sealed.id == self.present.id)
    }
}

/// Shows which keys it holds, and not the keys.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<_> = self.older.iter().map(|lock| hex_text(&lock.id)).collect();
        let present = hex_text(&self.present.id);
        f.debug_struct("Sealer").field("present", &present).field("older", &older).finish()
    }
}

/// The id of the master key that a secret is sealed with; none if it is no sealed secret.
pub fn key_of(sealed: &[u8]) -> Option<[u8; ID_BYTES]> {
    Sealed::read(sealed).map(|sealed| sealed.id)
}

/// The parts of a sealed secret.
struct Sealed<'a> {
    id: [u8; ID_BYTES],
    nonce: [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn read(sealed: &'a [u8]) -> Option<Self> {
        let rest = sealed.strip_prefix(&[VERSION])?;
        let (id, rest) = rest.split_first_chunk()?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        (ciphertext.len() >= TAG_BYTES).then_some(Self { id: *id, nonce: *nonce, ciphertext })
    }
}

/// Reads the key file, or makes one of these random bytes when it is missing.
///
/// A file that was made is on disk when this returns. When two processes make it at once, one
/// wins and both return its key. A file that others may read is refused.
pub fn key_from_file(path: &Path, random: [u8; KEY_BYTES]) -> Result<MasterKey, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) => read_key(path, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_key_file(path, &MasterKey::from_bytes(random)).map_err(failed)?;
            read_key(path, File::open(path).map_err(failed)?)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read_key(path: &Path, file: File) -> Result<MasterKey, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    refuse_exposed(path, &file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    MasterKey::parse(&text)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    let of_others = mode & 0o077;
    if of_others == 0 { Ok(()) } else { Err(KeyError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

/// Writes a new file beside the wanted one, and gives it that name unless another has it by now.
///
/// A link and not a rename: a rename would replace the key of a process that was faster.
fn make_key_file(path: &Path, key: &MasterKey) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // Named by the key's id, so that no two processes write the same one.
    let draft = folder.join(format!(".master-key-{}.new", hex_text(&key.id())));
    write_draft(&draft, key)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}

fn write_draft(draft: &Path, key: &MasterKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(format!("{}\n", key.to_text()).as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

    fn key(byte: u8) -> MasterKey {
        MasterKey::from_bytes([byte; KEY_BYTES])
    }

    /// A folder of this test's own, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("landfall-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let sealer = Sealer::new(key(1), vec![]);
        let sealed = sealer.seal(b"whsec_secret", b"webhook 1", NONCE);
        assert_eq!(sealed.len(), HEAD_BYTES + 12 + TAG_BYTES);
        assert_eq!(sealed[..9], [&[VERSION][..], &key(1).id()].concat());
        assert_eq!(sealer.open(&sealed, b"webhook 1").unwrap(), b"whsec_secret");
        assert_eq!(sealer.open(&sealed, b"webhook 2"), Err(OpenError::Refused));
        let empty = sealer.seal(b"", b"", NONCE);
        assert_eq!(sealer.open(&empty, b"").unwrap(), b"");
    }

    #[test]
    fn no_byte_can_be_changed_or_missing() {
        let sealer = Sealer::new(key(1), vec![key(2)]);
        let sealed = sealer.seal(b"secret", b"place", NONCE);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(sealer.open(&changed, b"place").is_err(), "byte {index} changed");
            assert!(sealer.open(&sealed[..index], b"place").is_err(), "cut to {index}");
        }
    }

    #[test]
    fn older_keys_open_and_the_present_one_seals() {
        let sealed = Sealer::new(key(1), vec![]).seal(b"secret", b"place", NONCE);
        let turned = Sealer::new(key(2), vec![key(1)]);
        assert_eq!(turned.open(&sealed, b"place").unwrap(), b"secret");
        assert!(!turned.is_present(&sealed));
        assert!(turned.is_present(&turned.seal(b"secret", b"place", NONCE)));
        assert!(!turned.is_present(b""));
        let error = Sealer::new(key(3), vec![]).open(&sealed, b"place").unwrap_err();
        assert_eq!(error, OpenError::UnknownKey(hex_text(&key(1).id())));
    }

    #[test]
    fn a_key_is_read_in_both_notations_and_shown_in_none() {
        let bytes: [u8; KEY_BYTES] = std::array::from_fn(|i| u8::try_from(i * 7 % 251).unwrap());
        let key = MasterKey::from_bytes(bytes);
        assert_eq!(MasterKey::parse(&hex_text(&bytes).to_uppercase()).unwrap().0, bytes);
        assert_eq!(MasterKey::parse(&format!(" {}\n", key.to_text())).unwrap().0, bytes);
        for text in ["", "secret", &"f".repeat(63), &"g".repeat(64), &STANDARD.encode([1; 31])] {
            let error = MasterKey::parse(text).unwrap_err();
            assert!(matches!(error, KeyError::Malformed));
            assert!(!error.to_string().contains("secret"));
        }
        assert_eq!(format!("{key:?}"), format!("MasterKey({:?})", hex_text(&key.id())));
    }

    #[test]
    fn a_missing_file_is_made_once_and_read_after_that() {
        let folder = Folder::new("key-made");
        let path = folder.0.join("master.key");
        assert_eq!(key_from_file(&path, [5; KEY_BYTES]).unwrap().0, [5; KEY_BYTES]);
        assert_eq!(key_from_file(&path, [6; KEY_BYTES]).unwrap().0, [5; KEY_BYTES]);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no draft is left");
        make_key_file(&path, &key(6)).unwrap();
        assert_eq!(key_from_file(&path, [6; KEY_BYTES]).unwrap().0, [5; KEY_BYTES]);
        let nowhere = folder.0.join("missing").join("master.key");
        assert!(matches!(key_from_file(&nowhere, [5; KEY_BYTES]), Err(KeyError::File { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new("key-exposed");
        let path = folder.0.join("master.key");
        drop(key_from_file(&path, [5; KEY_BYTES]).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = key_from_file(&path, [5; KEY_BYTES]).unwrap_err();
        assert!(error.to_string().contains("mode 640"), "{error}");
    }
}
