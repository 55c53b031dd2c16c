//! The record: registration, keys, lifecycle, transfer, delegates.

use super::*;
use marque_primitives::{access::IssuerStatus, bounds};

fn registered(url: &str, keys: Vec<NewIssuerKey>) -> Result<AccessChange, AccessError> {
    register(url.into(), keys, &Context { issuer: ID, actor: OWNER, now_ms: START_MS })
}

#[test]
fn issuer_urls_are_https_without_query_fragment_or_credentials() {
    for url in [
        "https://issuer.example",
        "https://issuer.example/oauth2/default",
        "https://[2001:db8::1]/",
        "http://127.0.0.1:8080/oauth2/default",
        "http://localhost",
    ] {
        assert!(registered(url, vec![]).is_ok(), "{url}");
    }
    let long = format!("https://{}", "a".repeat(121));
    for url in [
        "",
        "issuer.example",
        "http://issuer.example",
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "https://",
        "https:///path",
        "https://user@issuer.example",
        "https://issuer.example?x",
        "https://issuer.example#x",
        "https://issuer.example/ ",
        "https://issüer.example",
        "HTTPS://issuer.example",
        &long,
    ] {
        assert_eq!(registered(url, vec![]), Err(AccessError::InvalidUrl), "{url}");
    }
}

#[test]
fn a_registration_takes_as_many_keys_as_there_is_room_for() {
    let keys = |count: usize| (0..count).map(|number| key_of(u8::try_from(number).unwrap())).collect();
    assert!(registered("https://a.example", keys(bounds::ISSUER_KEYS_MAX)).is_ok());
    let too_many = registered("https://a.example", keys(bounds::ISSUER_KEYS_MAX + 1));
    assert_eq!(too_many, Err(AccessError::MaxKeysExceeded));
    let twice = registered("https://a.example", vec![key_of(1), key_of(1)]);
    assert_eq!(twice, Err(AccessError::KeyAlreadyExists));
}

#[test]
fn windows_of_keys_are_bounded() {
    let world = World::new();
    let add = |not_before_ms, not_after_ms| AccessOperation::AddKey { key: window(9, not_before_ms, not_after_ms) };
    let (now, ahead) = (world.now_ms, world.now_ms + bounds::ISSUER_KEY_AHEAD_MAX_MS);
    for (from, to) in
        [(now, now + 1), (0, now + 1), (ahead, ahead + 1), (now, now + bounds::ISSUER_KEY_LIFETIME_MAX_MS)]
    {
        let too_long = from + bounds::ISSUER_KEY_LIFETIME_MAX_MS < to;
        assert_eq!(world.decide(OWNER, add(from, to)).is_ok(), !too_long, "{from} {to}");
    }
    for (from, to) in [
        (now + 1, now + 1),
        (now + 2, now + 1),
        (now - 2, now),
        (ahead + 1, ahead + 2),
        (now, now + bounds::ISSUER_KEY_LIFETIME_MAX_MS + 1),
        (u64::MAX, u64::MAX),
        (u64::MAX - 1, u64::MAX),
    ] {
        world.refuses(OWNER, add(from, to), AccessError::InvalidWindow);
    }
}

#[test]
fn keys_that_sign_no_tokens_on_chain_are_refused() {
    let world = World::new();
    for public_key in [PublicKey::X25519([9; 32]), PublicKey::P256([2; 33])] {
        let key = NewIssuerKey { public_key, ..key_of(9) };
        world.refuses(OWNER, AccessOperation::AddKey { key }, AccessError::InvalidKey);
    }
    // The same bytes under the other scheme are the same key.
    let key = NewIssuerKey { public_key: PublicKey::Sr25519([1; 32]), ..key_of(1) };
    world.refuses(OWNER, AccessOperation::AddKey { key }, AccessError::KeyAlreadyExists);
}

#[test]
fn a_rotated_key_ends_when_its_successor_begins_and_its_tokens_stay_good() {
    let mut world = World::new();
    let begins_ms = world.now_ms + DAY_MS;
    let key = window(2, begins_ms, begins_ms + 30 * DAY_MS);
    world.must(OWNER, AccessOperation::RotateKey { id: 0, key });
    let old = *world.issuer.key(0).unwrap();
    assert!(old.is_good_for(begins_ms - 1) && !old.is_good_for(begins_ms));
    let new = world.issuer.key(1).unwrap();
    assert!(!new.is_good_for(begins_ms - 1) && new.is_good_for(begins_ms));
    // A successor that begins later than the old key ends leaves the old end as it is.
    let later = old.not_after_ms + 10;
    world.must(OWNER, AccessOperation::RotateKey { id: 0, key: window(3, later, later + 1) });
    assert_eq!(world.issuer.key(0).unwrap().not_after_ms, old.not_after_ms);
}

