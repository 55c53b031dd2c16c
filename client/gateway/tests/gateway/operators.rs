//! The operators' API: who may do what, and the whole procedure from an application to a token.

use axum::http::Request;
use marque_gateway::{log::Caller, settings::Role};
use serde_json::{Value, json};

use crate::scene::{Answer, Scene, TOKEN, by, did, policy};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub async fn token(scene: &Scene, role: Role) -> String {
    let caller = Caller::default();
    scene.gateway.create_operator(by(&caller), "test", role, DAY_MS).await.unwrap().token.to_string()
}

pub async fn send(scene: &Scene, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("SSWS {token}"));
    let request = request.header("content-type", "application/json");
    scene.send(request.body(body.map(|body| body.to_string()).unwrap_or_default().into()).unwrap()).await
}

pub fn expect(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.body["errorCode"].as_str()), (status, Some(code)), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn from_an_application_to_a_token() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let new = json!({ "label": "Meter service", "device": did().to_string() });
    let made = send(&scene, &operator, "POST", "/api/v1/apps", Some(new)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, secret) = (made.body["client_id"].as_str().unwrap(), made.body["client_secret"].as_str().unwrap());
    let form = format!("grant_type=client_credentials&scope=meters:read&client_id={id}&client_secret={secret}");
    assert_eq!(scene.post(TOKEN, &form).await.status, 200);

    let shown = send(&scene, &operator, "GET", &format!("/api/v1/apps/{id}"), None).await;
    assert_eq!((shown.status.as_u16(), &shown.body["status"]), (200, &json!("ACTIVE")));
    assert_eq!(shown.body.get("client_secret"), None, "it is shown once");
    assert!(!shown.body.to_string().contains("mac"), "what is kept of it is not shown");
    let list = send(&scene, &operator, "GET", "/api/v1/apps", None).await;
    assert_eq!(list.body.as_array().unwrap().len(), 1);

    let off = format!("/api/v1/apps/{id}/lifecycle/deactivate");
    assert_eq!(send(&scene, &operator, "POST", &off, None).await.body["status"], "INACTIVE");
    assert_eq!(scene.post(TOKEN, &form).await.status, 401);
    assert_eq!(send(&scene, &operator, "DELETE", &format!("/api/v1/apps/{id}"), None).await.status, 204);
    expect(&send(&scene, &operator, "GET", &format!("/api/v1/apps/{id}"), None).await, 404, "E0000007");
}

#[tokio::test]
async fn each_role_may_do_what_is_its_own_and_no_more() {
    let scene = Scene::new().await;
    let id = scene.app().await.id;
    let policy = serde_json::to_value(policy()).unwrap();
    let new = json!({ "label": "x", "device": did().to_string() });
    let api_token = json!({ "name": "x", "role": "security_officer" });
    let server = json!({ "name": "default", "issuer": 3, "url": crate::scene::URL });
    let policies = "/api/v1/authorizationServers/default/policies";
    let federations = "/api/v1/authorizationServers/default/federation";
    let federation = federation();
    let initial = json!({ "name": "x", "devices": "every", "registrations": 1, "lifetime_ms": 1000 });
    let secrets = format!("/api/v1/apps/{id}/credentials/secrets");
    for (method, path, body, least) in [
        ("GET", "/api/v1/apps", None, Role::Reader),
        ("GET", policies, None, Role::Reader),
        ("GET", &secrets, None, Role::Reader),
        ("POST", "/api/v1/apps", Some(&new), Role::Operator),
        ("PUT", &format!("{policies}/devices"), Some(&policy), Role::Operator),
        ("POST", &secrets, None, Role::SecurityOfficer),
        ("PUT", "/api/v1/authorizationServers/default", Some(&server), Role::SecurityOfficer),
        ("POST", "/api/v1/api-tokens", Some(&api_token), Role::SecurityOfficer),
        ("GET", "/api/v1/api-tokens", None, Role::SecurityOfficer),
        ("GET", federations, None, Role::Reader),
        ("PUT", &format!("{federations}/plant"), Some(&federation), Role::SecurityOfficer),
        ("GET", &format!("{federations}/plant"), None, Role::Reader),
        ("GET", "/api/v1/initial-access-tokens", None, Role::SecurityOfficer),
        ("POST", "/api/v1/initial-access-tokens", Some(&initial), Role::SecurityOfficer),
    ] {
        for role in [Role::Reader, Role::Operator, Role::SecurityOfficer] {
            let answer = send(&scene, &token(&scene, role).await, method, path, body.cloned()).await;
            if role < least {
                expect(&answer, 403, "E0000006");
            } else {
                assert!(answer.status.is_success(), "{method} {path} {role:?}: {}", answer.body);
            }
        }
        expect(&send(&scene, "00Tx.y", method, path, body.cloned()).await, 401, "E0000011");
    }
}

