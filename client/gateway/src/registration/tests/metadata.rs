use proptest::prelude::*;

use super::*;
use crate::{CertificateBinding, GrantType};

#[test]
fn what_is_left_out_has_its_default() {
    let metadata = read(json!({})).unwrap();
    assert_eq!(metadata.device, device(1));
    assert_eq!(metadata.authentication, ClientAuthentication::SecretBasic);
    assert_eq!(metadata.grant_types, [GrantType::ClientCredentials].into());
    assert_eq!((metadata.scopes, metadata.client_name), (None, None));
    assert!(!metadata.is_dpop_bound);
    let nulls = json!({ "jwks": null, "jwks_uri": null, "redirect_uris": null, "scope": null, "contacts": null });
    assert!(read(nulls).is_ok(), "null is as if it were not there");
    let unknown = json!({ "logo_uri": "https://x.example", "client_name#de": "Zähler", "redirect_uris": [] });
    assert!(read(unknown).is_ok(), "what is not known is ignored");
}

#[test]
fn everything_is_understood_and_read_again_as_the_same() {
    let everything = json!({
        "client_name": "Meter reader",
        "grant_types": ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": keys(50),
        "scope": "meters:write meters:read meters:read",
        "dpop_bound_access_tokens": true,
        "software_id": "4NRB1",
        "software_version": "1.2",
        "contacts": ["ops@example.com"],
        "redirect_uris": [], "response_types": [],
    });
    let metadata = read(everything).unwrap();
    assert_eq!(metadata.scopes.clone().unwrap(), ["meters:read", "meters:write"]);
    assert_eq!(metadata.grant_types.len(), 2);
    assert_eq!(metadata.contacts, ["ops@example.com"]);
    let written = Value::from(metadata.to_json());
    assert_eq!(written["token_endpoint_auth_method"], "private_key_jwt");
    assert_eq!(written["scope"], "meters:read meters:write");
    assert_eq!(written["jwks"]["keys"].as_array().unwrap().len(), 50);
    assert_eq!(ClientMetadata::read(written.to_string().as_bytes(), REGISTRY), Ok(metadata));
}

#[test]
fn bodies_that_are_refused() {
    let read = |body: &[u8]| ClientMetadata::read(body, REGISTRY);
    for body in [&b""[..], b"[]", b"{", b"null", b"\xff", b"\"text\""] {
        assert!(matches!(read(body), Err(RegistrationError::InvalidClientMetadata(_))));
    }
    let mut long = request(json!({})).to_string().into_bytes();
    long.resize(16 * 1024, b' ');
    assert!(read(&long).is_ok());
    long.push(b' ');
    assert!(matches!(read(&long), Err(RegistrationError::InvalidClientMetadata(_))));
}

#[test]
fn the_device_must_be_one_of_the_registry() {
    let elsewhere = Did::new(RegistryId([1; 10]), device(1).device).to_string();
    for device in [json!(null), json!(1), json!("did:web:x.example"), json!(elsewhere), json!("*")] {
        assert!(is_refused(json!({ "marque_device": device }), "marque_device"), "{device}");
    }
}

#[test]
fn what_needs_a_browser_is_refused() {
    for uris in [json!(["https://client.example/cb"]), json!("https://client.example/cb"), json!({})] {
        let refused = read(json!({ "redirect_uris": uris })).unwrap_err();
        assert_eq!((refused.status(), refused.code()), (400, "invalid_redirect_uri"));
    }
    for types in [json!(["code"]), json!("code")] {
        assert!(is_refused(json!({ "response_types": types }), "response_types"));
    }
    for grant_types in [
        json!(["authorization_code"]),
        json!(["client_credentials", "refresh_token"]),
        json!([]),
        json!("client_credentials"),
        json!([1]),
        json!(vec!["client_credentials"; 9]),
    ] {
        assert!(is_refused(json!({ "grant_types": grant_types }), "grant_types"), "{grant_types}");
    }
}

#[test]
fn texts_and_flags_are_bounded() {
    for name in ["client_name", "software_id", "software_version"] {
        assert!(read(json!({ name: "ü".repeat(100) })).is_ok());
        for text in [json!(""), json!("x".repeat(101)), json!("a\nb"), json!(1), json!(["a"])] {
            assert!(is_refused(json!({ name: text }), name), "{name} {text}");
        }
    }
    for contacts in [json!(vec!["a"; 9]), json!(["x".repeat(255)]), json!([""]), json!("a"), json!([1])] {
        assert!(is_refused(json!({ "contacts": contacts }), "contacts"), "{contacts}");
    }
    for name in ["dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"] {
        assert!(is_refused(json!({ name: "true" }), name));
        assert!(read(json!({ name: false })).is_ok());
    }
    assert!(read(json!({ "dpop_bound_access_tokens": true })).unwrap().is_dpop_bound);
    assert!(is_refused(json!({ "tls_client_certificate_bound_access_tokens": true }), "choose dpop"));
}

