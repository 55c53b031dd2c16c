use super::*;

fn update(members: Value) -> Result<ClientUpdate, RegistrationError> {
    let registered = read(json!({ "client_name": "before" })).unwrap();
    ClientUpdate::read(request(members).to_string().as_bytes(), "0oa1", &registered)
}

#[test]
fn a_registration_is_replaced_as_a_whole() {
    let changed = update(json!({ "client_id": "0oa1", "scope": "meters:read", "client_secret": "hidden" })).unwrap();
    assert_eq!(changed.metadata, read(json!({ "scope": "meters:read" })).unwrap());
    assert_eq!(changed.client_secret.as_ref().map(|secret| secret.as_str()), Some("hidden"));
    assert!(!format!("{changed:?}").contains("hidden"));
    assert_eq!(update(json!({ "client_id": "0oa1" })).unwrap().client_secret, None);
}

#[test]
fn what_a_client_can_not_change() {
    let with = |name: &str, value: Value| update(json!({ "client_id": "0oa1", name: value }));
    for (name, value) in [
        ("client_id", json!("0oa2")),
        ("client_id", json!(null)),
        ("registration_access_token", json!("t")),
        ("registration_client_uri", json!("https://as.example/clients/0oa1")),
        ("client_secret_expires_at", json!(0)),
        ("client_id_issued_at", json!(1)),
        ("client_secret", json!("")),
        ("client_secret", json!(1)),
        ("marque_device", json!(device(2).to_string())),
        ("jwks_uri", json!("https://client.example/keys")),
    ] {
        assert!(matches!(with(name, value), Err(RegistrationError::InvalidClientMetadata(_))), "{name}");
    }
    let redirects = with("redirect_uris", json!(["https://client.example/cb"]));
    assert_eq!(redirects, Err(RegistrationError::InvalidRedirectUri));
}
