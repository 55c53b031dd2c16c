use super::*;
use crate::SystemRandom;

#[test]
fn a_new_client_is_told_its_secrets_once() {
    let metadata = read(json!({ "client_name": "Meter reader" })).unwrap();
    let new = NewCredentials::generate(&metadata.authentication, &SystemRandom).unwrap();
    let (secret, token) = (new.client_secret.as_ref().unwrap(), &new.registration_access_token);
    assert_ne!(secret, token);
    let information = ClientInformation {
        client_id: &new.client_id,
        issued_s: 1_800_000_000,
        client_secret: Some(secret),
        registration_access_token: Some(token),
        registration_client_uri: "https://as.example/clients/0oa1",
        metadata: &metadata,
    };
    let expected = json!({
        "client_id": new.client_id,
        "client_id_issued_at": 1_800_000_000,
        "client_secret": **secret,
        "client_secret_expires_at": 0,
        "registration_access_token": **token,
        "registration_client_uri": "https://as.example/clients/0oa1",
        "client_name": "Meter reader",
        "marque_device": device(1).to_string(),
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": [],
        "response_types": [],
        "dpop_bound_access_tokens": false,
        "tls_client_certificate_bound_access_tokens": false,
    });
    assert_eq!(information.to_json(), expected);
    let later = ClientInformation { client_secret: None, registration_access_token: None, ..information };
    let shown = format!("{} {later:?} {information:?} {new:?}", later.to_json());
    assert!(!shown.contains(secret.as_str()) && !shown.contains(token.as_str()));
}

#[test]
fn who_has_keys_needs_no_secret() {
    let by_keys = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": keys(1) });
    let metadata = read(by_keys).unwrap();
    let new = NewCredentials::generate(&metadata.authentication, &SystemRandom).unwrap();
    assert!(new.client_secret.is_none());
    assert_eq!(new.secret_mac(&crate::MasterKey::new(zeroize::Zeroizing::new([1; 32]))), None);
}
