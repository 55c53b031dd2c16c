//! Every reason to refuse a token, and which of two is given.

use marque_contract_tests::{Actor, TokenKey};
use marque_primitives::{
    AccountId, Operation,
    access::IssuerId,
    blake2b_256,
    token::{Claims, IssuerKeyRef, Requirement, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

use crate::{
    operations::{revoke_token, window},
    scene::{DAY_MS, HOUR_MS, KEY, Scene, URL},
};

/// A token, what is asked of it, and who presents it.
struct Attempt {
    claims: Claims,
    signed_by: IssuerKeyRef,
    key: TokenKey,
    is_cut: bool,
    requirement: Requirement,
    presenter: AccountId,
}

/// Another authorization server, which trusts nobody.
const OTHER: IssuerId = 1;

/// A scene whose authorization server's key has signed for a month, and another authorization server.
fn scene() -> Scene {
    let mut scene = Scene::empty();
    scene.register_device(&scene.device.clone());
    let (owner, stranger, now_ms) = (scene.owner.clone(), scene.stranger.clone(), scene.access.now_ms());
    let key = window(scene.key.public_key(), now_ms - 30 * DAY_MS, now_ms + 30 * DAY_MS);
    scene.access.register_issuer(&owner, URL, vec![key]).accepted();
    scene.access.register_issuer(&stranger, "https://other.example", Vec::new()).accepted();
    scene
}

impl Attempt {
    fn good(scene: &Scene) -> Self {
        Self {
            claims: scene.claims(),
            signed_by: KEY,
            key: TokenKey::ed25519("issuer key"),
            is_cut: false,
            requirement: scene.requirement(),
            presenter: scene.device.account(),
        }
    }

    /// Makes the attempt wrong in this way, and leaves whatever else is wrong with it.
    fn spoil(&mut self, scene: &mut Scene, error: VerifyError) {
        let (now_s, claims) = (scene.access.now_ms() / 1000, &mut self.claims);
        match error {
            VerifyError::Malformed => self.is_cut = true,
            VerifyError::UnknownIssuer => claims.issuer = "https://elsewhere.example".into(),
            VerifyError::UntrustedIssuer => self.requirement.issuer = OTHER,
            VerifyError::IssuerKeyNotValid => self.signed_by.key = 7,
            VerifyError::InvalidSignature => self.key = TokenKey::ed25519("another key"),
            VerifyError::LifetimeTooLong => claims.issued_s = now_s - 2 * DAY_MS / 1000,
            VerifyError::Expired => {
                claims.issued_s = claims.issued_s.min(now_s - 600);
                claims.expires_s = now_s - 60;
            }
            VerifyError::NotYetValid => claims.not_before_s = Some(now_s + 60),
            VerifyError::WrongAudience => self.requirement.audience = "station-2".into(),
            VerifyError::MissingScope => self.requirement.scopes.push("charge:stop".into()),
            VerifyError::DeviceUnknown => claims.subject.registry.0[0] ^= 1,
            VerifyError::DeviceSuspended => {
                scene.on_device(Operation::Suspend);
                claims.epoch += 1;
            }
            VerifyError::DeviceRevoked => {
                scene.on_device(Operation::Revoke);
                claims.epoch += 1;
            }
            VerifyError::StaleEpoch => claims.epoch += 100,
            VerifyError::TokenRevoked => {
                let token = blake2b_256(claims.token_id.as_bytes());
                scene.changed(revoke_token(token, scene.access.now_ms() + HOUR_MS));
            }
            VerifyError::PresenterIsNotSubject => self.presenter = Actor::new("stranger").account(),
            VerifyError::Unavailable => unreachable!("it is no fault of a token: see `unavailable`"),
        }
    }

    fn verify(&self, scene: &mut Scene) -> Result<(), VerifyError> {
        let mut token = self.key.issue(&self.claims, self.signed_by);
        token.truncate(token.len() - usize::from(self.is_cut));
        scene.access.verify(&token, &self.requirement, self.presenter).map(|_| ())
    }
}

/// All that can be wrong with a token, in order.
fn all() -> Vec<VerifyError> {
    let decoded = (0..=u8::MAX).map_while(|number| VerifyError::decode(&mut &[number][..]).ok());
    decoded.filter(|error| *error != VerifyError::Unavailable).collect()
}

/// What no token can be at once: its time over and not yet come, its device suspended and revoked.
fn exclude_each_other(pair: (VerifyError, VerifyError)) -> bool {
    matches!(
        pair,
        (VerifyError::Expired, VerifyError::NotYetValid) | (VerifyError::DeviceSuspended, VerifyError::DeviceRevoked)
    )
}

#[test]
fn each_fault_is_named() {
    let mut scene = scene();
    assert_eq!(Attempt::good(&scene).verify(&mut scene), Ok(()));
    for error in all() {
        let before = scene.access.save();
        let mut attempt = Attempt::good(&scene);
        attempt.spoil(&mut scene, error);
        assert_eq!(attempt.verify(&mut scene), Err(error));
        scene.access.go_back(before);
    }
}

#[test]
fn the_first_of_two_faults_is_named() {
    let mut scene = scene();
    let errors = all();
    let pairs =
        errors.iter().enumerate().flat_map(|(index, first)| errors[index + 1..].iter().map(|second| (*first, *second)));
    let mut checked = 0;
    for (first, second) in pairs.filter(|pair| !exclude_each_other(*pair)) {
        // Whichever of them came first.
        for [one, other] in [[first, second], [second, first]] {
            let before = scene.access.save();
            let mut attempt = Attempt::good(&scene);
            attempt.spoil(&mut scene, one);
            attempt.spoil(&mut scene, other);
            assert_eq!(attempt.verify(&mut scene), Err(first), "{one:?} and {other:?}");
            scene.access.go_back(before);
            checked += 1;
        }
    }
    assert_eq!(checked, 16 * 15 - 4);
}

#[test]
fn all_faults_at_once_are_named_by_the_first() {
    let mut scene = scene();
    let mut attempt = Attempt::good(&scene);
    for error in all().into_iter().filter(|error| *error != VerifyError::DeviceRevoked) {
        attempt.spoil(&mut scene, error);
    }
    // `nbf` can't be after `exp`.
    attempt.claims.not_before_s = None;
    assert_eq!(attempt.verify(&mut scene), Err(VerifyError::Malformed));
}

/// Append-only: clients and stored events know errors by these numbers.
#[test]
fn numbers_stay() {
    let names: Vec<String> = all().iter().map(|error| format!("{} {error:?}", error.encode()[0])).collect();
    let expected = "\
        0 Malformed, 1 UnknownIssuer, 2 UntrustedIssuer, 3 IssuerKeyNotValid, 4 InvalidSignature, 5 LifetimeTooLong, \
        6 Expired, 7 NotYetValid, 8 WrongAudience, 9 MissingScope, 10 DeviceUnknown, 11 DeviceSuspended, \
        12 DeviceRevoked, 13 StaleEpoch, 14 TokenRevoked, 15 PresenterIsNotSubject";
    assert_eq!(names.join(", "), expected);
    assert_eq!(VerifyError::Unavailable.encode(), [16]);
}
