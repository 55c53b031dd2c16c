//! Metadata of an authorization server (RFC 8414), under the path of the standard and under Okta's. Of what can't be done, nothing is
//! said.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::answer;
use crate::{
    Gateway,
    policy::GrantType,
    settings::{Server, Settings},
};

const CACHE: &str = "public, max-age=3600";
const METHODS: [&str; 5] =
    ["private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "self_signed_tls_client_auth"];
const ALGORITHMS: [&str; 4] = ["EdDSA", "Ed25519", "ES256", "RS256"];
const CLAIMS: [&str; 13] =
    ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "epoch", "cnf", "ver", "cid", "scp"];

pub(super) async fn metadata(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>) -> Response {
    let settings = gateway.settings();
    let Some(server) = settings.servers.get(&name) else { return answer::not_found().await };
    ([(header::CACHE_CONTROL, CACHE)], Json(describe(server, &settings))).into_response()
}

fn describe(server: &Server, settings: &Settings) -> Value {
    let has_federation = settings.federations.of_server(server.name()).any(|federation| federation.is_active);
    let is_offered = |grant_type: &GrantType| *grant_type != GrantType::TokenExchange || has_federation;
    let grant_types: Vec<&str> = GrantType::ALL.into_iter().filter(is_offered).map(GrantType::name).collect();
    json!({
        "issuer": server.url(),
        "token_endpoint": server.token_endpoint,
        "jwks_uri": format!("{}/v1/keys", server.url()),
        "introspection_endpoint": format!("{}/v1/introspect", server.url()),
        "revocation_endpoint": format!("{}/v1/revoke", server.url()),
        "registration_endpoint": server.registration_endpoint(),
        "token_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "grant_types_supported": grant_types,
        // The standard wants one at least. There is no authorization endpoint, and this is the one that gives nothing.
        "response_types_supported": ["none"],
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": server.policies.scopes(),
        "claims_supported": CLAIMS,
    })
}
