//! The examples of the standards.

use super::*;
use crate::signer::Signer;
use marque_primitives::{Signature, token::cwt};

/// The payload of RFC 7515, appendix A: `{"iss":"joe", …}`.
const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn rfc_7515_a_2_rs256() {
    let input = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}");
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let key = rsa();
    assert_eq!(key.sign(input.as_bytes()).unwrap(), base64url(signature));
    assert!(key.verification_key().is_signed(input.as_bytes(), &base64url(signature)));
    assert_eq!(key.algorithm(), Algorithm::Rs256);
    let modulus = key.verification_key().jwk().to_json()["n"].as_str().unwrap().to_owned();
    assert!(modulus.starts_with("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp"), "{modulus}");
    assert_eq!(Jwt::read(&format!("{input}.{signature}")), Err(JwtError::WrongType), "it is no access token");
}

#[test]
fn rfc_7515_a_3_es256() {
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
    let signature = base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    let jwk = Jwk::from_json(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    )
    .unwrap();
    let key = VerificationKey::new(jwk).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Es256);
    assert!(key.is_signed(input.as_bytes(), &signature));
    assert_eq!(&key, p256().verification_key());
    let own = p256().sign(input.as_bytes()).unwrap();
    assert!(key.is_signed(input.as_bytes(), &own));
    for at in [0, 31, 32, 63] {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        assert!(!key.is_signed(input.as_bytes(), &changed));
    }
    // CVE-2022-21449: zeros for r and s.
    assert!(!key.is_signed(input.as_bytes(), &[0; 64]));
}

#[test]
fn rfc_7515_a_5_unsecured_and_a_6_json() {
    assert_eq!(Jwt::read(&format!("eyJhbGciOiJub25lIn0.{PAYLOAD}.")), Err(JwtError::NotCompact));
    let json = format!(r#"{{"payload":"{PAYLOAD}","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"DtEh"}}"#);
    assert_eq!(Jwt::read(&json), Err(JwtError::NotCompact));
}

#[test]
fn rfc_8037_a_4_and_a_5_ed25519() {
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    let Signature::Ed25519(own) = key().sign(input).unwrap() else { panic!("the scheme is Ed25519") };
    assert_eq!(own[..], signature);
    let jwk =
        Jwk::from_json(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#).unwrap();
    let key = VerificationKey::new(jwk).unwrap();
    assert_eq!(key.algorithm(), Algorithm::EdDsa);
    assert!(key.is_signed(input, &signature));
    assert!(!key.is_signed(input, &signature[..63]));
}

#[test]
fn rfc_8037_a_3_and_rfc_7638_3_1_thumbprints() {
    let ed25519 = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let rsa = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    for (json, thumbprint) in
        [(ed25519, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"), (rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
    {
        assert_eq!(Jwk::from_json(json).unwrap().thumbprint()[..], base64url(thumbprint));
    }
}

#[test]
fn rfc_8392_a_3_is_signed_over_the_structure_that_ours_are() {
    let claims = "a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b71";
    let signature = "5427c1ff28d23fbad1f29c4c7c6a555e601d6fa29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9b63632c57209120e1c9e30";
    let ours = cwt::unsigned(&plain(), KID, marque_primitives::Scheme::Ed25519).unwrap().signed_bytes();
    // The array and its first item, then three byte strings: the header, no external data, the claims.
    let theirs = [&ours[..12], &hex::decode(format!("43a10126405850{claims}")).unwrap()].concat();
    let point = "04143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9";
    let key = P256PublicKey::from_sec1(&hex::decode(point).unwrap()).unwrap();
    let key = VerificationKey::new(Jwk::P256(key)).unwrap();
    assert!(key.is_signed(&theirs, &hex::decode(signature).unwrap()));
}
