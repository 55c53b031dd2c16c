//! Tokens that are issued are read, and those of other software too.

use super::*;
use crate::signer::{Signer, SignerError};
use marque_primitives::{AccountId, Scheme, Signature, verify_ed25519};
use subxt_signer::sr25519;

#[test]
fn tokens_of_other_software_are_read() {
    let bound = Confirmation::Key(PublicKey::Ed25519(did().device.0));
    let kid = |issuer, key| IssuerKeyRef { issuer, key };
    for (jwt, claims, signed_by) in [
        (vectors::PLAIN, plain(), KID),
        (vectors::BOUND, Claims { confirmation: Some(bound), ..plain() }, KID),
        (vectors::FULL, full(), kid(u32::MAX, 23)),
        (
            vectors::THUMBPRINT,
            Claims { token_id: "x".into(), epoch: 0, confirmation: Some(Confirmation::Thumbprint([7; 32])), ..plain() },
            kid(0, 10),
        ),
    ] {
        let token = read_jwt(jwt).unwrap();
        assert_eq!((&token.claims, token.signed_by), (&claims, signed_by));
        let Signature::Ed25519(signature) = token.signature else { panic!("JWTs are signed with Ed25519") };
        assert!(verify_ed25519(&key().account().0, &token.signed_bytes, &signature));
    }
    for (jwt, key, name) in [(vectors::RS256, rsa(), "rsa"), (vectors::ES256, p256(), "ec")] {
        let jwt = Jwt::read(jwt).unwrap();
        assert_eq!(jwt.verify(key.verification_key()), Ok(&plain()));
        assert_eq!(jwt.key_id, name);
    }
}

#[test]
fn what_is_issued_is_this() {
    // The header and the claims have their members in the order of their names, so that the text is fixed.
    let jwt = issue_jwt(&plain(), KID, &key()).unwrap();
    let parts: Vec<String> = jwt.split('.').take(2).map(|part| String::from_utf8(base64url(part)).unwrap()).collect();
    assert_eq!(parts[0], r#"{"alg":"EdDSA","kid":"3#key-0","typ":"at+jwt"}"#);
    let did = did().to_text();
    assert_eq!(
        parts[1],
        format!(
            r#"{{"aud":"api://default","client_id":"{did}","epoch":4,"exp":1800000300,"iat":1800000000,"iss":"https://as.example/default","jti":"0b71","scope":"meter:read","sub":"{did}"}}"#
        )
    );
    assert_eq!(issue_jwt(&plain(), KID, &key()).unwrap(), jwt, "Ed25519 signs the same way each time");
}

#[test]
fn each_algorithm_signs_and_its_own_key_alone_verifies() {
    let ed25519 = VerificationKey::new(Jwk::Ed25519(key().account().0)).unwrap();
    let tokens = [
        (issue_jwt(&full(), KID, &key()).unwrap(), ed25519),
        (issue_jwt_with(&full(), "rsa", &rsa()).unwrap(), rsa().verification_key().clone()),
        (issue_jwt_with(&full(), "ec", &p256()).unwrap(), p256().verification_key().clone()),
    ];
    for (at, (token, _)) in tokens.iter().enumerate() {
        let jwt = Jwt::read(token).unwrap();
        for (other, (_, key)) in tokens.iter().enumerate() {
            let expected = if at == other { Ok(&jwt.claims) } else { Err(JwtError::WrongAlgorithm) };
            assert_eq!(jwt.verify(key), expected);
        }
        assert_eq!(jwt.claims, full());
    }
    let generated = JwtSigningKey::es256(&JwtSigningKey::generate_es256().unwrap()).unwrap();
    let jwt = Jwt::read(&issue_jwt_with(&plain(), "new", &generated).unwrap()).unwrap();
    assert_eq!(jwt.verify(generated.verification_key()), Ok(&plain()));
    assert_eq!(jwt.verify(p256().verification_key()), Err(JwtError::InvalidSignature));
}

#[test]
fn both_schemes_sign_cwts_and_jwt_has_one() {
    let alice = Account::from_uri("//Alice").unwrap();
    let token = SignedToken::from_cwt(&issue_cwt(&full(), KID, &alice).unwrap()).unwrap();
    let Signature::Sr25519(signature) = token.signature else { panic!("the scheme is Sr25519") };
    // As the chain's host function does: in the context `substrate`.
    let public = sr25519::PublicKey(Signer::account(&alice).0);
    assert!(sr25519::verify(&sr25519::Signature(signature), &token.signed_bytes, &public));
    assert_eq!(issue_jwt(&full(), KID, &alice), Err(IssueError::NoJwtAlgorithm));

    let token = SignedToken::from_cwt(&issue_cwt(&full(), KID, &key()).unwrap()).unwrap();
    let Signature::Ed25519(signature) = token.signature else { panic!("the scheme is Ed25519") };
    assert!(verify_ed25519(&key().account().0, &token.signed_bytes, &signature));
}

#[test]
fn what_can_not_be_read_is_not_issued() {
    let none = Claims { scopes: vec![], ..plain() };
    assert_eq!(issue_jwt(&none, KID, &key()), Err(IssueError::InvalidClaims));
    assert_eq!(issue_cwt(&none, KID, &key()), Err(IssueError::InvalidClaims));
    assert_eq!(issue_jwt_with(&none, "rsa", &rsa()), Err(IssueError::InvalidClaims));
    // x = 0 has a point with either y; x = 5 has none.
    let mut point = [2; 33];
    point[1..].fill(0);
    point[32] = 1;
    let off_curve = Claims { confirmation: Some(Confirmation::Key(PublicKey::P256(point))), ..plain() };
    assert_eq!(issue_jwt(&off_curve, KID, &key()), Err(IssueError::InvalidConfirmation));
    for key_id in ["", "a b", "é", "a\n", &"a".repeat(129)] {
        assert_eq!(issue_jwt_with(&plain(), key_id, &p256()), Err(IssueError::InvalidKeyId), "{key_id}");
    }
}

struct Wrong;

impl Signer for Wrong {
    fn account(&self) -> AccountId {
        AccountId([1; 32])
    }

    fn scheme(&self) -> Scheme {
        Scheme::Ed25519
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, SignerError> {
        Ok(Signature::Sr25519([0; 64]))
    }
}

#[test]
fn a_signer_that_signs_with_another_scheme_is_not_believed() {
    assert!(matches!(issue_cwt(&plain(), KID, &Wrong), Err(IssueError::Signer(SignerError::Refused { .. }))));
    assert!(matches!(issue_jwt(&plain(), KID, &Wrong), Err(IssueError::Signer(SignerError::Refused { .. }))));
}

#[test]
fn private_keys_are_not_shown() {
    assert_eq!(format!("{:?} {:?}", rsa(), p256()), "JwtSigningKey(RS256) JwtSigningKey(ES256)");
    for bytes in [&b""[..], b"\x30\x00", &[0; 500]] {
        assert_eq!(JwtSigningKey::rs256(bytes).err(), Some(JwkError::InvalidKey));
        assert_eq!(JwtSigningKey::es256(bytes).err(), Some(JwkError::InvalidKey));
    }
}
