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
use crate::{Gateway, policy::GrantType, server::Server};

const CACHE: &str = "public, max-age=3600";
const CLAIMS: [&str; 13] =
    ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "epoch", "cnf", "ver", "cid", "scp"];

pub(super) async fn metadata(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>) -> Response {
    let Some(server) = gateway.server(&name) else { return answer::not_found().await };
    ([(header::CACHE_CONTROL, CACHE)], Json(describe(server))).into_response()
}

fn describe(server: &Server) -> Value {
    json!({
        "issuer": server.url,
        "token_endpoint": server.token_endpoint,
        "jwks_uri": format!("{}/v1/keys", server.url),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["EdDSA", "Ed25519"],
        "grant_types_supported": [GrantType::ClientCredentials.name()],
        "response_types_supported": [],
        "scopes_supported": server.config.policies.scopes(),
        "claims_supported": CLAIMS,
    })
}
