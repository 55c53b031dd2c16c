//! The operators' API, under `/api/v1`, in the manner of Okta's: `Authorization: SSWS {token}` (or `Bearer`), JSON, and Okta's error bodies.
//! `GET /api/v1/openapi.json` describes it.

mod apps;
mod authorize;
mod body;
mod devices;
mod error;
mod federation;
mod initial_access;
mod keys;
mod logs;
mod openapi;
mod operators;
mod policies;
mod secrets;
mod servers;
mod zones;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{delete, get, post, put},
};

use crate::Gateway;

pub(super) use error::ApiError;

/// The largest body that is read, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/api/v1/openapi.json", get(openapi::openapi))
        .route("/api/v1/apps", get(apps::list).post(apps::create))
        .route("/api/v1/apps/{id}", get(apps::show).put(apps::update).delete(apps::delete))
        .route("/api/v1/apps/{id}/lifecycle/activate", post(apps::activate))
        .route("/api/v1/apps/{id}/lifecycle/deactivate", post(apps::deactivate))
        .route("/api/v1/apps/{id}/credentials/secrets", get(secrets::list).post(secrets::create))
        .route("/api/v1/apps/{id}/credentials/secrets/{secret}", delete(secrets::delete))
        .route("/api/v1/apps/{id}/credentials/secrets/{secret}/lifecycle/activate", post(secrets::activate))
        .route("/api/v1/apps/{id}/credentials/secrets/{secret}/lifecycle/deactivate", post(secrets::deactivate))
        .route("/api/v1/authorizationServers", get(servers::list))
        .route("/api/v1/authorizationServers/{server}", get(servers::show).put(servers::put))
        .route("/api/v1/authorizationServers/{server}/credentials/keys", get(keys::list))
        .route("/api/v1/authorizationServers/{server}/credentials/lifecycle/keyRotate", post(keys::rotate))
        .route("/api/v1/authorizationServers/{server}/policies", get(policies::list))
        .route(
            "/api/v1/authorizationServers/{server}/policies/{policy}",
            get(policies::show).put(policies::put).delete(policies::delete),
        )
        .route("/api/v1/authorizationServers/{server}/federation", get(federation::list))
        .route(
            "/api/v1/authorizationServers/{server}/federation/{name}",
            get(federation::show).put(federation::put).delete(federation::delete),
        )
        .route("/api/v1/initial-access-tokens", get(initial_access::list).post(initial_access::create))
        .route("/api/v1/initial-access-tokens/{id}", delete(initial_access::revoke))
        .route("/api/v1/authorizationServers/{server}/explain", post(policies::explain))
        .route("/api/v1/logs", get(logs::logs))
        .route("/api/v1/devices", get(devices::list))
        .route("/api/v1/devices/{did}", put(devices::put).delete(devices::delete))
        .route("/api/v1/devices/{did}/credentials/secrets", post(devices::create_secret))
        .route("/api/v1/zones", get(zones::list))
        .route("/api/v1/zones/{name}", get(zones::show).put(zones::put).delete(zones::delete))
        .route("/api/v1/api-tokens", get(operators::list).post(operators::create))
        .route("/api/v1/api-tokens/{id}", delete(operators::revoke))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
