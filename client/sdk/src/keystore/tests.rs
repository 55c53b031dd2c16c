use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use marque_primitives::{Signature, verify_ed25519};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::signer::Account;

/// As cheap as Argon2id gets: what is tested is the store, not the cost.
const CHEAP: SealParams = SealParams { memory_kib: 8, iterations: 1, parallelism: 1 };

fn store() -> (TempDir, FileKeyStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = FileKeyStore::with_params(directory.path().join("keys"), CHEAP);
    (directory, store)
}

fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

fn passphrase() -> Passphrase {
    Passphrase::from("correct horse")
}

fn check_store(store: &impl KeyImport) {
    assert_eq!(store.list().unwrap(), []);
    let made = store.generate(&name("meter-1"), Scheme::Ed25519, &passphrase()).unwrap();
    let other = store.generate(&name("a"), Scheme::Sr25519, &passphrase()).unwrap();
    assert_eq!(store.list().unwrap(), [other, made.clone()]);
    assert_eq!(store.info(&name("meter-1")).unwrap(), made);

    let Signature::Ed25519(signature) = store.sign(&made.name, &passphrase(), b"message").unwrap() else {
        panic!("the scheme is Ed25519")
    };
    assert!(verify_ed25519(&made.account().0, b"message", &signature));
    assert_eq!(store.unlock(&made.name, &passphrase()).unwrap().account(), made.account());

    let wrong = store.unlock(&made.name, &Passphrase::from("correct horsf")).err().unwrap();
    assert!(wrong.is_wrong_passphrase(), "{wrong}");
    assert!(store.unlock(&name("none"), &passphrase()).err().unwrap().is_not_found());
    let again = store.generate(&made.name, Scheme::Ed25519, &passphrase());
    assert!(matches!(again, Err(KeyStoreError::AlreadyExists { .. })));
    assert_eq!(store.info(&made.name).unwrap(), made, "the key that was there is kept");

    let seed = Seed::from_bytes(&Zeroizing::new([7; 32]));
    let imported = store.import(&name("imported"), Scheme::Ed25519, &seed, &passphrase()).unwrap();
    assert_eq!(imported.public_key, Account::ed25519(&seed).public_key());
}

#[test]
fn keys_in_files_sign() {
    check_store(&store().1);
}

#[test]
fn keys_in_memory_sign() {
    check_store(&MemoryKeyStore::new());
}

#[test]
fn names_are_safe_file_names() {
    for text in ["a", "meter-1.prod_A", &"a".repeat(64)] {
        assert!(text.parse::<KeyName>().is_ok(), "{text}");
    }
    for text in ["", ".", "..", ".hidden", "a/b", "../a", "a b", "a\0", "é", &"a".repeat(65)] {
        assert!(matches!(text.parse::<KeyName>(), Err(KeyStoreError::InvalidName { .. })), "{text}");
    }
}

#[test]
fn a_file_that_was_changed_anywhere_does_not_open() {
    let (_directory, store) = store();
    let key = store.generate(&name("k"), Scheme::Ed25519, &passphrase()).unwrap();
    let path = store.path(&key.name);
    let original = fs::read(&path).unwrap();
    for at in 0..original.len() {
        for flip in [0x01, 0x20] {
            let mut changed = original.clone();
            changed[at] ^= flip;
            fs::write(&path, &changed).unwrap();
            assert!(store.unlock(&key.name, &passphrase()).is_err(), "byte {at} was changed by {flip}");
        }
    }
    for cut in 0..original.len() {
        fs::write(&path, &original[..cut]).unwrap();
        assert!(matches!(store.unlock(&key.name, &passphrase()), Err(KeyStoreError::Malformed { .. })), "cut at {cut}");
    }
    fs::write(&path, [original.clone(), b" ".to_vec()].concat()).unwrap();
    assert!(store.unlock(&key.name, &passphrase()).is_err(), "continued");
    fs::write(&path, original).unwrap();
    assert!(store.unlock(&key.name, &passphrase()).is_ok());
}

#[test]
fn a_file_of_another_key_does_not_open() {
    let (_directory, store) = store();
    for text in ["a", "b"] {
        store.generate(&name(text), Scheme::Ed25519, &passphrase()).unwrap();
    }
    fs::copy(store.path(&name("a")), store.path(&name("b"))).unwrap();
    assert!(matches!(store.info(&name("b")), Err(KeyStoreError::Malformed { .. })));
    let text = fs::read_to_string(store.path(&name("a"))).unwrap().replace("\"name\": \"a\"", "\"name\": \"b\"");
    fs::write(store.path(&name("b")), text).unwrap();
    assert!(store.unlock(&name("b"), &passphrase()).err().unwrap().is_wrong_passphrase(), "the seal binds the name");
}

