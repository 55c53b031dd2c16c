use data_encoding::{BASE64, BASE64URL_NOPAD};
use marque_sdk::token::P256PublicKey;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData, SignatureAlgorithm};

use super::*;

/// A self-signed certificate with an RSA key of 2048 bits, which was thrown away, and the key's modulus.
const RSA_CERTIFICATE: &str = "\
    MIIDEzCCAfugAwIBAgIUCFYWXH7mx5WSC9nCd03y4Xx9bI8wDQYJKoZIhvcNAQELBQAwGDEWMBQGA1UEAwwNbWV0ZXIuZXhhbXBs\
    ZTAgFw0yNjExMjUwOTU1MTRaGA8yMTI2MTEwMTA5NTUxNFowGDEWMBQGA1UEAwwNbWV0ZXIuZXhhbXBsZTCCASIwDQYJKoZIhvcN\
    AQEBBQADggEPADCCAQoCggEBAK3LE+aXbIqOvJqHpAmebs5zscJsNJ8S8dNOTyYB+bUnXe0OyjJxgqV7LnLAQY8GLvAw3M2ZjPeA\
    nlT+oc+fh8fqfQbep1vx+49SVsDm1QCoWYYGOFbpLyK7wSXubS4f9nloWhASVk6u2BNQLmXXfI1Ti1/7OvLD90H2HHJyTShN5XKH\
    fK1hVjfNvNETgzURt2dsDc380u1NKQqtRMFetVijNm353Z4Hf5K6C6DoDPetM50zxEbmqqpQa1V2oeXbwrccHcMoHv/vJMnbI+vB\
    MYwNE0OhTRHqkM3NA1+55AcmDIlPan91ajN/s87H8qYi7wZZw82cyp5zvfJlY1lf7NcCAwEAAaNTMFEwHQYDVR0OBBYEFCYcme5U\
    mRqqLy+arevBQuwcg2SHMB8GA1UdIwQYMBaAFCYcme5UmRqqLy+arevBQuwcg2SHMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcN\
    AQELBQADggEBAE+VesqwtR3WHNl7SgdY5VQ3NB8ka+bZK28WOYLTVumU+aQ5kRPsFhfjWZO+KxnXtEHalSQ/EqJgwP3/+tCoPjEo\
    A7IJAk2rsJi4VbUSyZHNeLyXGdpp12FoByAnuuM8JUFW8DxsixLdeDJPYWbv0ehrfMFYh9oeoH0sloKwsSjdFXU2SWBL61t/O87U\
    DsVO25Rmrx3OXVsEWIHXWwQKmX+0UfkL3xvW9xfplyOCg6p60UXAth/TEigcYZfS2OVJqGNwj/0cHVq79XrkKVt52Y3ew9fbPoYY\
    DYXyOg7j7dX+CxMxqj0CMIabsblr60tK0pX3St7RbdASP8Wzfb3SIN0=\
";
const RSA_MODULUS: &str = "\
    rcsT5pdsio68moekCZ5uznOxwmw0nxLx005PJgH5tSdd7Q7KMnGCpXsucsBBjwYu8DDczZmM94CeVP6hz5-Hx-p9Bt6nW_H7j1JW\
    wObVAKhZhgY4VukvIrvBJe5tLh_2eWhaEBJWTq7YE1AuZdd8jVOLX_s68sP3QfYccnJNKE3lcod8rWFWN8280RODNRG3Z2wNzfzS\
    7U0pCq1EwV61WKM2bfndngd_kroLoOgM960znTPERuaqqlBrVXah5dvCtxwdwyge_-8kydsj68ExjA0TQ6FNEeqQzc0DX7nkByYM\
    iU9qf3VqM3-zzsfypiLvBlnDzZzKnnO98mVjWV_s1w\
";

fn by_keys(keys: Value) -> Value {
    json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": keys })
}

fn by_certificate(keys: Value) -> Value {
    json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": { "keys": keys } })
}

/// A key with its certificate, as a client registers it.
fn certified(algorithm: &'static SignatureAlgorithm) -> Value {
    let pair = KeyPair::generate_for(algorithm).unwrap();
    let certificate = CertificateParams::new(vec!["meter.example".to_owned()]).unwrap().self_signed(&pair).unwrap();
    let key = if algorithm == &PKCS_ED25519 {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(pair.der_bytes()) })
    } else {
        Jwk::P256(P256PublicKey::from_sec1(pair.der_bytes()).unwrap()).to_json()
    };
    let mut key = key;
    key["x5c"] = json!([BASE64.encode(certificate.der())]);
    key
}

