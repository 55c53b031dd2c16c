use std::collections::BTreeSet;

use marque_sdk::primitives::{
    AccountId, DeviceId, RegistryId,
    access::{Entitlement, IssuerKey, Sensitivity},
};

use super::*;
use crate::GrantType;

const NOW_S: u64 = 1_800_000_000;
const URL: &str = "https://as.example/oauth2/default";
const SIGNING_KEY: PublicKey = PublicKey::Ed25519([7; 32]);

fn rule() -> Rule {
    Rule {
        name: "r".into(),
        priority: 1,
        is_active: true,
        grant_types: BTreeSet::from([GrantType::ClientCredentials]),
        scopes: BTreeSet::from(["meters:read".into(), "meters:write".into()]),
        lifetime_s: 600,
        audience: BTreeSet::from(["api://default".into()]),
        ..Rule::default()
    }
}

fn entitlement(scope: &str, until_s: u64) -> Entitlement {
    Entitlement { scope: scope.into(), sensitivity: Sensitivity::Low, until_ms: until_s * 1000 }
}

fn rights() -> Rights {
    let key = IssuerKey {
        id: 4,
        public_key: SIGNING_KEY,
        not_before_ms: 0,
        not_after_ms: (NOW_S + 3600) * 1000,
        revoked_ms: None,
    };
    let issuer = Issuer {
        owner: AccountId([1; 32]),
        url: URL.into(),
        status: IssuerStatus::Active,
        offer: None,
        next_key_id: 5,
        keys: vec![key],
        delegates: vec![],
        created_ms: 0,
    };
    let entitlements = Entitlements {
        is_active: true,
        epoch: Some(3),
        tokens_before_ms: 0,
        scopes: vec![entitlement("doors:open", NOW_S + 9000), entitlement("meters:read", NOW_S + 9000)],
    };
    Rights { issuer: Some(issuer), entitlements: Some(entitlements), undefined: vec![] }
}

fn with_entitlements(change: impl FnOnce(&mut Entitlements)) -> Rights {
    let mut rights = rights();
    change(rights.entitlements.as_mut().unwrap());
    rights
}

fn with_issuer(change: impl FnOnce(&mut Issuer)) -> Rights {
    let mut rights = rights();
    change(rights.issuer.as_mut().unwrap());
    rights
}

fn ask(rights: &Rights, scopes: &[&str]) -> Result<Claims, OAuthError> {
    ask_with(Some((4, SIGNING_KEY)), None, rights, scopes)
}

fn ask_by(
    signing_key: Option<(IssuerKeyId, PublicKey)>,
    rights: &Rights,
    scopes: &[&str],
) -> Result<Claims, OAuthError> {
    ask_with(signing_key, None, rights, scopes)
}

/// With a token that expires then, if one is shown.
fn ask_with(
    signing_key: Option<(IssuerKeyId, PublicKey)>,
    expires_s: Option<u64>,
    rights: &Rights,
    scopes: &[&str],
) -> Result<Claims, OAuthError> {
    let device = DeviceId([2; 32]);
    let subject = Did { registry: RegistryId([1; 10]), device };
    let key = Some(PublicKey::Ed25519([2; 32]));
    let client = Client {
        id: subject.to_text(),
        device,
        key,
        signed_by: None,
        app: None,
        fleet: None,
        labels: BTreeSet::new(),
        factors: BTreeSet::new(),
    };
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    grant(&Terms {
        url: URL,
        signing_key,
        client: &client,
        audience: rule().audience,
        confirmation: key.map(Confirmation::Key),
        subject,
        scopes: &scopes,
        expires_s,
        rule: &rule(),
        rights,
        token_id: "AT.1",
        now_ms: NOW_S * 1000 + 500,
        skew_max_ms: 30_000,
    })
}

#[test]
fn a_token_is_good_for_no_longer_than_the_one_that_was_shown() {
    let until =
        |rights: &Rights, expires_s| ask_with(Some((4, SIGNING_KEY)), Some(expires_s), rights, &["meters:read"]);
    assert_eq!(until(&rights(), NOW_S + 9).unwrap().expires_s, NOW_S + 9);
    assert_eq!(until(&rights(), NOW_S + 601).unwrap().expires_s, NOW_S + 600, "the rule gives no more");
    let later = with_entitlements(|entitlements| entitlements.tokens_before_ms = (NOW_S + 5) * 1000);
    assert_eq!(until(&later, NOW_S + 6).unwrap().expires_s, NOW_S + 6);
    assert!(matches!(until(&later, NOW_S + 5), Err(OAuthError::InvalidRequest(_))), "it would be dead at birth");
}

