use marque_sdk::{
    primitives::token::{Claims, Confirmation},
    token::{JwtSigningKey, issue_jwt_with},
};
use proptest::prelude::*;

use super::*;

#[test]
fn a_token_stands_for_a_device() {
    let subject = verify(&claims()).unwrap();
    assert_eq!(subject.device, device(1));
    assert_eq!(subject.scopes, set(&["meters:read"]), "what is mapped, of what it has");
    assert_eq!(Value::from(subject.claims), json!({ "plant_site": "north" }));
    assert_eq!((subject.expires_s, &*subject.issuer), (NOW_S + 60, ISSUER));
    assert_eq!((subject.token_id.as_deref(), &*subject.subject), (Some("t1"), "meter 1"));
    assert_eq!(subject.used_id, None);
}

#[test]
fn a_token_by_es256_is_taken_where_the_federation_allows_it() {
    let key = JwtSigningKey::es256(&JwtSigningKey::generate_es256().unwrap()).unwrap();
    let mut federation = federation();
    federation.subject = SubjectMapping::DidClaim { claim: "sub".into() };
    federation.scopes = vec![mapping(Some("doors:read"), &["doors:open"])];
    let said = Claims {
        issuer: ISSUER.into(),
        subject: device(1).into(),
        audience: vec!["api://other".into(), AUDIENCE.into()],
        expires_s: NOW_S + 60,
        issued_s: NOW_S,
        not_before_s: None,
        token_id: "t1".into(),
        client_id: "0oa1".into(),
        scopes: vec!["doors:read".into()],
        epoch: 0,
        confirmation: None::<Confirmation>,
    };
    let text = issue_jwt_with(&said, "e1", &key).unwrap();
    let token = SubjectToken::read(&text, SubjectTokenType::Jwt).unwrap();
    assert_eq!((token.issuer(), token.key_id()), (Some(ISSUER), "e1"));
    let keys = JwkSet { keys: vec![PublishedKey { key_id: "e1".into(), key: key.verification_key().clone() }] };
    let verify = |federation: &Federation| token.verify(&keys, &expected(federation, &ProvenKeys::default()));
    assert_eq!(verify(&federation), Err(SubjectTokenError::WrongAlgorithm));
    external(&mut federation).algorithms.insert(SigningAlgorithm::Es256);
    assert_eq!(verify(&federation).unwrap().scopes, set(&["doors:open"]));
}

#[test]
fn headers_that_are_refused() {
    use SubjectTokenError::*;
    for (header, refusal) in [
        (json!({ "alg": "none", "kid": "k7" }), WrongAlgorithm),
        (json!({ "alg": "HS256", "kid": "k7" }), WrongAlgorithm),
        (json!({ "alg": "ES256", "kid": "k7" }), WrongAlgorithm),
        (json!({ "alg": "EdDSA", "kid": "k7", "typ": "dpop+jwt" }), WrongType),
        (json!({ "alg": "EdDSA", "kid": "k7", "typ": "client-authentication+jwt" }), WrongType),
        (json!({ "alg": "EdDSA", "kid": "k7", "typ": "logout+jwt" }), WrongType),
        (json!({ "alg": "EdDSA", "kid": "k7", "typ": 1 }), WrongType),
        (json!({ "alg": "EdDSA" }), NoKeyId),
        (json!({ "alg": "EdDSA", "kid": "k8" }), UnknownKey),
        (json!({ "alg": "EdDSA", "kid": "k7", "jwk": {} }), NotJwt),
        (json!({ "alg": "EdDSA", "kid": "k7", "crit": ["b64"] }), NotJwt),
    ] {
        let refused = verify_with(&federation(), &sign(&header, &claims(), &account(7)));
        assert_eq!(refused.err(), Some(refusal), "{header}");
    }
    for typ in ["JWT", "jwt", "AT+JWT", "application/at+jwt"] {
        let header = json!({ "alg": "Ed25519", "kid": "k7", "typ": typ });
        assert!(verify_with(&federation(), &sign(&header, &claims(), &account(7))).is_ok(), "{typ}");
    }
    let another = sign(&json!({ "alg": "EdDSA", "kid": "k7" }), &claims(), &account(8));
    assert_eq!(verify_with(&federation(), &another).err(), Some(InvalidSignature));
    let id_token = |text: &str| SubjectToken::read(text, SubjectTokenType::IdToken).err();
    assert_eq!(id_token(&signed(&claims())), Some(WrongType), "an access token is no ID token");
    assert_eq!(id_token(&sign(&json!({ "alg": "EdDSA", "kid": "k7" }), &claims(), &account(7))), None);
}