#[test]
fn scopes_are_names_and_none_stands_for_all() {
    let many: Vec<String> = (0..17).map(|number| format!("meters:read-{number}")).collect();
    for scope in [json!("*"), json!("meters:*"), json!("openid"), json!("a  b"), json!(""), json!(many.join(" "))] {
        assert!(is_refused(json!({ "scope": scope }), "scope"), "{scope}");
    }
    assert!(read(json!({ "scope": many[..16].join(" ") })).is_ok());
}

#[test]
fn ways_of_authentication_that_are_refused() {
    for method in ["none", "client_secret_jwt", "CLIENT_SECRET_BASIC", ""] {
        assert!(is_refused(json!({ "token_endpoint_auth_method": method }), "token_endpoint_auth_method"), "{method}");
    }
    let by = |method: &str, name: &str, value: Value| json!({ "token_endpoint_auth_method": method, name: value });
    let uri = || json!("https://client.example/keys");
    assert!(is_refused(by("private_key_jwt", "jwks_uri", uri()), "jwks_uri"));
    assert!(is_refused(by("client_secret_basic", "jwks_uri", uri()), "jwks_uri"));
    assert!(is_refused(by("client_secret_post", "jwks", keys(1)), "jwks is for"));
    assert!(is_refused(by("tls_client_auth", "jwks", keys(1)), "needs the name"));
    assert!(is_refused(
        by("client_secret_basic", "tls_client_auth_san_dns", json!("x.example")),
        "is for tls_client_auth"
    ));
    assert!(is_refused(by("private_key_jwt", "scope", json!("meters:read")), "needs keys"));
    let mut both = by("private_key_jwt", "jwks", keys(1));
    both["tls_client_auth_san_dns"] = json!("x.example");
    assert!(is_refused(both, "is for tls_client_auth"));
    let posted = read(json!({ "token_endpoint_auth_method": "client_secret_post" })).unwrap();
    assert_eq!(posted.authentication, ClientAuthentication::SecretPost);
}

#[test]
fn a_certificate_has_one_name() {
    let by_name = |name: &str, value: &str| json!({ "token_endpoint_auth_method": "tls_client_auth", name: value });
    for (kind, value, name) in [
        ("subject_dn", "CN=meter,O=Example", CertificateBinding::SubjectDn("CN=meter,O=Example".into())),
        ("san_dns", "Meter.Example", CertificateBinding::SanDns("meter.example".into())),
        ("san_uri", "spiffe://x.example/meter", CertificateBinding::SanUri("spiffe://x.example/meter".into())),
        ("san_ip", "2001:db8:0::1", CertificateBinding::SanIp("2001:db8::1".parse().unwrap())),
        ("san_email", "meter@x.example", CertificateBinding::SanEmail("meter@x.example".into())),
    ] {
        let metadata = read(by_name(&format!("tls_client_auth_{kind}"), value)).unwrap();
        assert_eq!(metadata.authentication, ClientAuthentication::TlsClientAuth(name));
        let written = Value::from(metadata.to_json()).to_string();
        assert_eq!(ClientMetadata::read(written.as_bytes(), REGISTRY), Ok(metadata));
    }
    for (kind, value) in [
        ("subject_dn", "meter"),
        ("subject_dn", "CN=*"),
        ("san_dns", "*.example"),
        ("san_dns", "a..b"),
        ("san_dns", "-a.example"),
        ("san_dns", "a b"),
        ("san_uri", "meter"),
        ("san_ip", "10.0.0.0/8"),
        ("san_ip", "meter.example"),
        ("san_email", "meter"),
        ("san_email", "@x.example"),
        ("san_email", "a b@x.example"),
        ("san_uri", ""),
    ] {
        assert!(is_refused(by_name(&format!("tls_client_auth_{kind}"), value), "tls_client_auth name"), "{value}");
    }
    let mut two = by_name("tls_client_auth_san_dns", "x.example");
    two["tls_client_auth_san_ip"] = json!("10.0.0.1");
    assert!(is_refused(two, "no more"));
}

proptest! {
    #[test]
    fn whatever_is_sent_is_read_or_refused_in_order(body in ".{0,200}", name in "[a-z_]{1,20}", value in ".{0,40}") {
        prop_assert!(ClientMetadata::read(body.as_bytes(), REGISTRY).is_err());
        if let Ok(metadata) = read(json!({ name: value })) {
            let written = Value::from(metadata.to_json()).to_string();
            prop_assert_eq!(ClientMetadata::read(written.as_bytes(), REGISTRY), Ok(metadata));
        }
    }
}
