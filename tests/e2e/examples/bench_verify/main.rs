//! How fast tokens are verified off chain, beside the bare signature check and beside the crate `jsonwebtoken`, in one run.
//!
//! Prints a Markdown page; `scripts/bench verify` writes it to docs/verify.md.

mod fleet;
mod memory;
mod scene;
mod timing;

use std::{error::Error, hint::black_box, time::Instant};

use ed25519_dalek::{Signature as DalekSignature, Verifier as _, VerifyingKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use marque_sdk::{
    Verifier, VerifierConfig,
    primitives::{Ed25519Key, Signature, blake2b_256, token::SignedToken},
    token::{SignedMessage, read_jwt, verify_batch},
    verifier::Check,
};
use serde::Deserialize;

use scene::{AUDIENCE, Scene};
use timing::{Timed, medians};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The claims, as a service that uses `jsonwebtoken` would read them.
#[derive(Deserialize)]
struct JwtClaims {
    scope: String,
    epoch: u32,
}

#[tokio::main]
async fn main() -> Result<()> {
    let scene = Scene::set_up().await?;
    println!("# Verifying tokens off chain\n");
    println!(
        "Written by `scripts/bench verify`. One core; medians of {} rounds over the same {} tokens of {} devices, whose kinds take turns within \
         a round. A token has {} bytes as a JWT and {} as a CWT, and is signed with Ed25519.\n",
        timing::ROUNDS,
        scene.tokens.len(),
        scene.devices.len(),
        scene.tokens[0].jwt.len(),
        scene.tokens[0].cwt.len(),
    );
    warm(&scene)?;
    batches(&scene).await;
    cold(&scene).await?;
    memory::report()?;
    scene.stop().await
}

/// One token after another, all that decides on them being in memory.
fn warm(scene: &Scene) -> Result<()> {
    let bare: Vec<(VerifyingKey, DalekSignature)> = scene
        .tokens
        .iter()
        .map(|token| (scene.verifying_key, DalekSignature::from_bytes(&signature(&token.read))))
        .collect();
    let decoding = DecodingKey::from_ed_der(scene.verifying_key.as_bytes());
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    let (verifier, requirement) = (&scene.verifier, scene.requirement());
    let count = scene.tokens.len();
    let every = |each: &dyn Fn(usize) -> bool| assert!((0..count).all(|number| black_box(each(number))));
    let rows: [(&str, Timed<'_>); 7] = [
        (
            "ed25519-dalek alone, `verify`",
            Box::new(|| {
                every(&|n| bare[n].0.verify(&scene.tokens[n].read.signed_bytes, &bare[n].1).is_ok());
            }),
        ),
        (
            "ed25519-dalek alone, `verify_strict`",
            Box::new(|| {
                every(&|n| bare[n].0.verify_strict(&scene.tokens[n].read.signed_bytes, &bare[n].1).is_ok());
            }),
        ),
        (
            "a token that was read before: all rules",
            Box::new(|| {
                every(&|n| verifier.verify_cached(&scene.tokens[n].read, &requirement, None).is_ok());
            }),
        ),
        (
            "a CWT: read, and all rules",
            Box::new(|| {
                every(&|n| {
                    let token = SignedToken::from_cwt(&scene.tokens[n].cwt);
                    token.is_ok_and(|token| verifier.verify_cached(&token, &requirement, None).is_ok())
                });
            }),
        ),
        (
            "a JWT: read, and all rules",
            Box::new(|| {
                every(&|n| {
                    let token = read_jwt(&scene.tokens[n].jwt);
                    token.is_ok_and(|token| verifier.verify_cached(&token, &requirement, None).is_ok())
                });
            }),
        ),
        (
            "a JWT by `jsonwebtoken` 9.3: signature, `exp` and `aud` alone",
            Box::new(|| {
                every(&|n| {
                    let token = jsonwebtoken::decode::<JwtClaims>(&scene.tokens[n].jwt, &decoding, &validation);
                    token.is_ok_and(|token| !token.claims.scope.is_empty() && token.claims.epoch == 0)
                });
            }),
        ),
        (
            "whether a token that was verified before is still good",
            Box::new(|| {
                every(&|n| verifier_knows(scene, n));
            }),
        ),
    ];
    let times = medians(&rows, count);
    println!("## Warm, one by one\n");
    println!("| what | µs | per second | beside `verify` alone |\n|---|---:|---:|---:|");
    for ((what, _), seconds) in rows.iter().zip(&times) {
        println!(
            "| {what} | {:.1} | {:.0} | {:+.0} % |",
            seconds * 1e6,
            1.0 / seconds,
            (seconds / times[0] - 1.0) * 100.0
        );
    }
    println!(
        "\nAim: a token that was read before, with all rules, within 15 % of the bare check: {}.\n",
        reached(times[2] / times[0] <= 1.15)
    );
    Ok(())
}

fn verifier_knows(scene: &Scene, number: usize) -> bool {
    let standing = scene.tokens[number].read.standing(blake2b_256);
    futures::executor::block_on(scene.verifier.check(&standing, &scene.requirement())).is_ok()
}

/// Many at once.
async fn batches(scene: &Scene) {
    println!("## Many at once\n");
    println!("Signatures are checked together; each token is decided on as by itself.\n");
    println!("| what | µs for each | per second | beside one by one |\n|---|---:|---:|---:|");
    let requirement = scene.requirement();
    let checks: Vec<Check<'_>> = scene
        .tokens
        .iter()
        .map(|token| Check { token: &token.read, requirement: &requirement, presenter: None })
        .collect();
    let handle = tokio::runtime::Handle::current();
    let many = |size: usize| {
        for part in checks.chunks(size) {
            let outcomes = tokio::task::block_in_place(|| handle.block_on(scene.verifier.verify_many(part)));
            assert!(outcomes.iter().all(std::result::Result::is_ok));
        }
    };
    let rows: [(&str, Timed<'_>); 4] = [
        (
            "one by one",
            Box::new(|| {
                assert!(
                    checks.iter().all(|check| scene.verifier.verify_cached(check.token, &requirement, None).is_ok())
                );
            }),
        ),
        ("64 tokens of one key", Box::new(|| many(64))),
        ("256 tokens of one key", Box::new(|| many(256))),
        ("1024 tokens of one key", Box::new(|| many(1024))),
    ];
    let times = medians(&rows, checks.len());
    for ((what, _), seconds) in rows.iter().zip(&times) {
        println!("| {what} | {:.1} | {:.0} | {:.2} × |", seconds * 1e6, 1.0 / seconds, times[0] / seconds);
    }
    let best = times[0] / times[3];
    signatures_alone();
    println!("\nAim: 1.8 times the rate of one by one: {}.\n", reached(best >= 1.8));
}

/// Batches of signatures by more keys: what a verifier of many authorization servers has.
fn signatures_alone() {
    for keys in [4, 64, 1024] {
        let signed = scene::signatures(keys, 1024);
        let messages: Vec<SignedMessage<'_>> = signed
            .iter()
            .map(|one| SignedMessage { key: &one.key, message: &one.message, signature: &one.signature })
            .collect();
        let rows: [(&str, Timed<'_>); 2] = [
            ("alone", Box::new(|| assert!(signed.iter().all(|one| one.key.verifies(&one.message, &one.signature))))),
            ("together", Box::new(|| assert!(verify_batch(&messages).into_iter().all(|is_good| is_good)))),
        ];
        let times = medians(&rows, signed.len());
        println!(
            "| 1024 signatures alone, by {keys} keys | {:.1} | {:.0} | {:.2} × |",
            times[1] * 1e6,
            1.0 / times[1],
            times[0] / times[1]
        );
    }
}

/// Nothing is in memory, and each device has to be read from the chain, which runs on the same machine.
async fn cold(scene: &Scene) -> Result<()> {
    let requirement = scene.requirement();
    let mut times = Vec::new();
    for _ in 0..timing::ROUNDS {
        // From the head on, so that nothing is known of what was before.
        let mut config = VerifierConfig::default();
        config.replay_blocks = 0;
        let verifier = Verifier::start(&scene.access, config).await?;
        let first_of_each: Vec<&scene::Token> = scene.tokens.iter().step_by(scene::TOKENS_PER_DEVICE).collect();
        let started = Instant::now();
        for token in &first_of_each {
            verifier.verify(&token.read, &requirement, None).await?;
        }
        times.push(started.elapsed().as_secs_f64() / first_of_each.len() as f64);
    }
    let seconds = timing::median(&mut times);
    println!("## Cold\n");
    println!(
        "The first token of a device that the verifier knows nothing of, with the questions that it asks the embedded chain beside it, one \
         device after the other: {:.2} ms, {:.0} per second. The next one of the same device takes what a warm one does, once its id is \
         known not to be revoked.\n",
        seconds * 1e3,
        1.0 / seconds
    );
    Ok(())
}

fn signature(token: &SignedToken) -> [u8; 64] {
    let (Signature::Ed25519(bytes) | Signature::Sr25519(bytes)) = token.signature;
    bytes
}

fn reached(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "**missed**" }
}

/// A signature, and what it is of.
struct Signed {
    key: Ed25519Key,
    message: Vec<u8>,
    signature: [u8; 64],
}
