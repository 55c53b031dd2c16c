//! JWTs that are good but for one thing.

use marque_primitives::Signature;
use serde_json::{Value, json};

use super::*;
use crate::signer::Signer;

const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"3#key-0"}"#;

/// Signed, whatever it says.
fn sign(header: &str, payload: &str) -> String {
    let unsigned =
        format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload.as_bytes()));
    let Signature::Ed25519(signature) = key().sign(unsigned.as_bytes()).unwrap() else {
        panic!("the scheme is Ed25519")
    };
    format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn payload() -> Value {
    let jwt = vectors::FULL.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url(jwt)).unwrap()
}

fn with(name: &str, value: Value) -> String {
    let mut payload = payload();
    payload[name] = value;
    payload.to_string()
}

#[track_caller]
fn check(jwt: &str, expected: JwtError) {
    assert_eq!(read_jwt(jwt), Err(expected), "{jwt:.300}");
}

#[track_caller]
fn check_header(header: &str, expected: JwtError) {
    assert_eq!(read_jwt(&sign(header, &payload().to_string())), Err(expected), "{header}");
}

#[track_caller]
fn check_claims(payload: &str, expected: JwtError) {
    assert_eq!(read_jwt(&sign(HEADER, payload)), Err(expected), "{payload}");
}

#[track_caller]
fn check_claim(name: &'static str, value: Value) {
    check_claims(&with(name, value), JwtError::InvalidClaim { name });
}

#[test]
fn the_parts_are_a_token() {
    assert_eq!(read_jwt(&sign(HEADER, &payload().to_string())).unwrap().claims, full());
}

#[test]
fn cut_anywhere() {
    for jwt in [vectors::PLAIN, vectors::FULL] {
        for len in 0..jwt.len() {
            assert!(read_jwt(&jwt[..len]).is_err(), "{len}");
        }
    }
}

