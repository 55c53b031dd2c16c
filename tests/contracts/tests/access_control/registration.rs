//! Registering authorization servers, and their URLs.

use marque_primitives::{
    PublicKey,
    access::{AccessChange, AccessError, Issuer, IssuerKey, IssuerStatus, NewIssuerKey},
    bounds,
};

use crate::{
    operations::{new_key, window},
    scene::{HOUR_MS, Scene, URL},
};

#[test]
fn gives_numbers_in_order_whoever_registers_and_whatever_url() {
    let mut scene = Scene::empty();
    let (owner, stranger) = (scene.owner.clone(), scene.stranger.clone());
    for (number, actor) in (0..).zip([&owner, &stranger, &owner]) {
        assert_eq!(scene.access.register_issuer(actor, URL, Vec::new()).accepted(), number);
        assert_eq!(scene.access.issuer(number).map(|issuer| issuer.owner), Some(actor.account()));
    }
}

#[test]
fn writes_the_whole_record() {
    let mut scene = Scene::empty();
    let now_ms = scene.access.now_ms();
    let new_keys =
        [new_key("first", now_ms), window(PublicKey::Sr25519([9; 32]), now_ms + HOUR_MS, now_ms + 2 * HOUR_MS)];
    let keys: Vec<IssuerKey> = (0..)
        .zip(new_keys)
        .map(|(id, NewIssuerKey { public_key, not_before_ms, not_after_ms })| IssuerKey {
            id,
            public_key,
            not_before_ms,
            not_after_ms,
            revoked_ms: None,
        })
        .collect();
    let owner = scene.owner.clone();
    let written = scene.access.register_issuer(&owner, URL, new_keys.to_vec());
    let registered = AccessChange::Registered { owner: owner.account(), url: URL.into(), keys: keys.clone() };
    assert_eq!(*written.change(), registered);
    let record = Issuer {
        owner: owner.account(),
        url: URL.into(),
        status: IssuerStatus::Active,
        offer: None,
        next_key_id: 2,
        keys,
        delegates: Vec::new(),
        created_ms: now_ms,
    };
    assert_eq!(scene.access.issuer(0), Some(record));
}

#[test]
fn takes_https_urls_without_query_and_fragment() {
    let mut scene = Scene::empty();
    let owner = scene.owner.clone();
    let longest = format!("https://{}", "a".repeat(bounds::ISSUER_URL_BYTES_MAX - 8));
    for url in ["https://as.example", "https://[::1]:8080/x", "http://localhost:8080/oauth2/default", &longest] {
        scene.access.register_issuer(&owner, url, Vec::new()).accepted();
    }
    let over = format!("{longest}a");
    let bad =
        ["", "https://", "http://as.example", "https://as.example/?x", "https://as.example/#x", "https:///", "ftp://x"];
    for url in bad.into_iter().chain(["https://user@as.example", "https://ä", "https://as example", &over]) {
        assert_eq!(scene.access.register_issuer(&owner, url, Vec::new()).error(), AccessError::InvalidUrl, "{url}");
    }
}

#[test]
fn checks_the_url_then_the_number_of_keys_then_each_key() {
    let mut scene = Scene::empty();
    let (owner, now_ms) = (scene.owner.clone(), scene.access.now_ms());
    let good = new_key("a", now_ms);
    let keys = |count: usize| (0..count).map(|number| new_key(&format!("key {number}"), now_ms)).collect::<Vec<_>>();
    let past = window(PublicKey::X25519([1; 32]), now_ms - 2, now_ms - 1);
    let other_type = window(PublicKey::X25519([1; 32]), now_ms, now_ms + 1);
    let cases = [
        ("x", keys(9), AccessError::InvalidUrl),
        (URL, keys(9), AccessError::MaxKeysExceeded),
        (URL, vec![past, other_type], AccessError::InvalidWindow),
        (URL, vec![other_type, past], AccessError::InvalidKey),
        (URL, vec![good, good, past], AccessError::KeyAlreadyExists),
        // The same bytes are the same account, whatever the type.
        (
            URL,
            vec![
                window(PublicKey::Sr25519([9; 32]), now_ms, now_ms + 1),
                window(PublicKey::Ed25519([9; 32]), now_ms, now_ms + 1),
            ],
            AccessError::KeyAlreadyExists,
        ),
    ];
    for (url, keys, expected) in cases {
        assert_eq!(scene.access.register_issuer(&owner, url, keys).error(), expected);
    }
    assert_eq!(scene.access.register_issuer(&owner, URL, keys(8)).accepted(), 0);
}
