//! What is wrong with claims.

use super::*;

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
