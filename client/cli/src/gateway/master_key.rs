//! A gateway's master key as text: 32 random bytes in base64url.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use data_encoding::BASE64URL_NOPAD;
use marque_gateway::MasterKey;
use rand::{RngCore, rngs::OsRng};
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, Outcome},
    files,
};

/// The environment variable with the master key.
pub const VARIABLE: &str = "MARQUE_GATEWAY_MASTER_KEY";
/// The largest file that is read, in bytes: a key has 43 and a newline.
const BYTES_MAX: u64 = 128;

/// A new master key.
///
/// # Errors
/// When the system gives no randomness.
pub fn make() -> Outcome<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(&mut *bytes).map_err(|_| Failure::local("the system gave no randomness"))?;
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(&*bytes)))
}

/// Reads a master key.
///
/// # Errors
/// When it is none. It is not repeated.
pub fn parse(text: &str) -> Outcome<MasterKey> {
    let decoded = BASE64URL_NOPAD.decode(text.trim().as_bytes()).ok().map(Zeroizing::new);
    let key = decoded.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new);
    key.map(MasterKey::new).ok_or_else(|| {
        Failure::local("that is no master key: it is 32 random bytes in base64url, which take 43 characters")
            .hint("`marque gateway init <folder>` makes one")
    })
}

/// Reads the master key in a file, which nobody else may read.
///
/// # Errors
/// When there is none, or others may read it.
pub fn from_file(path: &Path) -> Outcome<MasterKey> {
    let failed = |error: io::Error| Failure::file("read the master key", path, &error);
    let file = File::open(path).map_err(failed)?;
    ensure_private(&file, path)?;
    let mut text = Zeroizing::new(String::new());
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    parse(&text)
}

#[cfg(unix)]
fn ensure_private(file: &File, path: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|error| Failure::file("read the master key", path, &error))?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure::local(format!("others may read the master key {}", path.display()))
        .hint(format!("keep it to yourself: chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn ensure_private(_: &File, _: &Path) -> Outcome {
    Ok(())
}

/// Writes a new file with a master key, and never over one that is there.
///
/// # Errors
/// When there is one, or it can't be written.
pub fn write(path: &Path, text: &str) -> Outcome {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::local(format!("there is a master key already: {}", path.display()))
            .hint("what was kept under it can't be read without it: choose another folder for another gateway"),
        _ => Failure::file("write", path, &error),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    files::create_private_folder(folder).map_err(|error| Failure::file("make", folder, &error))?;
    let mut file = files::private(OpenOptions::new().write(true).create_new(true)).open(path).map_err(failed)?;
    let line = Zeroizing::new(format!("{text}\n"));
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_and_another_each_time() {
        let (one, other) = (make().unwrap(), make().unwrap());
        assert!(parse(&one).is_ok() && parse(&format!("{}\n", *other)).is_ok());
        assert_ne!(one, other);
        for text in ["", "x", &one[1..], &format!("{}A", *one), &"*".repeat(43), &"0".repeat(64)] {
            let failure = parse(text).unwrap_err();
            assert!(text.len() < 2 || !failure.message.contains(text), "{failure}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_its_owners_alone_and_never_written_over() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/master.key");
        write(&path, &make().unwrap()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let before = std::fs::read(&path).unwrap();
        assert!(write(&path, &make().unwrap()).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert!(from_file(&path).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(from_file(&path).unwrap_err().hint.unwrap().contains("chmod 600"));
    }
}
