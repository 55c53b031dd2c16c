//! `/api/v1/openapi.json`: what the operators' API is, made from its code.

use axum::{Json, response::IntoResponse, response::Response};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};

use super::{apps, devices, federation, initial_access, keys, logs, operators, policies, secrets, servers, zones};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Marque identity gateway",
        description = "The operators' API. The token endpoints are described by each authorization server's own metadata (RFC 8414)."
    ),
    paths(
        apps::list, apps::create, apps::show, apps::update, apps::delete, apps::activate, apps::deactivate,
        secrets::list, secrets::create, secrets::activate, secrets::deactivate, secrets::delete,
        servers::list, servers::show, servers::put,
        keys::list, keys::rotate,
        policies::list, policies::show, policies::put, policies::delete,
        policies::explain,
        logs::logs,
        devices::list, devices::put,
        devices::create_secret, devices::delete,
        zones::list,
        zones::show,
        zones::put,
        zones::delete,
        operators::list, operators::create, operators::revoke,
        federation::list, federation::show, federation::put, federation::delete,
        initial_access::list, initial_access::create, initial_access::revoke,
    ),
    modifiers(&Token),
    security(("token" = []))
)]
struct Description;

/// How operators say who they are.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let header = ApiKeyValue::with_description("Authorization", "`SSWS {token}`, or `Bearer {token}`");
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        openapi.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

pub(super) async fn openapi() -> Response {
    Json(Description::openapi()).into_response()
}
