//! What holds of every token.

use marque_primitives::{
    DeviceId, Did, PublicKey, RegistryId, Scheme, Signature, bounds,
    token::{Claims, Confirmation, IssuerKeyRef, SignedToken, VerifyError, cwt},
};
use proptest::{
    array,
    collection::{btree_set, vec},
    option,
    prelude::*,
    sample::Index,
};

use crate::samples;

fn confirmation() -> impl Strategy<Value = Confirmation> {
    let bytes = || array::uniform32(any::<u8>());
    prop_oneof![
        bytes().prop_map(|x| Confirmation::Key(PublicKey::Ed25519(x))),
        bytes().prop_map(|x| Confirmation::Key(PublicKey::Sr25519(x))),
        (bytes(), any::<bool>()).prop_map(|(x, sign)| {
            let mut point = [if sign { 3 } else { 2 }; 33];
            point[1..].copy_from_slice(&x);
            Confirmation::Key(PublicKey::P256(point))
        }),
        bytes().prop_map(Confirmation::Thumbprint),
    ]
}

/// In any order: the set keeps each once.
fn list(item: &'static str, len_max: usize) -> impl Strategy<Value = Vec<String>> {
    btree_set(item, 1..=len_max).prop_map(|set| set.into_iter().collect::<Vec<_>>()).prop_shuffle()
}

fn times() -> impl Strategy<Value = (u64, u64, Option<u64>)> {
    let moment = || prop_oneof![0u64..300, 60_000u64..70_000, (1u64 << 32) - 2..(1 << 32) + 2, 0u64..253_402_300_799];
    (moment(), moment(), option::of(moment())).prop_map(|(issued_s, more, not_before_s)| {
        let expires_s = issued_s.saturating_add(more).saturating_add(1).min(253_402_300_799);
        (issued_s.min(expires_s - 1), expires_s, not_before_s.map(|not_before_s| not_before_s.min(expires_s - 1)))
    })
}

/// Claims that may be in a token.
fn claims() -> impl Strategy<Value = Claims> {
    let texts = ("https://[a-z0-9][!#-;=A-Z_a-z~]{0,80}", "[A-Za-z0-9._~-]{1,64}", "[!#-;=?-Z_a-z~]{1,100}");
    let lists =
        (list("[a-z]{1,8}://[!#-;=?-Z_a-z~]{0,60}", 4), list("[b-e0-9][a-z0-9._-]{0,12}:[b-e][a-z0-9._-]{0,8}", 16));
    let device = (any::<[u8; 10]>(), array::uniform32(any::<u8>()));
    (texts, lists, device, times(), any::<u32>(), option::of(confirmation())).prop_map(
        |((issuer, token_id, client_id), (audience, scopes), (registry, device), times, epoch, confirmation)| {
            let (issued_s, expires_s, not_before_s) = times;
            Claims {
                issuer: issuer.replace(['@', '?', '#'], "/"),
                subject: Did { registry: RegistryId(registry), device: DeviceId(device) },
                audience,
                expires_s,
                issued_s,
                not_before_s,
                token_id,
                client_id,
                scopes,
                epoch,
                confirmation,
            }
        },
    )
}

fn signed_by() -> impl Strategy<Value = IssuerKeyRef> {
    (any::<u32>(), 0u32..30).prop_map(|(issuer, key)| IssuerKeyRef { issuer, key })
}

fn scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![Just(Scheme::Ed25519), Just(Scheme::Sr25519)]
}

/// Whatever is read is written as the same bytes, but for the one number that is read and not written.
fn check_one_form(bytes: &[u8]) {
    let Ok(token) = SignedToken::from_cwt(bytes) else { return };
    let (scheme, signature) = match token.signature {
        Signature::Ed25519(signature) => (Scheme::Ed25519, signature),
        Signature::Sr25519(signature) => (Scheme::Sr25519, signature),
    };
    let mut written = cwt::unsigned(&token.claims, token.signed_by, scheme).unwrap().finish(signature);
    // RFC 9864's number, right after `d2 84`, the head of the header's bytes, the map's and the key's.
    let algorithm = written.iter().position(|byte| *byte == 0xa3).unwrap() + 2;
    if bytes.get(algorithm) == Some(&0x32) {
        written[algorithm] = 0x32;
    }
    assert_eq!(hex::encode(written), hex::encode(bytes));
}

