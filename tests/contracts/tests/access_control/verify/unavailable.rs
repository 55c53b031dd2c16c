//! Contracts that do not answer: nothing is known of the token then, and nobody is let in.

use marque_contract_tests::{Access, Actor, Failure, Registry, TokenKey, chain::Means, relay::Relays};
use marque_primitives::{
    AccountId,
    access::{AccessOperation, Entitlements},
    blake2b_256,
    token::{Claims, Requirement, SignedToken, Standing, Verified, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

use crate::{
    messages::input,
    operations::revoke_token,
    scene::{ISSUER, Scene},
};

/// An account without a contract.
const NOBODY: AccountId = AccountId([0x99; 32]);

/// A scene whose `access_control` was deployed with other contracts.
fn deployed_with(key: TokenKey, change: impl FnOnce(&mut Registry)) -> Scene {
    let mut registry = Registry::default();
    change(&mut registry);
    let access = Access::deploy(registry, &Actor::new("deployer"), b"");
    let mut scene = Scene { access, key, ..Scene::empty() };
    let (owner, key) = (scene.owner.clone(), scene.new_key(&scene.key));
    scene.access.register_issuer(&owner, crate::scene::URL, vec![key]).accepted();
    scene
}

fn standing(token: &[u8]) -> Standing {
    SignedToken::from_cwt(token).unwrap().standing(blake2b_256)
}

#[test]
fn without_a_registry_nothing_is_known_of_devices() {
    let mut scene = deployed_with(TokenKey::ed25519("issuer key"), |registry| registry.contract = NOBODY);
    let claims = scene.claims();
    let token = scene.issue(&claims);
    assert_eq!(scene.verify(&token), Err(VerifyError::Unavailable));
    assert_eq!(scene.check(&standing(&token)), Err(VerifyError::Unavailable));
    assert_eq!(scene.access.entitlements(ISSUER, scene.device.device()), None::<Entitlements>);

    // In the place of what is wrong with the device: what comes before it is named, what comes after is not.
    let other = Requirement { audience: "station-2".into(), ..scene.requirement() };
    let presenter = scene.stranger.account();
    assert_eq!(scene.access.verify(&token, &other, presenter), Err(VerifyError::WrongAudience));
    let mut elsewhere = claims.clone();
    elsewhere.subject.registry.0[0] ^= 1;
    assert_eq!(scene.verify_claims(&elsewhere), Err(VerifyError::DeviceUnknown), "of another registry, whoever asks");
    scene.changed(revoke_token(blake2b_256(claims.token_id.as_bytes()), claims.expires_ms()));
    let requirement = scene.requirement();
    assert_eq!(scene.access.verify(&token, &requirement, presenter), Err(VerifyError::Unavailable));
}

type Answer<T> = Result<Result<T, VerifyError>, Failure>;

/// What the presenter of a good token is told that pays for this much execution.
fn verify_within(scene: &mut Scene, token: &[u8], ref_time_ps: u64) -> Answer<Verified> {
    let arguments = (token, scene.requirement(), scene.device.account());
    let caller = scene.device.account();
    scene.access.call("verify", arguments, caller, Means::within(ref_time_ps)).map(|receipt| receipt.result)
}

fn check_within(scene: &mut Scene, token: &[u8], ref_time_ps: u64) -> Answer<()> {
    let caller = scene.stranger.account();
    scene
        .access
        .call("check", (standing(token), scene.requirement()), caller, Means::within(ref_time_ps))
        .map(|receipt| receipt.result)
}

/// How often each answer was given when less and less was paid for a good token: all of it, nothing known, no answer.
#[derive(Default, Debug)]
struct Tally {
    good: usize,
    unavailable: usize,
    ended: usize,
}

/// Pays ever less for the same call, from twice what it takes on: in steps of 1/200, and finely where the last contract is called.
fn pay_less<T: std::fmt::Debug>(needed_ps: u64, mut ask: impl FnMut(u64) -> Answer<T>) -> Tally {
    const FINE_PS: u64 = 1_000_000;
    let coarse = (0..400).map(|step| needed_ps / 200 * step);
    let fine = (0..400).map(|step| needed_ps.saturating_sub(300 * FINE_PS) + step * FINE_PS);
    let mut tally = Tally::default();
    for paid_ps in coarse.chain(fine) {
        match ask(paid_ps) {
            Ok(Ok(_)) => tally.good += 1,
            Ok(Err(VerifyError::Unavailable)) => tally.unavailable += 1,
            Ok(Err(error)) => panic!("{error:?} of a good token, for {paid_ps} ps"),
            Err(Failure::Chain(_)) => tally.ended += 1,
            Err(failure) => panic!("{failure:?}"),
        }
    }
    tally
}

fn check_tally(tally: &Tally) {
    assert!(tally.good > 0 && tally.unavailable > 0 && tally.ended > 0, "{tally:?}");
}

#[test]
fn who_pays_too_little_learns_nothing_false_of_an_sr25519_token() {
    let mut scene = Scene::with_key(TokenKey::sr25519("issuer key"));
    let token = scene.issue(&scene.claims());
    let needed_ps = needed(&mut scene, &token);
    check_tally(&pay_less(needed_ps, |paid_ps| verify_within(&mut scene, &token, paid_ps)));
}

#[test]
fn who_pays_too_little_learns_nothing_false_of_an_ed25519_token() {
    let mut scene = Scene::new();
    let token = scene.issue(&scene.claims());
    let needed_ps = needed(&mut scene, &token);
    check_tally(&pay_less(needed_ps, |paid_ps| verify_within(&mut scene, &token, paid_ps)));
}

/// In the place of what is wrong with the signature, and with all that comes after it.
#[test]
fn without_a_check_of_ed25519_nothing_is_known_of_its_signatures() {
    let mut scene = deployed_with(TokenKey::ed25519("issuer key"), |registry| registry.ed25519 = NOBODY);
    let claims = scene.claims();
    let (token, late) =
        (scene.issue(&claims), scene.issue(&Claims { expires_s: claims.issued_s + 1, ..claims.clone() }));
    assert_eq!(scene.verify(&token), Err(VerifyError::Unavailable));
    scene.wait(60_000);
    assert_eq!(scene.verify(&late), Err(VerifyError::Unavailable));
    scene.changed(AccessOperation::Deactivate);
    assert_eq!(scene.verify(&token), Err(VerifyError::UnknownIssuer), "what comes before it is named");
}

#[test]
fn who_pays_too_little_learns_nothing_false_of_a_standing() {
    let mut scene = Scene::new();
    let token = scene.issue(&scene.claims());
    let needed_ps =
        scene.access.read::<Result<(), VerifyError>>("check", (standing(&token), scene.requirement())).ref_time_ps;
    check_tally(&pay_less(needed_ps, |paid_ps| check_within(&mut scene, &token, paid_ps)));
}

/// Picoseconds that verifying a good token takes.
fn needed(scene: &mut Scene, token: &[u8]) -> u64 {
    let arguments = (token, scene.requirement(), scene.device.account());
    scene.access.read::<Result<Verified, VerifyError>>("verify", arguments).ref_time_ps
}

/// The chain lets calls be so deep and no deeper. Whoever is called too deep to ask others gives no answer at all.
#[test]
fn who_calls_too_deep_learns_nothing_false() {
    let mut scene = Scene::new();
    let token = scene.issue(&scene.claims());
    let (caller, contract) = (scene.stranger.account(), scene.access.contract);
    let verify = input(&scene.access, "verify", &(&token, scene.requirement(), scene.device.account()).encode());
    let check = input(&scene.access, "check", &(standing(&token), scene.requirement()).encode());
    let relays = Relays::deploy(scene.access.chain(), 7);
    let mut outcomes = Vec::new();
    for depth in 0..8 {
        let answers = [verify.clone(), check.clone()].map(|input| {
            let (first, input) = relays.through(depth, contract, input);
            let answer = scene.access.chain().call(first, input, caller, Means::default());
            // The first byte says that the input was read.
            answer.map(|receipt| Result::<(), VerifyError>::decode(&mut &receipt.result.data[1..]).unwrap()).ok()
        });
        assert_eq!(answers[0], answers[1], "{depth}");
        outcomes.push(answers[0]);
    }
    // The chain has six places: the relays', this contract's, and that of the one that it asks.
    assert_eq!(outcomes, [vec![Some(Ok(())); 5], vec![None; 3]].concat());
}