#[tokio::test]
async fn a_token_counts_until_it_ends_or_is_revoked() {
    let scene = Scene::new().await;
    let officer = token(&scene, Role::SecurityOfficer).await;
    let made = json!({ "name": "ci", "role": "reader", "lifetime_s": 60 });
    let made = send(&scene, &officer, "POST", "/api/v1/api-tokens", Some(made)).await;
    let (id, reader) = (made.body["id"].as_str().unwrap(), made.body["token"].as_str().unwrap());
    let apps = async |token: &str| send(&scene, token, "GET", "/api/v1/apps", None).await.status.as_u16();
    assert_eq!(apps(reader).await, 200);
    assert_eq!(apps(&reader[..reader.len() - 1]).await, 401);
    scene.advance(60);
    assert_eq!(apps(reader).await, 401, "it has ended");
    let path = format!("/api/v1/api-tokens/{id}");
    assert_eq!(send(&scene, &officer, "DELETE", &path, None).await.status, 204);
    expect(&send(&scene, &officer, "DELETE", &path, None).await, 404, "E0000007");
    let too_long = json!({ "name": "x", "role": "reader", "lifetime_s": 401 * 86_400 });
    expect(&send(&scene, &officer, "POST", "/api/v1/api-tokens", Some(too_long)).await, 400, "E0000001");
    assert!(!scene.store_text().await.contains(reader.split_once('.').unwrap().1), "tokens are not kept");
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let before = scene.store_text().await;
    let mut broad = serde_json::to_value(policy()).unwrap();
    broad["rules"][0]["scopes"] = json!(["*"]);
    let policies = "/api/v1/authorizationServers/default/policies";
    for (path, body, status, code) in [
        (format!("{policies}/devices"), broad.clone(), 400, "E0000001"),
        (format!("{policies}/other"), serde_json::to_value(policy()).unwrap(), 400, "E0000001"),
        (
            "/api/v1/authorizationServers/x/policies/devices".into(),
            serde_json::to_value(policy()).unwrap(),
            404,
            "E0000007",
        ),
        (format!("{policies}/devices"), json!({ "name": "devices" }), 400, "E0000001"),
        (format!("{policies}/devices"), json!("x".repeat(70_000)), 400, "E0000001"),
    ] {
        expect(&send(&scene, &operator, "PUT", &path, Some(body)).await, status, code);
    }
    assert_eq!(scene.store_text().await, before);
}

fn federation() -> Value {
    json!({
        "name": "plant", "server": "default", "is_active": true,
        "source": { "external": {
            "issuer": "https://idp.example", "keys": { "jwks_uri": "https://idp.example/keys" },
            "audiences": ["https://as.example"], "algorithms": ["ES256"],
        } },
        "subject": { "did_claim": { "claim": "device" } },
        "scopes": [{ "from": "read", "to": ["meters:read"] }],
    })
}

#[tokio::test]
async fn a_federation_is_put_in_changed_and_taken_out() {
    let scene = Scene::new().await;
    let officer = token(&scene, Role::SecurityOfficer).await;
    let all = "/api/v1/authorizationServers/default/federation";
    let (one, good) = (format!("{all}/plant"), federation());
    let with = |name: &str, value: Value| {
        let mut federation = federation();
        federation[name] = value;
        federation
    };
    for (path, body, status) in [
        (&one, with("scopes", json!([{ "to": ["meters:read"] }])), 400),
        (&one, with("scopes", json!([{ "from": "*", "to": ["meters:read"] }])), 400),
        (&one, with("subject", json!({ "fixed": { "device": "did:web:example.org" } })), 400),
        (&one, with("name", json!("other")), 400),
        (&one, with("server", json!("second")), 400),
        (&format!("{all}/other"), good.clone(), 400),
        (&"/api/v1/authorizationServers/second/federation/plant".to_owned(), with("server", json!("second")), 404),
    ] {
        let answer = send(&scene, &officer, "PUT", path, Some(body)).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {}", answer.body);
    }
    expect(&send(&scene, &officer, "GET", &one, None).await, 404, "E0000007");
    assert_eq!(send(&scene, &officer, "PUT", &one, Some(good)).await.status, 200);
    let off = send(&scene, &officer, "PUT", &one, Some(with("is_active", json!(false)))).await;
    assert_eq!((off.status.as_u16(), &off.body["is_active"]), (200, &json!(false)));
    let list = send(&scene, &officer, "GET", all, None).await.body;
    assert_eq!((list.as_array().unwrap().len(), &list[0]), (1, &send(&scene, &officer, "GET", &one, None).await.body));
    assert_eq!(send(&scene, &officer, "DELETE", &one, None).await.status, 204);
    expect(&send(&scene, &officer, "DELETE", &one, None).await, 404, "E0000007");
    let second = "/api/v1/authorizationServers/second/federation";
    expect(&send(&scene, &officer, "GET", second, None).await, 404, "E0000007");
    let events = scene.events().await;
    let names: Vec<_> = events.iter().filter_map(|event| event["eventType"].as_str()).collect();
    let of = |verb: &str| format!("app.oauth2.trusted_server.{verb}");
    assert_eq!(names, [of("create"), of("update"), of("delete")]);
}

#[tokio::test]
async fn each_path_is_described() {
    let scene = Scene::new().await;
    let described = scene.get("/api/v1/openapi.json").await;
    assert_eq!(described.status, 200);
    let paths = described.body["paths"].as_object().unwrap();
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            let answer = send(&scene, "no token", &method.to_uppercase(), &path, None).await;
            expect(&answer, 401, "E0000011");
        }
    }
    assert!(paths.len() > 10);
}
