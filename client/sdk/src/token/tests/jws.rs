use serde_json::{Map, Value, json};

use super::*;
use crate::token::jwk::encode_bytes;

fn signed(header: &Value, claims: &str) -> String {
    let unsigned = format!("{}.{}", encode_bytes(header.to_string().as_bytes()), encode_bytes(claims.as_bytes()));
    let marque_primitives::Signature::Ed25519(signature) = crate::Signer::sign(&key(), unsigned.as_bytes()).unwrap()
    else {
        panic!("an Ed25519 key")
    };
    format!("{unsigned}.{}", encode_bytes(&signature))
}

fn verification_key() -> VerificationKey {
    VerificationKey::new(Jwk::from_public_key(&crate::Signer::public_key(&key())).unwrap()).unwrap()
}

#[test]
fn what_is_signed_is_read_whatever_it_says() {
    for name in ["EdDSA", "Ed25519"] {
        let jws = Jws::read(&signed(&json!({ "alg": name }), r#"{"a":1}"#)).unwrap();
        assert_eq!((jws.media_type.as_deref(), jws.key_id.as_deref()), (None, None));
        assert_eq!(jws.verify(&verification_key()).unwrap()["a"], 1);
    }
    let jws = Jws::read(&signed(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k" }), "{}")).unwrap();
    assert_eq!((jws.media_type.as_deref(), jws.key_id.as_deref()), (Some("JWT"), Some("k")));
}

#[test]
fn what_has_another_form_is_refused() {
    for (header, claims, refusal) in [
        (json!({ "alg": "none" }), "{}", JwtError::UnknownAlgorithm),
        (json!({}), "{}", JwtError::UnknownAlgorithm),
        (json!({ "alg": "HS256" }), "{}", JwtError::UnknownAlgorithm),
        (json!({ "alg": "EdDSA", "typ": 1 }), "{}", JwtError::WrongType),
        (json!({ "alg": "EdDSA", "kid": "" }), "{}", JwtError::InvalidKeyId),
        (json!({ "alg": "EdDSA", "kid": 7 }), "{}", JwtError::InvalidKeyId),
        (json!({ "alg": "EdDSA", "jwk": {} }), "{}", JwtError::ForbiddenHeader { name: "jwk" }),
        (json!({ "alg": "EdDSA" }), "[]", JwtError::NotJson),
        (json!({ "alg": "EdDSA" }), r#"{"a":1,"a":2}"#, JwtError::NotJson),
    ] {
        assert_eq!(Jws::read(&signed(&header, claims)), Err(refusal), "{header} {claims}");
    }
}

#[test]
fn the_key_chooses_the_algorithm() {
    let jws = Jws::read(&signed(&json!({ "alg": "RS256" }), "{}")).unwrap();
    assert_eq!(jws.verify(&verification_key()), Err(JwtError::WrongAlgorithm));
    let mut jws = Jws::read(&signed(&json!({ "alg": "EdDSA" }), "{}")).unwrap();
    jws.signed_bytes.push(b'x');
    assert_eq!(jws.verify(&verification_key()), Err(JwtError::InvalidSignature));
}

#[test]
fn a_token_says_more_and_is_still_one() {
    let more = json!({ "cid": "c", "scp": ["meter:read"] });
    let said = more.as_object().unwrap();
    let token = issue_jwt_saying_more(&plain(), said, KID, &key()).unwrap();
    assert_eq!(read_jwt(&token).unwrap().claims, plain());
    for token in [token, issue_jwt_with_saying_more(&plain(), said, "rsa", &rsa()).unwrap()] {
        assert_eq!(Jwt::read(&token).unwrap().claims, plain());
        let claims = Jws::read(&token).unwrap().claims;
        assert_eq!((&claims["cid"], &claims["scp"]), (&more["cid"], &more["scp"]));
    }
}

#[test]
fn what_a_token_says_more_replaces_nothing() {
    for name in ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "epoch", "cnf"] {
        let more = Map::from_iter([(name.to_owned(), json!("x"))]);
        let refused = issue_jwt_saying_more(&plain(), &more, KID, &key());
        assert_eq!(refused, Err(IssueError::InvalidClaims), "{name}");
        let refused = issue_jwt_with_saying_more(&plain(), &more, "rsa", &rsa());
        assert_eq!(refused, Err(IssueError::InvalidClaims), "{name}");
    }
}

#[test]
fn a_proof_brings_its_key_along() {
    let jwk = || verification_key().jwk().to_json();
    let (jws, key) = Jws::read_with_key(&signed(&json!({ "alg": "EdDSA", "jwk": jwk() }), r#"{"a":1}"#)).unwrap();
    assert_eq!(key, verification_key());
    assert_eq!(jws.verify(&key).unwrap()["a"], 1);
    let with = |name: &str, value: &str| {
        let mut jwk = jwk();
        jwk[name] = value.into();
        jwk
    };
    for (header, refusal) in [
        (json!({ "alg": "EdDSA" }), JwtError::InvalidKey(JwkError::NotJson)),
        (json!({ "alg": "EdDSA", "jwk": "x" }), JwtError::InvalidKey(JwkError::NotJson)),
        (json!({ "alg": "EdDSA", "jwk": with("d", "AA") }), JwtError::InvalidKey(JwkError::Private)),
        (json!({ "alg": "EdDSA", "jwk": with("crv", "Sr25519") }), JwtError::InvalidKey(JwkError::UnknownType)),
        (json!({ "alg": "EdDSA", "jwk": with("x", "AA") }), JwtError::InvalidKey(JwkError::InvalidKey)),
        (json!({ "alg": "none", "jwk": jwk() }), JwtError::UnknownAlgorithm),
        (json!({ "alg": "EdDSA", "jwk": jwk(), "x5c": [] }), JwtError::ForbiddenHeader { name: "x5c" }),
        (json!({ "alg": "EdDSA", "jwk": jwk(), "crit": [] }), JwtError::ForbiddenHeader { name: "crit" }),
    ] {
        assert_eq!(Jws::read_with_key(&signed(&header, "{}")).map(|_| ()), Err(refusal), "{header}");
    }
}
