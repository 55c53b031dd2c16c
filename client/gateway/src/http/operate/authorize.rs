//! Which operator asks: the token is looked at before anything else, and then whether its role is enough.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::ApiError;
use crate::{
    Gateway,
    http::request,
    log::{Actor, Caller},
    operate::{Authorized, By},
    settings::Role,
};

/// An operator whose role is at least the one that is named.
pub(super) struct Asker<R> {
    operator: Authorized,
    caller: Caller,
    role: PhantomData<R>,
}

/// The least role that something needs.
pub(super) trait Needs: Send + Sync {
    const ROLE: Role;
}

pub(super) struct Reader;
pub(super) struct Operator;
pub(super) struct SecurityOfficer;

impl Needs for Reader {
    const ROLE: Role = Role::Reader;
}

impl Needs for Operator {
    const ROLE: Role = Role::Operator;
}

impl Needs for SecurityOfficer {
    const ROLE: Role = Role::SecurityOfficer;
}

impl<R> Asker<R> {
    pub(super) fn by(&self) -> By<'_> {
        By { actor: Actor::Operator(&self.operator.id), caller: &self.caller }
    }
}

impl<R: Needs> FromRequestParts<Arc<Gateway>> for Asker<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Arc<Gateway>) -> Result<Self, ApiError> {
        let operator = token(parts).and_then(|token| gateway.authorize(token)).ok_or(ApiError::InvalidToken)?;
        if operator.role < R::ROLE {
            return Err(ApiError::Forbidden);
        }
        Ok(Self { operator, caller: request::caller(parts), role: PhantomData })
    }
}

fn token(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let is_known = ["SSWS", "Bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_known.then_some(token)
}
