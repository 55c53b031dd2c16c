//! Applications that sign with keys which are registered for them (`private_key_jwt`).

use marque_gateway::{
    operate::{ChangeError, NewApp},
    settings::{AppError, Authentication, SettingsError},
};
use marque_sdk::{
    Account, Signer,
    token::{Jwk, JwtSigningKey},
};
use serde_json::{Value, json};

use crate::{
    assertion::encode,
    call::Call,
    scene::{Answer, Scene, URL, by, device_key, did, new_app},
    signed::{account, by_account, by_key, p256, rsa},
};

fn ed25519(key: &Account, kid: &str) -> Value {
    named(Jwk::from_public_key(&key.public_key()).unwrap().to_json(), kid)
}

fn of_key(key: &JwtSigningKey, kid: &str) -> Value {
    named(key.verification_key().jwk().to_json(), kid)
}

fn named(mut jwk: Value, kid: &str) -> Value {
    jwk["kid"] = kid.into();
    jwk
}

fn with_keys(keys: &[Value]) -> NewApp {
    let jwks = Some(json!({ "keys": keys }));
    NewApp { authentication: Authentication::PrivateKeyJwt, jwks, ..new_app() }
}

/// Claims of a good assertion of an application, which was not used.
fn claims(scene: &Scene, id: &str) -> Value {
    let now_s = scene.now_s();
    json!({ "iss": id, "sub": id, "aud": format!("{URL}/v1/token"), "exp": now_s + 60, "jti": scene.new_id() })
}

fn sign(claims: &Value, key: &Account) -> String {
    by_account(&json!({ "alg": "EdDSA" }), claims, key)
}

async fn ask(scene: &Scene, assertion: &str) -> Answer {
    Call::by_assertion(assertion, "meters:read").send(scene).await
}

#[tokio::test]
async fn each_kind_of_key_proves_who_the_application_is() {
    let scene = Scene::new().await;
    let (rsa, p256) = (rsa(), p256());
    let keys = [ed25519(&account(3), "ed"), of_key(&rsa, "rsa"), of_key(&p256, "p256")];
    let id = scene.put_app(&with_keys(&keys)).await.id;
    let new = || claims(&scene, &id);
    for assertion in [
        sign(&new(), &account(3)),
        by_account(&json!({ "alg": "Ed25519", "kid": "ed", "typ": "client-authentication+jwt" }), &new(), &account(3)),
        by_key(&new(), &rsa),
        by_key(&new(), &p256),
    ] {
        let said = ask(&scene, &assertion).await.said();
        assert_eq!((&said["client_id"], &said["sub"]), (&json!(id), &json!(did().to_string())));
        assert_eq!(said.get("cnf"), None, "no device has this key");
        ask(&scene, &assertion).await.expect_refused(401, "invalid_client");
    }
    let events = scene.events().await;
    assert_eq!(events[0]["debugContext"]["debugData"]["factors"], json!(["registered_key"]));
}

#[tokio::test]
async fn only_its_own_keys_count() {
    let scene = Scene::new().await;
    let id = scene.put_app(&with_keys(&[ed25519(&account(3), "a"), ed25519(&account(4), "b")])).await.id;
    let other = scene.put_app(&with_keys(&[ed25519(&account(5), "a")])).await.id;
    let by_secret = scene.put_app(&NewApp { jwks: with_keys(&[ed25519(&account(6), "a")]).jwks, ..new_app() }).await.id;
    let claims = claims(&scene, &id);
    let with_kid = |kid: &str| by_account(&json!({ "alg": "EdDSA", "kid": kid }), &claims, &account(3));
    for (why, assertion) in [
        ("a key of another application", sign(&claims, &account(5))),
        ("the key of the device that it acts for", sign(&claims, &device_key())),
        ("a name of another of its keys", with_kid("b")),
        ("a name of none of its keys", with_kid("c")),
        ("a key of the same kind that nobody has", by_key(&claims, &p256())),
        ("an application that shows a secret", sign(&self::claims(&scene, &by_secret), &account(6))),
        ("an application that is not there", sign(&self::claims(&scene, "0oaunknown"), &account(3))),
        ("another application's id", sign(&self::claims(&scene, &other), &account(3))),
    ] {
        let answer = ask(&scene, &assertion).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]), (401, &json!("invalid_client")), "{why}");
    }
    assert_eq!(ask(&scene, &with_kid("a")).await.status, 200, "what was refused used up nothing");
}

