//! What holds of every token, in both forms.

use p256::elliptic_curve::sec1::ToEncodedPoint;
use proptest::{array, collection::vec, option, prelude::*, sample::Index};

use super::*;

fn confirmation() -> impl Strategy<Value = Confirmation> {
    let bytes = || array::uniform32(any::<u8>());
    let point = array::uniform32(1u8..0xff).prop_map(|scalar| {
        let secret = ::p256::SecretKey::from_slice(&scalar).unwrap();
        let point = secret.public_key().to_encoded_point(true);
        PublicKey::P256(point.as_bytes().try_into().unwrap())
    });
    prop_oneof![
        bytes().prop_map(|x| Confirmation::Key(PublicKey::Ed25519(x))),
        bytes().prop_map(|x| Confirmation::Key(PublicKey::Sr25519(x))),
        point.prop_map(Confirmation::Key),
        bytes().prop_map(Confirmation::Thumbprint),
    ]
}

fn claims() -> impl Strategy<Value = Claims> {
    let texts = ("https://[a-z0-9][!#-;=A-Z_a-z~]{0,60}", "[A-Za-z0-9._~-]{1,64}", "[!#-;=?-Z_a-z~]{1,100}");
    let lists = (
        proptest::collection::btree_set("[a-z]{1,8}://[!#-;=?-Z_a-z~]{0,40}", 1..=4),
        proptest::collection::btree_set("[b-e0-9][a-z0-9._-]{0,12}:[b-e][a-z0-9._-]{0,8}", 1..=16),
    );
    let device = (any::<[u8; 10]>(), array::uniform32(any::<u8>()));
    let times = (0u64..1 << 37, 1u64..1 << 20, option::of(0u64..1 << 37));
    (texts, lists, device, times, any::<u32>(), option::of(confirmation())).prop_map(
        |((issuer, token_id, client_id), (audience, scopes), (registry, device), times, epoch, confirmation)| {
            let (issued_s, lifetime_s, not_before_s) = times;
            let expires_s = issued_s + lifetime_s;
            Claims {
                issuer: issuer.replace(['@', '?', '#'], "/"),
                subject: Did { registry: RegistryId(registry), device: DeviceId(device) },
                audience: audience.into_iter().collect(),
                expires_s,
                issued_s,
                not_before_s: not_before_s.map(|not_before_s| not_before_s.min(expires_s - 1)),
                token_id,
                client_id,
                scopes: scopes.into_iter().collect(),
                epoch,
                confirmation,
            }
        },
    )
}

proptest! {
    #[test]
    fn claims_are_the_same_in_both_forms(claims in claims()) {
        let jwt = issue_jwt(&claims, KID, &key()).unwrap();
        let of_jwt = read_jwt(&jwt).unwrap();
        prop_assert_eq!(&of_jwt.claims, &claims);
        let cwt = issue_cwt(&of_jwt.claims, of_jwt.signed_by, &key()).unwrap();
        let of_cwt = SignedToken::from_cwt(&cwt).unwrap();
        prop_assert_eq!(&of_cwt.claims, &claims);
        prop_assert_eq!(of_cwt.signed_by, KID);
        prop_assert_eq!(issue_jwt(&of_cwt.claims, of_cwt.signed_by, &key()).unwrap(), jwt);
    }

    #[test]
    fn changed_characters_are_refused_or_do_not_hold(changes in vec((any::<Index>(), 0x20u8..0x7f), 1..4)) {
        let mut bytes = vectors::FULL.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let text = String::from_utf8(bytes).unwrap();
        let verifier = VerificationKey::new(Jwk::Ed25519(crate::signer::Signer::account(&key()).0)).unwrap();
        if let Ok(jwt) = Jwt::read(&text) {
            prop_assert_eq!(jwt.verify(&verifier).is_ok(), text == vectors::FULL);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}", json in "[{}\\[\\]\",:0-9a-z\\\\]{0,60}") {
        prop_assert!(Jwt::read(&text).is_err());
        let _ = Jwk::from_json(&json);
        let _ = JwkSet::from_json(&json);
        let part = BASE64URL_NOPAD.encode(json.as_bytes());
        let jwt = format!("{part}.{part}.AAAA");
        prop_assert!(Jwt::read(&jwt).is_err());
    }
}
