//! Keys and sets of keys.

use serde_json::{Value, json};

use super::*;

fn ed25519() -> Value {
    Jwk::Ed25519(crate::signer::Signer::account(&key()).0).to_json()
}

fn with(jwk: &Value, name: &str, value: Value) -> String {
    let mut jwk = jwk.clone();
    jwk[name] = value;
    jwk.to_string()
}

#[test]
fn keys_come_back() {
    let sr25519 = Jwk::Sr25519([9; 32]);
    for jwk in [
        Jwk::from_json(&ed25519().to_string()).unwrap(),
        sr25519.clone(),
        rsa().verification_key().jwk().clone(),
        p256().verification_key().jwk().clone(),
    ] {
        assert_eq!(Jwk::from_json(&jwk.to_json().to_string()).unwrap(), jwk);
        let Some(public_key) = jwk.public_key() else { continue };
        assert_eq!(Jwk::from_public_key(&public_key).unwrap(), jwk);
    }
    assert_eq!(VerificationKey::new(sr25519), Err(JwkError::UnknownType), "JWT has no algorithm for it");
    assert_eq!(Jwk::from_public_key(&PublicKey::X25519([9; 32])), Err(JwkError::UnknownType));
}

#[test]
fn unknown_members_mean_nothing_for_a_key() {
    let jwk = with(&ed25519(), "x5t", json!("x"));
    assert_eq!(
        Jwk::from_json(&jwk).unwrap().thumbprint(),
        Jwk::from_json(&ed25519().to_string()).unwrap().thumbprint()
    );
}