#[test]
fn claims_that_are_refused() {
    use SubjectTokenError::*;
    let long = "x".repeat(257);
    for (claims, refusal) in [
        (without("iss"), WrongIssuer),
        (with("iss", json!("https://idp.example")), WrongIssuer),
        (with("iss", json!(format!("{ISSUER}/"))), WrongIssuer),
        (without("aud"), WrongAudience),
        (with("aud", json!("https://as.example")), WrongAudience),
        (with("aud", json!({ AUDIENCE: 1 })), WrongAudience),
        (with("aud", json!(vec![AUDIENCE; 17])), WrongAudience),
        (without("exp"), Expired),
        (with("exp", json!("1800000060")), Expired),
        (with("iat", json!(1.5)), NotYetValid),
        (with("nbf", json!("now")), NotYetValid),
        (without("sub"), InvalidSubject),
        (with("sub", json!("")), InvalidSubject),
        (with("sub", json!(1)), InvalidSubject),
        (with("sub", json!("a\nb")), InvalidSubject),
        (with("sub", json!(long)), InvalidSubject),
        (with("jti", json!("")), InvalidId),
        (with("jti", json!(long)), InvalidId),
        (with("site", json!("x".repeat(511))), ClaimTooLong),
        (with("act", json!("somebody")), InvalidActor),
        (with("act", json!({ "sub": "x".repeat(1024) })), InvalidActor),
        (without("serial"), UnknownDevice),
        (with("serial", json!("A2")), UnknownDevice),
        (with("serial", json!(["A1"])), UnknownDevice),
    ] {
        assert_eq!(verify(&claims).err(), Some(refusal), "{claims}");
    }
    assert!(verify(&without("jti")).is_ok() && verify(&without("iat")).is_ok());
    assert!(verify(&with("aud", json!(["api://other", AUDIENCE]))).is_ok());
    assert!(verify(&with("site", json!("x".repeat(510)))).is_ok());
    let error: crate::OAuthError = UnknownDevice.into();
    assert_eq!((error.status(), error.code()), (400, "invalid_request"), "RFC 8693, section 2.2.2");
}

#[test]
fn a_device_is_named_by_its_did_or_not_at_all() {
    let by_did = Federation { subject: SubjectMapping::DidClaim { claim: "device".into() }, ..federation() };
    let named = |did: Value| verify_with(&by_did, &signed(&with("device", did))).map(|subject| subject.device);
    assert_eq!(named(json!(device(2).to_string())), Ok(device(2)));
    let elsewhere = Did::new(RegistryId([1; 10]), device(2).device).to_string();
    for did in [json!(elsewhere), json!(format!("{}#key-0", device(2))), json!("did:web:idp.example"), json!(2)] {
        assert_eq!(named(did.clone()), Err(SubjectTokenError::UnknownDevice), "{did}");
    }
    let always = Federation { subject: SubjectMapping::Fixed { device: device(3).to_string() }, ..federation() };
    assert_eq!(verify_with(&always, &signed(&without("serial"))).unwrap().device, device(3));
}

#[test]
fn times_on_both_sides_of_each_bound() {
    for (name, good, bad, refusal) in [
        ("exp", NOW_S + 1, NOW_S, SubjectTokenError::Expired),
        ("iat", NOW_S + 30, NOW_S + 31, SubjectTokenError::NotYetValid),
        ("nbf", NOW_S + 30, NOW_S + 31, SubjectTokenError::NotYetValid),
    ] {
        assert!(verify(&with(name, json!(good))).is_ok(), "{name}");
        assert_eq!(verify(&with(name, json!(bad))).err(), Some(refusal), "{name}");
    }
    assert!(verify(&with("exp", json!(u64::MAX))).is_ok());
}

