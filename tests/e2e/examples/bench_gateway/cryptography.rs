//! What the bare cryptography of a token costs: one Ed25519 signature to make, and one to check.

use std::{hint::black_box, time::Instant};

use ed25519_dalek::{Signer, SigningKey, Verifier};
use serde_json::{Value, json};

const ROUNDS: usize = 15;
const TIMES: u32 = 2000;
/// As much as the signed part of a token has.
const MESSAGE: [u8; 560] = [0x61; 560];

/// Medians in microseconds, on one core.
pub fn report() -> Value {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (public, signature) = (key.verifying_key(), key.sign(&MESSAGE));
    let sign = median(|| black_box(key.sign(black_box(&MESSAGE))));
    let verify = median(|| black_box(public.verify(black_box(&MESSAGE), &signature)));
    json!({ "sign_us": sign, "verify_us": verify })
}

fn median<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            (0..TIMES).for_each(|_| drop(work()));
            begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
