//! Which services are accepted.

use marque_primitives::{Error, Service, bounds};

fn service(id: &str, service_type: &str, endpoint: &str) -> Service {
    Service { id: id.into(), service_type: service_type.into(), endpoint: endpoint.into() }
}

#[track_caller]
fn check(service: &Service, valid: bool) {
    let expected = if valid { Ok(()) } else { Err(Error::InvalidService) };
    assert_eq!(service.validate(), expected, "{service:?}");
}

#[test]
fn ids() {
    for (id, valid) in [
        ("meter", true),
        ("A-Z.a_z~09", true),
        ("k", true),
        ("key", true),
        ("Key-1", true),
        ("", false),
        ("key-", false),
        ("key-0", false),
        ("a b", false),
        ("a#b", false),
        ("a%20", false),
        ("a/b", false),
        ("zähler", false),
        ("a\0", false),
        ("a\n", false),
    ] {
        check(&service(id, "T", "https://a.example"), valid);
    }
}

#[test]
fn types() {
    for (service_type, valid) in
        [("LinkedDomains", true), ("DIDCommMessaging", true), ("", false), ("a b", false), ("a:b", false)]
    {
        check(&service("s", service_type, "https://a.example"), valid);
    }
}

#[test]
fn endpoints() {
    for (endpoint, valid) in [
        ("https://meter.example:8443/a/b?c=d&e=%20#f", true),
        ("coap+tcp://[2001:db8::1]:5683/", true),
        ("did:marque:aaaaaaaaaaaaaaaa:z6Mk", true),
        ("urn:example:a", true),
        ("a:", true),
        ("", false),
        ("meter.example", false),
        ("//meter.example/", false),
        (":a", false),
        ("1a:b", false),
        ("a/b:c", false),
        ("a b:c", false),
        ("https://a.example/a b", false),
        ("https://a.example/\"", false),
        ("https://a.example/<script>", false),
        ("https://a.example/\\", false),
        ("https://a.example/^", false),
        ("https://a.example/`", false),
        ("https://a.example/{id}", false),
        ("https://a.example/|", false),
        ("https://a.example/\u{7f}", false),
        ("https://a.example/\r\nX: y", false),
        ("https://ä.example/", false),
    ] {
        check(&service("s", "T", endpoint), valid);
    }
}

#[test]
fn each_length_is_accepted_at_its_bound_and_refused_over_it() {
    let endpoint = |length: usize| format!("a:{}", "b".repeat(length - 2));
    let text = |length: usize| "b".repeat(length);
    let (id, kind, end) =
        (bounds::SERVICE_ID_BYTES_MAX, bounds::SERVICE_TYPE_BYTES_MAX, bounds::SERVICE_ENDPOINT_BYTES_MAX);
    check(&service(&text(id), &text(kind), &endpoint(end)), true);
    check(&service(&text(id + 1), &text(kind), &endpoint(end)), false);
    check(&service(&text(id), &text(kind + 1), &endpoint(end)), false);
    check(&service(&text(id), &text(kind), &endpoint(end + 1)), false);
}