#[test]
fn a_revoked_key_is_good_for_nothing_and_cannot_be_revoked_or_rotated_again() {
    let mut world = World::new();
    world.must(OWNER, AccessOperation::RevokeKey { id: 0 });
    assert!(!world.issuer.key(0).unwrap().is_good_for(START_MS));
    world.refuses(OWNER, AccessOperation::RevokeKey { id: 0 }, AccessError::KeyRevoked);
    world.refuses(OWNER, AccessOperation::RotateKey { id: 0, key: key_of(2) }, AccessError::KeyRevoked);
    world.refuses(OWNER, AccessOperation::RevokeKey { id: 1 }, AccessError::KeyNotFound);
    world.refuses(OWNER, AccessOperation::AddKey { key: key_of(1) }, AccessError::KeyAlreadyExists);
}

#[test]
fn spent_keys_make_room_and_no_others_do() {
    let mut world = World::new();
    for number in 1..bounds::ISSUER_KEYS_MAX {
        world.must(OWNER, AccessOperation::AddKey { key: key_of(u8::try_from(number + 1).unwrap()) });
    }
    world.refuses(OWNER, AccessOperation::AddKey { key: key_of(99) }, AccessError::MaxKeysExceeded);
    // Over, but a token of its last second may live for a day.
    world.now_ms = START_MS + 30 * DAY_MS + bounds::TOKEN_LIFETIME_MAX_MS - 1;
    let next = window(99, world.now_ms, world.now_ms + DAY_MS);
    world.refuses(OWNER, AccessOperation::AddKey { key: next }, AccessError::MaxKeysExceeded);
    world.now_ms += 1;
    world.must(OWNER, AccessOperation::AddKey { key: next });
    assert_eq!(world.issuer.keys.len(), bounds::ISSUER_KEYS_MAX);
    assert!(world.issuer.key(0).is_none() && world.issuer.key(8).is_some());
}

#[test]
fn it_is_deactivated_and_active_again() {
    let mut world = World::new();
    world.refuses(OWNER, AccessOperation::Reactivate, AccessError::NotDeactivated);
    world.must(OWNER, AccessOperation::Deactivate);
    assert_eq!(world.issuer.status, IssuerStatus::Deactivated);
    world.refuses(OWNER, AccessOperation::Deactivate, AccessError::AlreadyDeactivated);
    world.must(OWNER, AccessOperation::Reactivate);
    assert_eq!(world.issuer.status, IssuerStatus::Active);
}

#[test]
fn a_transfer_is_offered_withdrawn_and_accepted_in_time() {
    let mut world = World::new();
    let offer = |to, expires_ms| AccessOperation::OfferTransfer { to, expires_ms };
    let now = world.now_ms;
    world.refuses(OWNER, offer(OWNER, now + 1), AccessError::SameOwner);
    world.refuses(OWNER, offer(BUYER, now), AccessError::InvalidExpiry);
    world.refuses(OWNER, offer(BUYER, now + bounds::OFFER_MAX_MS + 1), AccessError::InvalidExpiry);
    world.refuses(OWNER, AccessOperation::CancelTransfer, AccessError::NoOffer);
    world.refuses(BUYER, AccessOperation::AcceptTransfer, AccessError::NoOffer);
    world.must(OWNER, offer(BUYER, now + HOUR_MS));
    world.must(OWNER, AccessOperation::CancelTransfer);
    world.refuses(BUYER, AccessOperation::AcceptTransfer, AccessError::NoOffer);
    world.must(OWNER, offer(BUYER, now + HOUR_MS));
    world.now_ms = now + HOUR_MS;
    world.refuses(BUYER, AccessOperation::AcceptTransfer, AccessError::OfferExpired);
    world.now_ms -= 1;
    world.must(BUYER, AccessOperation::AcceptTransfer);
    assert_eq!((world.issuer.owner, world.issuer.offer), (BUYER, None));
}

#[test]
fn delegates_are_bounded_and_expired_ones_make_room() {
    let mut world = World::new();
    let set = |number: usize, expires_ms| AccessOperation::SetDelegate {
        account: AccountId([u8::try_from(number).unwrap(); 32]),
        role: IssuerRole::Operator,
        expires_ms,
    };
    let later = world.now_ms + HOUR_MS;
    world.refuses(OWNER, set(0, world.now_ms), AccessError::InvalidExpiry);
    world.refuses(OWNER, set(0, world.now_ms + bounds::DELEGATION_MAX_MS + 1), AccessError::InvalidExpiry);
    for number in 0..bounds::ISSUER_DELEGATES_MAX {
        world.must(OWNER, set(number, later));
    }
    world.refuses(OWNER, set(99, later), AccessError::MaxDelegatesExceeded);
    world.must(OWNER, set(0, later + 1));
    world.now_ms = later;
    world.must(OWNER, set(99, later + HOUR_MS));
    assert_eq!(world.issuer.delegates.len(), bounds::ISSUER_DELEGATES_MAX);
    let remove =
        |number: u8| AccessOperation::RemoveDelegate { account: AccountId([number; 32]), role: IssuerRole::Operator };
    world.must(OWNER, remove(99));
    world.refuses(OWNER, remove(99), AccessError::DelegateNotFound);
}