#[test]
fn a_token_has_what_is_asked_for_granted_and_allowed() {
    let claims = ask(&rights(), &["doors:open", "meters:read", "meters:write"]).unwrap();
    assert_eq!(claims.scopes, ["meters:read"], "the rule leaves out the first, the chain the last");
    assert_eq!((claims.issued_s, claims.expires_s, claims.epoch), (NOW_S, NOW_S + 600, 3));
    assert_eq!(claims.confirmation, Some(Confirmation::Key(PublicKey::Ed25519([2; 32]))));
    assert_eq!(claims.audience, ["api://default"]);
    assert_eq!(claims.validate(), Ok(()));
}

#[test]
fn without_any_of_them_there_is_no_token() {
    for scopes in [&["doors:open"][..], &["meters:write"], &["doors:open", "meters:write"]] {
        assert_eq!(ask(&rights(), scopes), Err(OAuthError::ScopesRefused), "{scopes:?}");
    }
}

#[test]
fn a_token_ends_with_its_grant() {
    let until = |until_s| with_entitlements(|all| all.scopes = vec![entitlement("meters:read", until_s)]);
    assert_eq!(ask(&until(NOW_S + 5), &["meters:read"]).unwrap().expires_s, NOW_S + 5);
    assert_eq!(ask(&until(NOW_S), &["meters:read"]), Err(OAuthError::ScopesRefused), "it is over");
}

#[test]
fn a_device_that_is_not_in_use_gets_nothing() {
    let not_active = Err(OAuthError::InvalidClient("the device is not active"));
    assert_eq!(ask(&with_entitlements(|all| all.is_active = false), &["meters:read"]), not_active);
    assert_eq!(ask(&with_entitlements(|all| all.epoch = None), &["meters:read"]), not_active);
}

#[test]
fn an_authorization_server_that_the_chain_does_not_have_so_gives_nothing() {
    for rights in [
        Rights { issuer: None, ..rights() },
        with_issuer(|issuer| issuer.status = IssuerStatus::Deactivated),
        with_issuer(|issuer| issuer.url = "https://as.example/oauth2/other".into()),
        with_issuer(|issuer| issuer.keys[0].revoked_ms = Some(1)),
        with_issuer(|issuer| issuer.keys[0].not_after_ms = NOW_S * 1000),
        with_issuer(|issuer| issuer.keys[0].public_key = PublicKey::Sr25519([7; 32])),
    ] {
        assert_eq!(ask(&rights, &["meters:read"]), Err(OAuthError::Unavailable), "{rights:?}");
    }
    for key in [(3, SIGNING_KEY), (4, PublicKey::Ed25519([8; 32]))] {
        assert_eq!(ask_by(Some(key), &rights(), &["meters:read"]), Err(OAuthError::Unavailable), "{key:?}");
    }
}

#[test]
fn where_the_chain_knows_no_such_keys_it_still_says_who_may_have_what() {
    let without_keys = with_issuer(|issuer| issuer.keys.clear());
    assert_eq!(ask_by(None, &without_keys, &["meters:read"]).unwrap().scopes, ["meters:read"]);
    let deactivated = with_issuer(|issuer| issuer.status = IssuerStatus::Deactivated);
    assert_eq!(ask_by(None, &deactivated, &["meters:read"]), Err(OAuthError::Unavailable));
}

#[test]
fn a_token_is_not_dead_at_birth() {
    let before = |before_ms| with_entitlements(|all| all.tokens_before_ms = before_ms);
    let issued_s = |before_ms| ask(&before(before_ms), &["meters:read"]).map(|claims| claims.issued_s);
    assert_eq!(issued_s(NOW_S * 1000), Ok(NOW_S));
    assert_eq!(issued_s(NOW_S * 1000 + 1), Ok(NOW_S + 1));
    assert_eq!(issued_s((NOW_S + 30) * 1000), Ok(NOW_S + 30));
    assert_eq!(issued_s((NOW_S + 31) * 1000), Err(OAuthError::Unavailable), "the chain's clock is too far ahead");
}

#[test]
fn scopes_are_names_and_few() {
    let read = |text: &str| requested_scopes(Some(text), &[]);
    assert_eq!(read("b:x a:x b:x").unwrap(), ["a:x", "b:x"]);
    let many = |count: usize| (0..count).map(|n| format!("s:{n}")).collect::<Vec<_>>().join(" ");
    assert!(read(&many(16)).is_ok());
    for text in ["openid", "a:x openid", "*", "a:*", "a:x  b:x", " a:x", "admin", "a:all", &many(17)] {
        assert!(matches!(read(text), Err(OAuthError::InvalidScope(_))), "{text}");
    }
    assert!(matches!(requested_scopes(None, &[]), Err(OAuthError::InvalidScope(_))));
    assert_eq!(requested_scopes(None, &["a:x".into()]).unwrap(), ["a:x"]);
}