#[test]
fn hostile_costs_are_refused_before_they_are_paid() {
    let (_directory, store) = store();
    let key = store.generate(&name("k"), Scheme::Ed25519, &passphrase()).unwrap();
    let original = fs::read_to_string(store.path(&key.name)).unwrap();
    let hostile = [
        ("\"memoryKib\": 8", "\"memoryKib\": 4294967295"),
        ("\"memoryKib\": 8", "\"memoryKib\": 262145"),
        ("\"memoryKib\": 8", "\"memoryKib\": 0"),
        ("\"iterations\": 1", "\"iterations\": 4294967295"),
        ("\"iterations\": 1", "\"iterations\": 0"),
        ("\"parallelism\": 1", "\"parallelism\": 5"),
        ("\"parallelism\": 1", "\"parallelism\": 0"),
        ("\"version\": 1", "\"version\": 2"),
        ("argon2id", "argon2i"),
    ];
    for (from, to) in hostile {
        assert!(original.contains(from), "{from}");
        fs::write(store.path(&key.name), original.replace(from, to)).unwrap();
        let refused = store.unlock(&key.name, &passphrase());
        assert!(matches!(refused, Err(KeyStoreError::Malformed { .. })), "{to}");
    }
    fs::write(store.path(&key.name), vec![b' '; 1 << 20]).unwrap();
    assert!(matches!(store.info(&key.name), Err(KeyStoreError::Malformed { .. })));
}

#[test]
fn costs_out_of_bounds_make_no_key() {
    let (_directory, store) = store();
    let costly = FileKeyStore::with_params(store.directory(), SealParams { memory_kib: u32::MAX, ..CHEAP });
    let refused = costly.generate(&name("k"), Scheme::Ed25519, &passphrase());
    assert!(matches!(refused, Err(KeyStoreError::InvalidParams { .. })));
    assert_eq!(store.list().unwrap(), []);
}

#[test]
fn no_temporary_file_is_left() {
    let (_directory, store) = store();
    for _ in 0..2 {
        let _ = store.generate(&name("k"), Scheme::Ed25519, &passphrase());
    }
    let files: Vec<_> = fs::read_dir(store.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["k.json"]);
}

#[cfg(unix)]
#[test]
fn what_others_may_read_is_refused() {
    let (_directory, store) = store();
    let key = store.generate(&name("k"), Scheme::Ed25519, &passphrase()).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let path = store.path(&key.name);
    assert_eq!((mode(&path), mode(store.directory())), (0o600, 0o700));
    for open in [0o640, 0o604, 0o666] {
        set(&path, open);
        let error = store.unlock(&key.name, &passphrase()).err().unwrap();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    set(&path, 0o600);
    set(store.directory(), 0o755);
    let error = store.info(&key.name).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

#[test]
fn a_passphrase_file_is_read_whole_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("passphrase");
    let read = |content: &[u8]| {
        fs::write(&path, content).unwrap();
        Passphrase::from_file(&path)
    };
    let longest = "x".repeat(4096);
    assert_eq!(read(longest.as_bytes()).unwrap().as_bytes(), longest.as_bytes());
    assert_eq!(read(b" a b \r\n\n").unwrap().as_bytes(), b" a b ");
    assert!(read(b"\n").unwrap().is_empty());
    for content in [format!("{longest}x"), format!("{longest}\n"), longest.repeat(100), "é".repeat(3000)] {
        let refused = read(content.as_bytes()).unwrap_err();
        assert!(matches!(&refused, KeyStoreError::PassphraseTooLong { path: named } if *named == path), "{refused}");
        assert!(refused.to_string().contains("4096 bytes") && !refused.to_string().contains("xx"), "{refused}");
    }
    assert!(matches!(read(b"\xff"), Err(KeyStoreError::Io { .. })));
    let none = Passphrase::from_file(&directory.path().join("none"));
    assert!(matches!(none, Err(KeyStoreError::Io { .. })));
}

#[test]
fn no_secret_is_shown() {
    let (_directory, store) = store();
    let key = store.generate(&name("k"), Scheme::Ed25519, &passphrase()).unwrap();
    let wrong = store.unlock(&key.name, &Passphrase::from("hunter2")).err().unwrap();
    let shown = format!("{:?} {wrong} {wrong:?} {store:?}", passphrase());
    assert!(!shown.contains("horse") && !shown.contains("hunter2"), "{shown}");
}
