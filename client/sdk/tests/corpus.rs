//! The fuzzers' corpus goes through the fuzzers' checks, without a fuzzer.

#[path = "../../../fuzz/checks.rs"]
mod checks;

use std::{fs, path::Path};

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0, "{} is empty", folder.display());
}

#[test]
fn cwt() {
    replay("cwt", checks::cwt);
}

#[test]
fn jwt() {
    replay("jwt", checks::jwt);
}

#[test]
fn jwk() {
    replay("jwk", checks::jwk);
}

#[test]
fn did() {
    replay("did", checks::did);
}