#[test]
fn a_token_that_is_bound_is_for_who_has_the_key() {
    let key = Jwk::from_public_key(&account(3).public_key()).unwrap();
    let bound = signed(&with("cnf", json!({ "jwk": key.to_json() })));
    let token = SubjectToken::read(&bound, SubjectTokenType::AccessToken).unwrap();
    let federation = federation();
    let proven = |thumbprints| ProvenKeys { thumbprints, certificates: vec![] };
    let with = |proven: ProvenKeys| token.verify(&keys(), &expected(&federation, &proven)).map(|_| ());
    assert_eq!(with(proven(vec![])), Err(SubjectTokenError::NotHolder));
    assert_eq!(with(proven(vec![[0; 32]])), Err(SubjectTokenError::NotHolder));
    assert_eq!(with(proven(vec![key.thumbprint()])), Ok(()));
}

#[test]
fn a_token_is_known_again_where_it_is_exchanged_once() {
    let once = Federation { single_use: true, ..federation() };
    let used = |claims: &Value| verify_with(&once, &signed(claims)).map(|subject| subject.used_id.unwrap());
    assert_eq!(used(&claims()), used(&with("exp", json!(NOW_S + 99))), "by its id, whatever else it says");
    assert_ne!(used(&claims()), used(&with("jti", json!("t2"))));
    assert_eq!(used(&without("jti")), Err(SubjectTokenError::InvalidId));
}

#[test]
fn all_conditions_must_hold() {
    let condition = |claim: &str, one_of: &[&str]| Condition { claim: claim.into(), one_of: set(one_of) };
    let conditions = vec![condition("site", &["north", "south"]), condition("is_sealed", &["true"])];
    let strict = Federation { conditions, ..federation() };
    let check = |site: Value, sealed: Value| {
        let mut claims = with("site", site);
        claims["is_sealed"] = sealed;
        verify_with(&strict, &signed(&claims)).map(|_| ())
    };
    assert_eq!(check(json!("south"), json!(true)), Ok(()));
    assert_eq!(check(json!("south"), json!("true")), Ok(()));
    for (site, sealed) in [
        (json!("west"), json!(true)),
        (json!("north "), json!(true)),
        (json!("north"), json!(false)),
        (json!("north"), json!(1)),
        (json!("north"), json!(null)),
        (json!(["north"]), json!(true)),
    ] {
        assert_eq!(check(site, sealed), Err(SubjectTokenError::ConditionNotMet));
    }
    assert_eq!(verify_with(&strict, &signed(&claims())).err(), Some(SubjectTokenError::ConditionNotMet));
}

#[test]
fn who_acts_for_another_device_is_named() {
    let act = |claims: &Value, client: u8| verify(claims).unwrap().act(&device(client));
    assert_eq!(act(&claims(), 1), Ok(None), "the device itself");
    assert_eq!(act(&claims(), 2), Ok(Some(json!({ "sub": device(2).to_string() }))));
    let before = with("act", json!({ "sub": "gateway" }));
    assert_eq!(act(&before, 1), Ok(Some(json!({ "sub": "gateway" }))), "what was before stays");
    let both = json!({ "sub": device(2).to_string(), "act": { "sub": "gateway" } });
    assert_eq!(act(&before, 2), Ok(Some(both)));
}

#[test]
fn who_may_act_is_up_to_the_token() {
    let may_act = |value: Value, client: u8| verify(&with("may_act", value)).unwrap().act(&device(client)).map(|_| ());
    assert_eq!(may_act(json!({ "sub": device(2).to_string() }), 2), Ok(()));
    assert_eq!(may_act(json!({ "sub": device(2).to_string() }), 1), Ok(()), "the device itself");
    for value in [
        json!({ "sub": device(2).to_string() }),
        json!({ "sub": device(3).to_string(), "iss": "https://other.example" }),
        json!({}),
        json!(null),
    ] {
        assert_eq!(may_act(value, 3), Err(SubjectTokenError::MayNotAct));
    }
}

proptest! {
    #[test]
    fn whatever_is_shown_is_refused_in_order(header in ".{0,60}", claims in ".{0,60}", signature in ".{0,60}") {
        let encoded = |part: &str| BASE64URL_NOPAD.encode(part.as_bytes());
        prop_assert!(verify_with(&federation(), &header).is_err());
        let bare = format!("{header}.{claims}.{signature}");
        prop_assert!(verify_with(&federation(), &bare).is_err());
        let text = format!("{}.{}.{}", encoded(&header), encoded(&claims), encoded(&signature));
        prop_assert!(verify_with(&federation(), &text).is_err());
    }
}