#[test]
fn more_or_fewer_parts() {
    let jwt = vectors::PLAIN;
    let parts: Vec<&str> = jwt.split('.').collect();
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        parts[0].into(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!(".{}.{}", parts[1], parts[2]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{jwt}."),
        format!(".{jwt}"),
        format!("{jwt}.{}", parts[2]),
        format!("{jwt}.a.b"),
    ] {
        check(&text, JwtError::NotCompact);
    }
    for text in [
        format!("{jwt} "),
        format!("{jwt}\n"),
        format!(" {jwt}"),
        format!("Bearer {jwt}"),
        format!("{jwt}="),
        format!("{jwt}AAA"),
        format!("{jwt}\0"),
        jwt.replacen('.', "=.", 1),
        jwt.replacen('e', "é", 1),
        jwt.replace('_', "/").replace('-', "+"),
    ] {
        check(&text, JwtError::NotBase64Url);
    }
    for more in ["A", "AA", "AAAA"] {
        check(&format!("{jwt}{more}"), JwtError::InvalidSignature);
    }
}

#[test]
fn stray_bits() {
    // The signature's 86 characters have 516 bits: the last four must be zero.
    let (start, last) = vectors::PLAIN.split_at(vectors::PLAIN.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let good = alphabet.find(last).unwrap();
    assert_eq!(good % 16, 0);
    for stray in 1..16 {
        check(&format!("{start}{}", &alphabet[good + stray..][..1]), JwtError::NotBase64Url);
    }
}

#[test]
fn too_long() {
    let with_padding = |len: usize| sign(HEADER, &with("x", json!("a".repeat(len))));
    let overhead = with_padding(0).len();
    let longest = with_padding((JWT_BYTES_MAX - overhead) / 4 * 3);
    assert!((JWT_BYTES_MAX - 4..=JWT_BYTES_MAX).contains(&longest.len()));
    assert!(read_jwt(&longest).is_ok());
    check(&with_padding((JWT_BYTES_MAX - overhead) / 4 * 3 + 4), JwtError::TooLong);
    check(&"a.".repeat(1 << 20), JwtError::TooLong);
}

#[test]
fn other_algorithms() {
    for algorithm in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES512",
        "ES256K", "Ed448", "eddsa", "EDDSA", "EdDSA ", "dir", "A128KW",
    ] {
        check_header(
            &json!({ "alg": algorithm, "typ": "at+jwt", "kid": "3#key-0" }).to_string(),
            JwtError::UnknownAlgorithm,
        );
    }
    for algorithm in [json!(null), json!(["EdDSA"]), json!(1), json!({ "EdDSA": 1 })] {
        check_header(
            &json!({ "alg": algorithm, "typ": "at+jwt", "kid": "3#key-0" }).to_string(),
            JwtError::UnknownAlgorithm,
        );
    }
    check_header(r#"{"typ":"at+jwt","kid":"3#key-0"}"#, JwtError::UnknownAlgorithm);
    // They are known, but no keys on chain are for them.
    check(vectors::RS256, JwtError::UnknownAlgorithm);
    check(vectors::ES256, JwtError::UnknownAlgorithm);
    let fully_specified = sign(&HEADER.replace("EdDSA", "Ed25519"), &payload().to_string());
    assert!(read_jwt(&fully_specified).is_ok());
}

#[test]
fn an_algorithm_is_not_chosen_by_the_token() {
    // An HMAC with the public key for a secret: the oldest confusion. The name alone is refused.
    let public = rsa().verification_key().jwk().to_json().to_string();
    let parts: Vec<&str> = vectors::RS256.split('.').collect();
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"at+jwt","kid":"rsa"}"#);
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public.as_bytes());
    let tag = ring::hmac::sign(&secret, format!("{header}.{}", parts[1]).as_bytes());
    let forged = format!("{header}.{}.{}", parts[1], BASE64URL_NOPAD.encode(tag.as_ref()));
    assert_eq!(Jwt::read(&forged), Err(JwtError::UnknownAlgorithm));
    // A key verifies with its own algorithm, whatever the header says and however good the signature is.
    for (name, key) in [("RS256", p256()), ("ES256", rsa()), ("EdDSA", rsa())] {
        let header = BASE64URL_NOPAD.encode(json!({ "alg": name, "typ": "at+jwt", "kid": "k" }).to_string().as_bytes());
        let unsigned = format!("{header}.{}", parts[1]);
        let signature = BASE64URL_NOPAD.encode(&key.sign(unsigned.as_bytes()).unwrap());
        let jwt = Jwt::read(&format!("{unsigned}.{signature}")).unwrap();
        assert_eq!(jwt.verify(key.verification_key()), Err(JwtError::WrongAlgorithm), "{name}");
    }
}

#[test]
fn headers_that_bring_a_key_or_change_the_meaning() {
    let mut header: Value = serde_json::from_str(HEADER).unwrap();
    for (name, value) in [
        ("jwk", Jwk::Ed25519(key().account().0).to_json()),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/x5u")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        let mut header = header.clone();
        header[name] = value;
        check_header(&header.to_string(), JwtError::ForbiddenHeader { name });
    }
    header["cty"] = json!("x");
    header["unknown"] = json!({ "a": [1.5, null] });
    assert!(read_jwt(&sign(&header.to_string(), &payload().to_string())).is_ok(), "others are ignored");
}