#[test]
fn private_keys_are_named_as_such() {
    for (jwk, name) in
        [(ed25519(), "d"), (rsa().verification_key().jwk().to_json(), "p"), (ed25519(), "k"), (ed25519(), "oth")]
    {
        assert_eq!(Jwk::from_json(&with(&jwk, name, json!("AA"))), Err(JwkError::Private), "{name}");
    }
    assert_eq!(Jwk::from_json(r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}"#), Err(JwkError::Private));
}

#[test]
fn keys_of_other_types_or_forms() {
    let p256 = p256().verification_key().jwk().to_json();
    let rsa = rsa().verification_key().jwk().to_json();
    let modulus = base64url(rsa["n"].as_str().unwrap());
    let number = |bytes: &[u8]| json!(BASE64URL_NOPAD.encode(bytes));
    for (jwk, error) in [
        ("[]".into(), JwkError::NotJson),
        (ed25519().to_string().replacen('{', r#"{"kty":"OKP","#, 1), JwkError::NotJson),
        (" ".repeat(70_000), JwkError::NotJson),
        ("{}".into(), JwkError::InvalidKey),
        (with(&ed25519(), "kty", json!("okp")), JwkError::UnknownType),
        (with(&ed25519(), "crv", json!("X25519")), JwkError::UnknownType),
        (with(&ed25519(), "x", json!("AA")), JwkError::InvalidKey),
        (with(&ed25519(), "x", json!(format!("{}=", ed25519()["x"].as_str().unwrap()))), JwkError::InvalidKey),
        (with(&p256, "crv", json!("P-384")), JwkError::UnknownType),
        (with(&p256, "crv", json!("secp256k1")), JwkError::UnknownType),
        // Off the curve, x and y swapped, zero, the field's prime, a short coordinate, none.
        (with(&p256, "y", p256["x"].clone()), JwkError::InvalidKey),
        (with(&p256, "x", p256["y"].clone()), JwkError::InvalidKey),
        (with(&p256, "x", number(&[0; 32])), JwkError::InvalidKey),
        (with(&p256, "x", number(&[0xff; 32])), JwkError::InvalidKey),
        (with(&p256, "x", number(&[1; 31])), JwkError::InvalidKey),
        (with(&p256, "y", json!(null)), JwkError::InvalidKey),
        // Too small, too large, even, with a leading zero; exponents of 1, 3, even, and too large.
        (with(&rsa, "n", number(&modulus[128..])), JwkError::InvalidKey),
        (with(&rsa, "n", number(&[&modulus[..], &modulus, &modulus[1..]].concat())), JwkError::InvalidKey),
        (with(&rsa, "n", number(&[&modulus[..255], &[0]].concat())), JwkError::InvalidKey),
        (with(&rsa, "n", number(&[&[0], &modulus[..]].concat())), JwkError::InvalidKey),
        (with(&rsa, "n", json!("")), JwkError::InvalidKey),
        (with(&rsa, "e", number(&[1])), JwkError::InvalidKey),
        (with(&rsa, "e", number(&[3])), JwkError::InvalidKey),
        (with(&rsa, "e", number(&[1, 0, 0])), JwkError::InvalidKey),
        (with(&rsa, "e", number(&[0, 1, 0, 1])), JwkError::InvalidKey),
        (with(&rsa, "e", number(&[1, 0, 0, 0, 1])), JwkError::InvalidKey),
        (with(&rsa, "e", json!(65537)), JwkError::InvalidKey),
    ] {
        assert_eq!(Jwk::from_json(&jwk), Err(error), "{jwk:.200}");
    }
}

#[test]
fn an_ed25519_key_of_small_order_verifies_nothing() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(VerificationKey::new(Jwk::Ed25519(identity)), Err(JwkError::InvalidKey));
    // y = 2 is no point.
    identity[0] = 2;
    assert_eq!(VerificationKey::new(Jwk::Ed25519(identity)), Err(JwkError::InvalidKey));
}

#[test]
fn a_set_is_published_and_read() {
    let published = |key_id: &str, key: &VerificationKey| PublishedKey { key_id: key_id.into(), key: key.clone() };
    let ed25519 = VerificationKey::new(Jwk::from_json(&ed25519().to_string()).unwrap()).unwrap();
    let set = JwkSet {
        keys: vec![
            published("3#key-0", &ed25519),
            published("rsa", rsa().verification_key()),
            published("ec", p256().verification_key()),
        ],
    };
    let json = set.to_json();
    assert_eq!(json["keys"][0]["alg"], "EdDSA");
    assert_eq!(json["keys"][1]["use"], "sig");
    assert_eq!(JwkSet::from_json(&json.to_string()).unwrap(), set);
    assert_eq!(set.key("rsa"), Some(rsa().verification_key()));
    assert_eq!(set.key("RSA"), None);
    let jwt = Jwt::read(vectors::RS256).unwrap();
    assert_eq!(jwt.verify(set.key(&jwt.key_id).unwrap()), Ok(&plain()));
}

#[test]
fn keys_for_others_are_left_out_of_a_set() {
    let mut key = ed25519();
    key["kid"] = json!("a");
    let left_out = |name: &str, value: Value| {
        let set = format!(r#"{{"keys":[{}]}}"#, with(&key, name, value.clone()));
        assert_eq!(JwkSet::from_json(&set), Ok(JwkSet::default()), "{name} {value}");
    };
    left_out("kty", json!("unknown"));
    left_out("crv", json!("X25519"));
    left_out("use", json!("enc"));
    left_out("alg", json!("RS256"));
    left_out("alg", json!("none"));
    left_out("alg", json!(null));
    left_out("key_ops", json!(["sign"]));
    left_out("key_ops", json!("verify"));
    left_out("kid", json!(1));
    left_out("kid", json!(""));
    left_out("x", json!("AA"));
    let taken = with(&key, "key_ops", json!(["verify"]));
    assert_eq!(JwkSet::from_json(&format!(r#"{{"keys":[{taken}]}}"#)).unwrap().keys.len(), 1);
}

#[test]
fn sets_that_are_none() {
    let mut key = ed25519();
    key["kid"] = json!("a");
    for (set, error) in [
        ("".into(), JwkError::NotJson),
        ("{}".into(), JwkError::NotJson),
        ("[]".into(), JwkError::NotJson),
        (r#"{"keys":{}}"#.into(), JwkError::NotJson),
        (r#"{"keys":[1]}"#.into(), JwkError::NotJson),
        (r#"{"keys":[],"keys":[]}"#.into(), JwkError::NotJson),
        (json!({ "keys": vec![json!({}); 65] }).to_string(), JwkError::NotJson),
        (json!({ "keys": [key, key] }).to_string(), JwkError::InvalidKey),
        (format!(r#"{{"keys":[{}]}}"#, with(&key, "d", json!("AA"))), JwkError::Private),
    ] {
        assert_eq!(JwkSet::from_json(&set), Err(error), "{set:.100}");
    }
}
