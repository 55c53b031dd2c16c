//! What is wrong with the token around its claims, and with how things are encoded.

use super::*;

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