#[test]
fn keys_are_public_few_and_all_understood() {
    let ClientAuthentication::PrivateKeyJwt(read_keys) = read(by_keys(keys(50))).unwrap().authentication else {
        panic!("it authenticates with its keys")
    };
    assert_eq!(read_keys.to_json(), keys(50));
    let changed = |name: &str, value: Value| {
        let mut set = keys(2);
        set["keys"][1][name] = value;
        by_keys(set)
    };
    assert!(is_refused(by_keys(keys(51)), "1 to 50"));
    assert!(is_refused(by_keys(json!({ "keys": [] })), "1 to 50"));
    assert!(is_refused(by_keys(json!({})), "1 to 50"));
    assert!(is_refused(by_keys(json!("keys")), "1 to 50"));
    assert!(is_refused(changed("d", json!("AA")), "private"));
    for (name, value) in [
        ("kty", json!("oct")),
        ("kid", json!("k0")),
        ("kid", json!(null)),
        ("use", json!("enc")),
        ("alg", json!("RS256")),
        ("crv", json!("X25519")),
        ("x", json!("AAAA")),
    ] {
        assert!(is_refused(changed(name, value), "each key of jwks"), "{name}");
    }
    assert!(is_refused(by_keys(json!({ "keys": ["k"] })), "each key of jwks"));
}

#[test]
fn a_certificate_is_registered_with_its_key() {
    let all = json!([certified(&PKCS_ED25519), certified(&PKCS_ECDSA_P256_SHA256)]);
    let metadata = read(by_certificate(all.clone())).unwrap();
    let written = Value::from(metadata.to_json());
    assert_eq!(written["jwks"]["keys"], all);
    assert_eq!(ClientMetadata::read(written.to_string().as_bytes(), REGISTRY).as_ref(), Ok(&metadata));
    let ClientAuthentication::SelfSignedTlsClientAuth(certificates) = metadata.authentication else {
        panic!("it authenticates with its certificates")
    };
    let first = BASE64.decode(all[0]["x5c"][0].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(certificates[0].certificate, first);
}

#[test]
fn a_certificate_with_an_rsa_key_is_registered_with_that_key() {
    let with = |modulus: &str, exponent: &str| {
        let key = json!({ "kty": "RSA", "n": modulus, "e": exponent, "x5c": [RSA_CERTIFICATE] });
        by_certificate(json!([key]))
    };
    assert!(read(with(RSA_MODULUS, "AQAB")).is_ok());
    assert!(is_refused(with(RSA_MODULUS, "AQAD"), "its certificate"), "the exponent is another");
    let other = format!("{}B{}", &RSA_MODULUS[..40], &RSA_MODULUS[41..]);
    assert!(is_refused(with(&other, "AQAB"), "its certificate"), "the modulus is another");
}

#[test]
fn what_was_understood_can_be_sent_back() {
    let bare = |count: usize| {
        let key = |number| json!({ "kty": "RSA", "kid": format!("{number}"), "n": RSA_MODULUS, "e": "AQAB" });
        by_keys(json!({ "keys": (0..count).map(key).collect::<Vec<_>>() }))
    };
    assert!(request(bare(38)).to_string().len() < 16 * 1024);
    assert!(is_refused(bare(38), "fewer keys"), "with what the answer adds, it is longer");
    let mut again = Value::from(read(bare(35)).unwrap().to_json());
    again["client_id"] = json!("0oa1");
    assert_eq!(ClientMetadata::read(again.to_string().as_bytes(), REGISTRY), read(bare(35)));
}

#[test]
fn certificates_that_are_refused() {
    let good = certified(&PKCS_ED25519);
    let with = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        by_certificate(json!([key]))
    };
    let (own, other) = (good["x5c"][0].clone(), certified(&PKCS_ED25519)["x5c"][0].clone());
    let longer = BASE64.encode(&[&BASE64.decode(own.as_str().unwrap().as_bytes()).unwrap()[..], b"\0"].concat());
    for chain in [
        json!(null),
        json!([]),
        json!(own),
        json!([own, other]),
        json!([other]),
        json!([certified(&PKCS_ECDSA_P256_SHA256)["x5c"][0]]),
        json!(["AAAA"]),
        json!(["!"]),
        json!([longer]),
        json!([1]),
    ] {
        assert!(is_refused(with("x5c", chain.clone()), "its certificate"), "{chain}");
    }
    assert!(is_refused(with("d", json!("AA")), "private"));
    assert!(is_refused(with("x", json!("AAAA")), "each key of jwks"));
    assert!(is_refused(by_certificate(json!([])), "1 to 50"));
}