proptest! {
    #[test]
    fn claims_come_back(claims in claims(), signed_by in signed_by(), scheme in scheme(), fill: u8) {
        prop_assert_eq!(claims.validate(), Ok(()));
        let unsigned = cwt::unsigned(&claims, signed_by, scheme).unwrap();
        let bytes = unsigned.finish([fill; 64]);
        let token = SignedToken::from_cwt(&bytes).unwrap();
        prop_assert_eq!(&token.claims, &claims);
        prop_assert_eq!(token.signed_by, signed_by);
        prop_assert_eq!(&token.signed_bytes, &unsigned.signed_bytes());
        let expected = match scheme {
            Scheme::Ed25519 => Signature::Ed25519([fill; 64]),
            Scheme::Sr25519 => Signature::Sr25519([fill; 64]),
        };
        prop_assert_eq!(token.signature, expected);
        check_one_form(&bytes);
    }

    #[test]
    fn what_may_not_be_read_is_not_written(claims in claims(), signed_by in signed_by(), at in 0..6usize) {
        let mut claims = claims;
        match at {
            0 => claims.expires_s = claims.issued_s,
            1 => claims.scopes.push(claims.scopes[0].clone()),
            2 => claims.audience.clear(),
            3 => claims.confirmation = Some(Confirmation::Key(PublicKey::X25519([1; 32]))),
            4 => claims.confirmation = Some(Confirmation::Key(PublicKey::P256([4; 33]))),
            _ => claims.token_id.push(' '),
        }
        prop_assert_eq!(cwt::unsigned(&claims, signed_by, Scheme::Ed25519), Err(VerifyError::Malformed));
    }

    #[test]
    fn changed_bytes_are_refused_or_have_their_own_meaning(
        sample: Index,
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = hex::decode(sample.get(&samples::all()).cwt).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check_one_form(&bytes);
    }

    #[test]
    fn spliced_bytes_do_not_panic(sample: Index, from: Index, to: Index, noise in vec(any::<u8>(), 0..12)) {
        let bytes = hex::decode(sample.get(&samples::all()).cwt).unwrap();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let spliced = [&bytes[..from], &noise, &bytes[to..]].concat();
        check_one_form(&spliced);
    }

    #[test]
    fn noise_does_not_panic(noise in vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(SignedToken::from_cwt(&noise), Err(VerifyError::Malformed));
        let framed = [&[0xd2, 0x84][..], &noise].concat();
        prop_assert_eq!(SignedToken::from_cwt(&framed), Err(VerifyError::Malformed));
    }
}

#[test]
fn a_token_over_the_bound_is_not_written() {
    let text = |n: usize, len: usize| format!("{n:02}{}", "a".repeat(len - 2));
    let claims = Claims {
        issuer: text(0, bounds::ISSUER_URL_BYTES_MAX - 8).replacen("00", "https://00", 1),
        client_id: text(0, bounds::CLIENT_ID_BYTES_MAX),
        token_id: text(0, bounds::TOKEN_ID_BYTES_MAX),
        confirmation: Some(Confirmation::Thumbprint([1; 32])),
        audience: (0..bounds::AUDIENCES_MAX).map(|n| text(n, bounds::AUDIENCE_BYTES_MAX)).collect(),
        scopes: (0..bounds::SCOPES_MAX).map(|n| format!("{}:x", text(n, bounds::SCOPE_BYTES_MAX - 2))).collect(),
        ..samples::plain()
    };
    assert_eq!(claims.validate(), Ok(()));
    assert_eq!(cwt::unsigned(&claims, samples::KID, Scheme::Ed25519), Err(VerifyError::Malformed));
}
