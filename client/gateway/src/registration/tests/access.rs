use zeroize::Zeroizing;

use super::*;
use crate::{MasterKey, Random, SystemRandom};

const NOW_MS: u64 = 1_800_000_000_000;

struct NoRandomness;

impl Random for NoRandomness {
    fn fill(&self, _: &mut [u8]) -> bool {
        false
    }
}

fn key() -> MasterKey {
    MasterKey::new(Zeroizing::new([1; 32]))
}

fn terms() -> InitialAccessTerms {
    InitialAccessTerms {
        name: "plant 4".into(),
        devices: Devices::These([device(1).to_string()].into()),
        registrations: 2,
        lifetime_ms: 1000,
    }
}

fn bearer(token: &str) -> BearerToken {
    BearerToken::read(Some(&format!("Bearer {token}"))).unwrap()
}

fn make() -> (InitialAccess, Zeroizing<String>) {
    InitialAccess::new(&terms(), REGISTRY, NOW_MS, &key(), &SystemRandom).unwrap()
}

#[test]
fn an_initial_access_token_is_spent() {
    let (access, token) = make();
    let shown = bearer(&token);
    assert_eq!(shown.initial_access_id(), Some(&*access.id));
    let admit = |access: &InitialAccess| InitialAccess::admit(Some(access), &shown, &device(1), NOW_MS, &key());
    let once = admit(&access).unwrap();
    assert_eq!(once, InitialAccess { registrations_left: 1, ..access });
    let twice = admit(&once).unwrap();
    assert_eq!(admit(&twice), Err(RegistrationError::InvalidToken));
}

#[test]
fn tokens_that_admit_nobody_look_alike() {
    let (access, token) = make();
    let (other, other_token) = make();
    let refused = Err(RegistrationError::InvalidToken);
    let admit = |found, token: &str, now_ms| InitialAccess::admit(found, &bearer(token), &device(1), now_ms, &key());
    assert!(admit(Some(&access), &token, NOW_MS + 999).is_ok());
    assert_eq!(admit(Some(&access), &token, NOW_MS + 1000), refused, "it is over");
    assert_eq!(admit(None, &token, NOW_MS), refused, "it is unknown");
    assert_eq!(admit(Some(&access), &other_token, NOW_MS), refused);
    assert_eq!(admit(Some(&other), &token, NOW_MS), refused);
    assert_eq!(admit(Some(&access), "token", NOW_MS), refused);
    assert_eq!(admit(Some(&access), &format!("{}.", access.id), NOW_MS), refused);
    let elsewhere = MasterKey::new(Zeroizing::new([2; 32]));
    let shown = bearer(&token);
    assert_eq!(InitialAccess::admit(Some(&access), &shown, &device(1), NOW_MS, &elsewhere), refused);
    assert_eq!(
        (RegistrationError::InvalidToken.status(), RegistrationError::InvalidToken.code()),
        (401, "invalid_token")
    );
}

#[test]
fn a_token_is_for_its_devices() {
    let (access, token) = make();
    let admit =
        |access: &InitialAccess| InitialAccess::admit(Some(access), &bearer(&token), &device(2), NOW_MS, &key());
    assert!(matches!(admit(&access), Err(RegistrationError::InvalidClientMetadata(_))));
    assert!(admit(&InitialAccess { devices: Devices::Every, ..access }).is_ok());
}

#[test]
fn over_broad_tokens_are_refused() {
    let these = |dids: &[String]| Devices::These(dids.iter().cloned().collect());
    let elsewhere = Did::new(RegistryId([1; 10]), device(1).device).to_string();
    for (terms, refusal) in [
        (InitialAccessTerms { name: String::new(), ..terms() }, InitialAccessError::InvalidName),
        (InitialAccessTerms { name: "x".repeat(101), ..terms() }, InitialAccessError::InvalidName),
        (InitialAccessTerms { name: "a\nb".into(), ..terms() }, InitialAccessError::InvalidName),
        (InitialAccessTerms { devices: these(&[]), ..terms() }, InitialAccessError::InvalidDevices),
        (InitialAccessTerms { devices: these(&["*".into()]), ..terms() }, InitialAccessError::InvalidDevices),
        (InitialAccessTerms { devices: these(&[elsewhere]), ..terms() }, InitialAccessError::InvalidDevices),
        (InitialAccessTerms { registrations: 0, ..terms() }, InitialAccessError::InvalidRegistrations),
        (InitialAccessTerms { registrations: 10_001, ..terms() }, InitialAccessError::InvalidRegistrations),
        (InitialAccessTerms { lifetime_ms: 0, ..terms() }, InitialAccessError::InvalidLifetime),
        (InitialAccessTerms { lifetime_ms: 30 * 86_400_000 + 1, ..terms() }, InitialAccessError::InvalidLifetime),
    ] {
        let made = InitialAccess::new(&terms, REGISTRY, NOW_MS, &key(), &SystemRandom);
        assert_eq!(made.err(), Some(refusal), "{terms:?}");
    }
    let made = InitialAccess::new(&terms(), REGISTRY, NOW_MS, &key(), &NoRandomness);
    assert_eq!(made.err(), Some(InitialAccessError::NoRandomness));
}

#[test]
fn headers_that_are_no_access_token() {
    let long = format!("Bearer {}", "x".repeat(257));
    for header in
        [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic eDp5"), Some("Bearer a b"), Some(&*long)]
    {
        assert_eq!(BearerToken::read(header).err(), Some(RegistrationError::InvalidToken), "{header:?}");
    }
    let shown = BearerToken::read(Some("bearer hidden")).unwrap();
    assert!(!format!("{shown:?}").contains("hidden"));
}

#[test]
fn what_is_kept_lets_nobody_in() {
    let (access, token) = make();
    let kept = serde_json::to_string(&access).unwrap();
    let secret = token.split_once('.').unwrap().1;
    assert!(!kept.contains(secret) && !format!("{access:?}").contains(secret));
    assert_eq!(serde_json::from_str::<InitialAccess>(&kept).unwrap(), access);
}

#[test]
fn a_registration_access_token_is_its_clients() {
    let new = NewCredentials::generate(&ClientAuthentication::SecretBasic, &SystemRandom).unwrap();
    let kept = new.registration_mac(&key()).unwrap();
    let shown = bearer(&new.registration_access_token);
    assert!(shown.is_of_client(&new.client_id, &kept, &key()));
    assert!(!shown.is_of_client("0oa2", &kept, &key()));
    assert!(!bearer("token").is_of_client(&new.client_id, &kept, &key()));
    let secret = bearer(new.client_secret.as_ref().unwrap());
    assert!(!secret.is_of_client(&new.client_id, &kept, &key()), "a secret is no registration access token");
    assert!(!shown.is_of_client(&new.client_id, &new.secret_mac(&key()).unwrap(), &key()));
    assert_eq!(key().mac(&new.client_id, new.client_secret.as_ref().unwrap()), new.secret_mac(&key()));
    assert!(NewCredentials::generate(&ClientAuthentication::SecretBasic, &NoRandomness).is_none());
}