#[tokio::test]
async fn an_assertion_fits_who_asks_where_and_when() {
    let scene = Scene::new().await;
    let id = scene.put_app(&with_keys(&[ed25519(&account(3), "a")])).await.id;
    let now_s = scene.now_s();
    for (name, value) in [
        ("aud", json!("https://as.example/oauth2/other")),
        ("aud", json!([URL, "https://as.example/oauth2/other"])),
        ("sub", json!(did().to_string())),
        ("exp", json!(now_s - 30)),
        ("exp", json!(now_s + 3600 + 61)),
        ("exp", Value::Null),
        ("iat", json!(now_s + 31)),
        ("jti", Value::Null),
    ] {
        let mut bad = claims(&scene, &id);
        bad[name] = value;
        ask(&scene, &sign(&bad, &account(3))).await.expect_refused(401, "invalid_client");
    }
    let named = |client_id: &str| {
        Call::by_assertion(&sign(&claims(&scene, &id), &account(3)), "meters:read").with("client_id", client_id)
    };
    named("0oaother").send(&scene).await.expect_refused(401, "invalid_client");
    assert_eq!(named(&id).send(&scene).await.status, 200);
    let of_issuer = json!({ "iss": id, "sub": id, "aud": URL, "exp": now_s + 3600 + 30, "jti": "a" });
    assert_eq!(ask(&scene, &sign(&of_issuer, &account(3))).await.status, 200, "the issuer, and an hour with the skew");
}

#[tokio::test]
async fn a_key_that_was_taken_out_counts_no_more() {
    let scene = Scene::new().await;
    let id = scene.put_app(&with_keys(&[ed25519(&account(3), "a")])).await.id;
    let ask = async |number| ask(&scene, &sign(&claims(&scene, &id), &account(number))).await.status.as_u16();
    assert_eq!((ask(3).await, ask(4).await), (200, 401));
    let caller = Default::default();
    let next = with_keys(&[ed25519(&account(4), "b")]);
    scene.gateway.update_app(by(&caller), &id, &next).await.unwrap();
    assert_eq!((ask(3).await, ask(4).await), (401, 200));
    scene.gateway.set_app_active(by(&caller), &id, false).await.unwrap();
    assert_eq!(ask(4).await, 401);
}

#[tokio::test]
async fn sets_of_keys_that_do_not_fit_are_refused() {
    let scene = Scene::new().await;
    let many = |count: u8| (0..count).map(|n| ed25519(&account(100 + n), &n.to_string())).collect::<Vec<_>>();
    let key = || ed25519(&account(3), "a");
    let with = |name: &str, value: &str| {
        let mut key = key();
        key[name] = value.into();
        key
    };
    for keys in [
        vec![],
        many(51),
        vec![with("d", "AAAA")],
        vec![key(), with("k", "AAAA")],
        vec![key(), key()],
        vec![with("use", "enc")],
        vec![with("alg", "RS256")],
        vec![with("x", "AAAA")],
        vec![json!({ "kty": "oct", "k": "AAAA", "kid": "a" })],
        vec![json!("a")],
    ] {
        let refused = scene.gateway.create_app(by(&Default::default()), &with_keys(&keys)).await;
        let is_keys = matches!(refused, Err(ChangeError::Settings(SettingsError::App(AppError::InvalidKeys))));
        assert!(is_keys, "{keys:?}: {refused:?}");
    }
    let none = NewApp { jwks: None, ..with_keys(&[]) };
    assert!(scene.gateway.create_app(by(&Default::default()), &none).await.is_err());
    let id = scene.put_app(&with_keys(&many(50))).await.id;
    assert_eq!(ask(&scene, &sign(&claims(&scene, &id), &account(149))).await.status, 200, "the fiftieth counts");
}

#[tokio::test]
async fn an_assertion_is_used_up_at_each_endpoint() {
    let scene = Scene::new().await;
    let id = scene.put_app(&with_keys(&[ed25519(&account(3), "a")])).await.id;
    let assertion = sign(&claims(&scene, &id), &account(3));
    let asked = Call::by_assertion(&assertion, "").with("token", "x").to("/oauth2/default/v1/introspect");
    assert_eq!(asked.send(&scene).await.body, json!({ "active": false }));
    ask(&scene, &assertion).await.expect_refused(401, "invalid_client");
    let both = encode(&[("client_id", id.clone()), ("client_secret", "x".into()), ("client_assertion", "x".into())]);
    scene.post("/oauth2/default/v1/introspect", &both).await.expect_refused(401, "invalid_request");
}
