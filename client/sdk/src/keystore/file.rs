//! Keys in files, one for each, sealed.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use marque_primitives::PublicKey;
use rand::{RngCore, rngs::OsRng};

use super::{KeyImport, KeyInfo, KeyName, KeyStore, KeyStoreError, Passphrase, SealParams, sealed::SealedKey};
use crate::signer::{Account, Scheme, Seed, Signer};

/// No key file is longer.
const FILE_BYTES_MAX: u64 = 4096;
/// Keys that are listed.
const KEYS_MAX: usize = 100_000;
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;
const EXTENSION: &str = "json";

/// Keys in a directory: `<name>.json` for each, sealed with a passphrase. Files have mode 0600, the directory 0700, and what is
/// more open than that is refused (on Unix).
#[derive(Clone, Debug)]
pub struct FileKeyStore {
    directory: PathBuf,
    params: SealParams,
}

impl FileKeyStore {
    /// The store in this directory, which is made when the first key is.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self::with_params(directory, SealParams::default())
    }

    /// The store in this directory, with another cost for the keys that it will make. Keys that exist keep theirs.
    pub fn with_params(directory: impl Into<PathBuf>, params: SealParams) -> Self {
        Self { directory: directory.into(), params }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file of a key.
    pub fn path(&self, name: &KeyName) -> PathBuf {
        self.directory.join(format!("{name}.{EXTENSION}"))
    }

    fn read(&self, name: &KeyName) -> Result<SealedKey, KeyStoreError> {
        let path = self.path(name);
        ensure_private(&self.directory, DIRECTORY_MODE)
            .and_then(|()| ensure_private(&path, FILE_MODE))
            .and_then(|()| read_bounded(&path))
            .and_then(|bytes| parse(&path, name, &bytes))
            .map_err(|error| match error {
                KeyStoreError::Io { source, .. } if source.kind() == ErrorKind::NotFound => {
                    KeyStoreError::NotFound { name: name.to_string() }
                }
                other => other,
            })
    }

    /// Writes the file whole or not at all, and never over another.
    fn write(&self, name: &KeyName, bytes: &[u8]) -> Result<(), KeyStoreError> {
        create_directory(&self.directory)?;
        ensure_private(&self.directory, DIRECTORY_MODE)?;
        let path = self.path(name);
        let temporary = self.directory.join(format!(".{name}.{:016x}.tmp", OsRng.next_u64()));
        let written = write_new(&temporary, bytes).and_then(|()| link(&temporary, &path, name));
        // The link, if it was made, keeps the content; without one nothing may stay behind.
        let removed = fs::remove_file(&temporary).map_err(|source| io(&temporary, source));
        written?;
        removed?;
        sync_directory(&self.directory)
    }
}

impl KeyStore for FileKeyStore {
    fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(&self.directory, error)),
        };
        let mut names = Vec::new();
        for entry in entries.take(KEYS_MAX) {
            let path = entry.map_err(|source| io(&self.directory, source))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<KeyName>().ok());
            let is_key = path.extension().is_some_and(|extension| extension == EXTENSION);
            names.extend(stem.filter(|_| is_key));
        }
        names.sort();
        names.iter().map(|name| self.info(name)).collect()
    }

    fn generate(&self, name: &KeyName, scheme: Scheme, passphrase: &Passphrase) -> Result<KeyInfo, KeyStoreError> {
        self.import(name, scheme, &Seed::random(), passphrase)
    }

    fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyStoreError> {
        let sealed = self.read(name)?;
        let scheme = sealed.scheme().map_err(|reason| KeyStoreError::Malformed { path: self.path(name), reason })?;
        let public_key = match scheme {
            Scheme::Ed25519 => PublicKey::Ed25519(sealed.public_key),
            Scheme::Sr25519 => PublicKey::Sr25519(sealed.public_key),
        };
        Ok(KeyInfo { name: name.clone(), scheme, public_key })
    }

    fn unlock(&self, name: &KeyName, passphrase: &Passphrase) -> Result<Box<dyn Signer>, KeyStoreError> {
        let sealed = self.read(name)?;
        let malformed = |reason| KeyStoreError::Malformed { path: self.path(name), reason };
        let wrong = || KeyStoreError::WrongPassphrase { name: name.to_string() };
        let seed = sealed.open(passphrase).map_err(malformed)?.ok_or_else(wrong)?;
        let account = Account::from_seed(sealed.scheme().map_err(malformed)?, &seed)?;
        if account.account().0 != sealed.public_key {
            return Err(malformed("its public key is not that of its secret key".to_owned()));
        }
        Ok(Box::new(account))
    }
}

impl KeyImport for FileKeyStore {
    fn import(
        &self,
        name: &KeyName,
        scheme: Scheme,
        seed: &Seed,
        passphrase: &Passphrase,
    ) -> Result<KeyInfo, KeyStoreError> {
        // Before the costly part, for a quick answer; the link below is what makes sure.
        if self.path(name).exists() {
            return Err(KeyStoreError::AlreadyExists { name: name.to_string() });
        }
        let account = Account::from_seed(scheme, seed)?;
        let sealed = SealedKey::seal(name, scheme, account.account().0, seed, passphrase, self.params);
        let bytes = sealed.and_then(|sealed| sealed.to_bytes());
        self.write(name, &bytes.map_err(|reason| KeyStoreError::InvalidParams { reason })?)?;
        Ok(KeyInfo { name: name.clone(), scheme, public_key: account.public_key() })
    }
}

fn parse(path: &Path, name: &KeyName, bytes: &[u8]) -> Result<SealedKey, KeyStoreError> {
    let malformed = |reason| KeyStoreError::Malformed { path: path.to_owned(), reason };
    let sealed = SealedKey::parse(bytes).map_err(malformed)?;
    if sealed.name != name.as_str() {
        return Err(malformed(format!("it is the file of the key `{}`", sealed.name)));
    }
    Ok(sealed)
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, KeyStoreError> {
    let file = File::open(path).map_err(|source| io(path, source))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|source| io(path, source))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let reason = format!("it is longer than {FILE_BYTES_MAX} bytes");
        return Err(KeyStoreError::Malformed { path: path.to_owned(), reason });
    }
    Ok(bytes)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyStoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE_MODE);
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| io(path, source))
}

/// A hard link is made only where there is nothing yet, which a rename does not promise.
fn link(temporary: &Path, path: &Path, name: &KeyName) -> Result<(), KeyStoreError> {
    fs::hard_link(temporary, path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => KeyStoreError::AlreadyExists { name: name.to_string() },
        _ => io(path, source),
    })
}

fn create_directory(path: &Path) -> Result<(), KeyStoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIRECTORY_MODE);
    builder.create(path).map_err(|source| io(path, source))
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> Result<(), KeyStoreError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|source| io(path, source))
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> Result<(), KeyStoreError> {
    Ok(())
}

#[cfg(unix)]
fn ensure_private(path: &Path, mode: u32) -> Result<(), KeyStoreError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).map_err(|source| io(path, source))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(KeyStoreError::TooOpen { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn ensure_private(path: &Path, _mode: u32) -> Result<(), KeyStoreError> {
    fs::metadata(path).map(|_| ()).map_err(|source| io(path, source))
}

fn io(path: &Path, source: std::io::Error) -> KeyStoreError {
    KeyStoreError::Io { path: path.to_owned(), source }
}