#[test]
fn other_types() {
    for typ in [
        "JWT",
        "jwt",
        "at+cwt",
        "at+jwt ",
        "at",
        "application/jwt",
        "application/at+jwt;x=y",
        "application/application/at+jwt",
        "id+jwt",
        "",
    ] {
        check_header(&json!({ "alg": "EdDSA", "typ": typ, "kid": "3#key-0" }).to_string(), JwtError::WrongType);
    }
    check_header(r#"{"alg":"EdDSA","kid":"3#key-0"}"#, JwtError::WrongType);
    check_header(r#"{"alg":"EdDSA","typ":["at+jwt"],"kid":"3#key-0"}"#, JwtError::WrongType);
    check_header(r#"{"alg":"EdDSA","typ":null,"kid":"3#key-0"}"#, JwtError::WrongType);
}

#[test]
fn other_key_ids() {
    for key_id in [
        "",
        "3",
        "#key-0",
        "03#key-0",
        "3#key-00",
        "3#key-0 ",
        "4294967296#key-0",
        "3#key-é",
        "../../etc/passwd",
        "' OR 1=1",
    ] {
        check_header(&json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key_id }).to_string(), JwtError::InvalidKeyId);
    }
    check_header(
        &json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "a".repeat(129) }).to_string(),
        JwtError::InvalidKeyId,
    );
    check_header(r#"{"alg":"EdDSA","typ":"at+jwt"}"#, JwtError::InvalidKeyId);
    check_header(r#"{"alg":"EdDSA","typ":"at+jwt","kid":3}"#, JwtError::InvalidKeyId);
}

#[test]
fn members_that_are_there_twice() {
    check_header(&HEADER.replacen('{', r#"{"alg":"EdDSA","#, 1), JwtError::NotJson);
    check_header(&HEADER.replacen('{', r#"{"alg":"none","#, 1), JwtError::NotJson);
    check_header(&HEADER.replacen('{', r#"{"x":1,"x":1,"#, 1), JwtError::NotJson);
    let text = payload().to_string();
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "epoch", "cnf"] {
        let again = format!(r#"{{"{name}":{},"#, payload()[name]);
        check_claims(&text.replacen('{', &again, 1), JwtError::NotJson);
    }
    // The same name in another spelling, and deep inside of what is ignored.
    check_claims(&text.replacen('{', r#"{"\u0065xp":1,"#, 1), JwtError::NotJson);
    check_claims(&text.replacen('{', r#"{"other":{"a":1,"a":2},"#, 1), JwtError::NotJson);
    check_claims(&text.replacen('{', r#"{"other":[[{"b":{"a":1,"a":1}}]],"#, 1), JwtError::NotJson);
    check_claims(&text.replacen(r#""kty":"EC""#, r#""kty":"EC","kty":"EC""#, 1), JwtError::NotJson);
    let in_different_objects = text.replacen('{', r#"{"other":{"a":1},"another":{"a":1},"#, 1);
    assert!(read_jwt(&sign(HEADER, &in_different_objects)).is_ok());
}

#[test]
fn what_is_no_object() {
    let text = payload().to_string();
    for payload in [
        " ",
        "null",
        "true",
        "1",
        "\"a\"",
        "[]",
        "{",
        "{}}",
        "{'iss':1}",
        "{\"iss\"}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\ud800\"}",
        "// x\n{}",
        "{\"a\":1}{\"a\":1}",
    ] {
        check_claims(payload, JwtError::NotJson);
        check_header(payload, JwtError::NotJson);
    }
    check_claims(&format!("{text}x"), JwtError::NotJson);
    check_claims(&format!("{text}{text}"), JwtError::NotJson);
    check_claims(&format!("\u{feff}{text}"), JwtError::NotJson);
    check_claims(&format!("[{text}]"), JwtError::NotJson);
    check_claims(&text[..text.len() - 1], JwtError::NotJson);
    // Not UTF-8.
    let header = BASE64URL_NOPAD.encode(HEADER.as_bytes());
    let payload = BASE64URL_NOPAD.encode(&[&text.as_bytes()[..text.len() - 1], b",\"x\":\"\xff\"}"].concat());
    check(&format!("{header}.{payload}.{}", "A".repeat(86)), JwtError::NotJson);
    assert!(read_jwt(&sign(HEADER, &format!(" \n{text}\t "))).is_ok(), "whitespace means nothing");
}

#[test]
fn nesting() {
    let nested = |depth: usize| {
        with("x", Value::Null).replace(r#""x":null"#, &format!(r#""x":{}1{}"#, "[".repeat(depth), "]".repeat(depth)))
    };
    assert!(read_jwt(&sign(HEADER, &nested(15))).is_ok());
    for depth in [16, 100, 2000] {
        check_claims(&nested(depth), JwtError::NotJson);
    }
    check_claims(&"{\"a\":".repeat(900), JwtError::NotJson);
    check_claims(&"[".repeat(5000), JwtError::NotJson);
    check_header(&"{\"a\":".repeat(500), JwtError::NotJson);
}

#[test]
fn claims_that_are_missing() {
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "epoch"] {
        let mut payload = payload();
        payload.as_object_mut().unwrap().remove(name);
        check_claims(&payload.to_string(), JwtError::InvalidClaim { name });
    }
    for (upper, name) in [("ISS", "iss"), ("Exp", "exp"), ("Scope", "scope")] {
        check_claims(
            &payload().to_string().replace(&format!(r#""{name}":"#), &format!(r#""{upper}":"#)),
            JwtError::InvalidClaim { name },
        );
    }
    check_claims("{}", JwtError::InvalidClaim { name: "iss" });
}

#[test]
fn claims_of_other_types() {
    for name in ["iss", "sub", "jti", "client_id", "scope"] {
        for value in [json!(null), json!(1), json!(true), json!([]), json!(["a"]), json!({})] {
            check_claim(name, value);
        }
    }
    for name in ["exp", "iat", "nbf", "epoch"] {
        for value in [
            json!(null),
            json!(true),
            json!("1800000000"),
            json!([1_800_000_000]),
            json!({}),
            json!(-1),
            json!(1.5),
            json!(1e300),
            json!(-0.0),
        ] {
            check_claim(name, value);
        }
        // Numbers as they are written: serde_json would write them in another way.
        for number in [
            "1800000000.0",
            "1.8e9",
            "18E8",
            "1800000000.5",
            "18446744073709551616",
            "1e400",
            "-0",
            "123456789012345678901234567890",
        ] {
            let text = with(name, json!("?")).replace(r#""?""#, number);
            let error = if number == "1e400" { JwtError::NotJson } else { JwtError::InvalidClaim { name } };
            check_claims(&text, error);
        }
    }
    check_claim("epoch", json!(1u64 << 32));
    for value in [json!(null), json!(1), json!({}), json!(["a", 1]), json!([["a"]]), json!([null])] {
        check_claim("aud", value);
    }
    for value in [json!(null), json!([]), json!("x"), json!({}), json!([{ "jkt": "x" }])] {
        check_claim("cnf", value);
    }
}

#[test]
fn claims_out_of_bounds() {
    for (name, value) in [
        ("iss", json!("http://as.example")),
        ("iss", json!("https://as.example?x")),
        ("aud", json!([])),
        ("aud", json!("")),
        ("aud", json!(["a:1", "a:1"])),
        ("aud", json!(["a:1", "a:2", "a:3", "a:4", "a:5"])),
        ("aud", json!("a b")),
        ("exp", json!(0)),
        ("exp", json!(1_800_000_000)),
        ("exp", json!(253_402_300_800u64)),
        ("exp", json!(u64::MAX)),
        ("iat", json!(1_800_000_300)),
        ("iat", json!(u64::MAX)),
        ("nbf", json!(1_800_000_300)),
        ("jti", json!("")),
        ("jti", json!("a/b")),
        ("jti", json!("a".repeat(65))),
        ("client_id", json!("")),
        ("client_id", json!("a b")),
        ("client_id", json!("a".repeat(129))),
    ] {
        check_claims(&with(name, value), JwtError::InvalidClaims);
    }
    assert_eq!(read_jwt(&sign(HEADER, &with("aud", json!(["a:1"])))).unwrap().claims.audience, ["a:1"]);
}

#[test]
fn subjects_of_other_forms() {
    let did = did().to_text();
    for subject in
        ["erikw", "", &did.to_uppercase(), &format!("{did}#key-0"), &format!(" {did}"), &did.replace("marque", "key")]
    {
        check_claim("sub", json!(subject));
    }
}

#[test]
fn scopes_that_look_like_others() {
    for scope in [
        "",
        " ",
        " meter:read",
        "meter:read ",
        "meter:read  charge:start",
        "meter:read\tcharge:start",
        "meter:read\u{a0}charge:start",
        "meter:read meter:read",
        "Meter:read",
        "meter:rеad",
        "meter：read",
        "meter:read\u{200b}",
        "*",
        "*:*",
        "meter:*",
        "admin:all",
        "meter:admin",
        "meter:all",
        "full_access",
        "openid",
        "meter:read,charge:start",
        "meter:read:write",
    ] {
        check_claims(&with("scope", json!(scope)), JwtError::InvalidClaims);
    }
}

#[test]
fn confirmations_of_other_forms() {
    let ed25519 = Jwk::Ed25519([9; 32]).to_json();
    let x = ed25519["x"].clone();
    let altered = |name: &str, value: Value| {
        let mut jwk = ed25519.clone();
        jwk[name] = value;
        json!({ "jwk": jwk })
    };
    let rsa = rsa().verification_key().jwk().to_json();
    for confirmation in [
        json!({ "jwk": ed25519, "jkt": x }),
        json!({ "kid": "x" }),
        json!({ "jwe": "x" }),
        json!({ "x5t#S256": x }),
        json!({ "JKT": x }),
        json!({ "jkt": "" }),
        json!({ "jkt": 1 }),
        json!({ "jkt": "A".repeat(42) }),
        json!({ "jkt": "A".repeat(44) }),
        json!({ "jkt": format!("{}B", "A".repeat(42)) }),
        json!({ "jkt": format!("{}=", "A".repeat(43)) }),
        json!({ "jwk": null }),
        json!({ "jwk": ["OKP", "Ed25519"] }),
        json!({ "jwk": {} }),
        json!({ "jwk": rsa }),
        altered("kty", json!("EC")),
        altered("kty", json!("oct")),
        altered("kty", json!(null)),
        altered("crv", json!("X25519")),
        altered("crv", json!("Ed448")),
        altered("crv", json!("ed25519")),
        altered("x", json!("A".repeat(42))),
        altered("x", json!("")),
        altered("x", json!(null)),
        altered("d", x),
    ] {
        check_claim("cnf", confirmation);
    }
}

#[test]
fn changed_signatures_and_claims_do_not_hold() {
    let ed25519 = VerificationKey::new(Jwk::Ed25519(key().account().0)).unwrap();
    let (own, other) = (Jwt::read(vectors::PLAIN).unwrap(), Jwt::read(vectors::BOUND).unwrap());
    assert_eq!(own.verify(&ed25519), Ok(&plain()));
    let mixed = Jwt { signature: other.signature, ..own.clone() };
    assert_eq!(mixed.verify(&ed25519), Err(JwtError::InvalidSignature));
    for len in [0, 63, 65, 256] {
        let changed = Jwt { signature: vec![0; len], ..own.clone() };
        assert_eq!(changed.verify(&ed25519), Err(JwtError::InvalidSignature));
    }
    let rs256 = Jwt::read(vectors::RS256).unwrap();
    for at in [0, 128, 255] {
        let mut changed = rs256.clone();
        changed.signature[at] ^= 1;
        assert_eq!(changed.verify(rsa().verification_key()), Err(JwtError::InvalidSignature));
    }
}

#[test]
fn errors_become_those_of_every_verifier() {
    assert_eq!(VerifyError::from(JwtError::TooLong), VerifyError::Malformed);
    assert_eq!(VerifyError::from(JwtError::InvalidClaims), VerifyError::Malformed);
    assert_eq!(VerifyError::from(JwtError::InvalidSignature), VerifyError::InvalidSignature);
    assert_eq!(VerifyError::from(JwtError::WrongAlgorithm), VerifyError::InvalidSignature);
}
