//! Scopes and roles.

use ink::prelude::{string::String, vec::Vec};
use marque_primitives::{
    access::{is_role_name, is_scope_name, AccessChange, AccessError, Scope, Sensitivity},
    bounds, Hash,
};

use super::Context;
use crate::state::State;

/// # Errors
/// [`AccessError::InvalidScopeName`], [`AccessError::ScopeAlreadyExists`].
pub fn define(
    state: &impl State,
    context: &Context,
    name: String,
    description: Hash,
    sensitivity: Sensitivity,
) -> Result<AccessChange, AccessError> {
    if !is_scope_name(&name) {
        return Err(AccessError::InvalidScopeName);
    }
    if state.scope(context.issuer, &name).is_some() {
        return Err(AccessError::ScopeAlreadyExists);
    }
    Ok(AccessChange::ScopeSet { name, scope: Scope { description, sensitivity, is_retired: false } })
}

/// # Errors
/// [`AccessError::ScopeNotFound`], [`AccessError::ScopeRetired`].
pub fn retire(state: &impl State, context: &Context, name: String) -> Result<AccessChange, AccessError> {
    let scope = current(state, context, &name)?;
    Ok(AccessChange::ScopeSet { name, scope: Scope { is_retired: true, ..scope } })
}

/// # Errors
/// [`AccessError::InvalidRoleName`]; those of [`ensure_all_current`].
pub fn set_role(
    state: &impl State,
    context: &Context,
    name: String,
    scopes: Vec<String>,
) -> Result<AccessChange, AccessError> {
    if !is_role_name(&name) {
        return Err(AccessError::InvalidRoleName);
    }
    ensure_all_current(state, context, &scopes)?;
    Ok(AccessChange::RoleSet { name, scopes })
}

/// # Errors
/// [`AccessError::RoleNotFound`].
pub fn remove_role(state: &impl State, context: &Context, name: String) -> Result<AccessChange, AccessError> {
    match state.role(context.issuer, &name) {
        Some(_) => Ok(AccessChange::RoleRemoved { name }),
        None => Err(AccessError::RoleNotFound),
    }
}

/// Checks a list of scopes: 1 to [`bounds::SCOPES_MAX`], each once, each defined and not retired.
///
/// # Errors
/// [`AccessError::InvalidScopes`], then for each in turn [`AccessError::ScopeNotFound`], [`AccessError::ScopeRetired`].
pub fn ensure_all_current(state: &impl State, context: &Context, scopes: &[String]) -> Result<(), AccessError> {
    let is_list = (1..=bounds::SCOPES_MAX).contains(&scopes.len())
        && scopes.iter().enumerate().all(|(index, scope)| !scopes.iter().take(index).any(|other| other == scope));
    if !is_list {
        return Err(AccessError::InvalidScopes);
    }
    scopes.iter().try_for_each(|scope| current(state, context, scope).map(|_| ()))
}

/// The scope of this name, if it is not retired.
///
/// # Errors
/// [`AccessError::ScopeNotFound`], [`AccessError::ScopeRetired`].
pub fn current(state: &impl State, context: &Context, name: &str) -> Result<Scope, AccessError> {
    let scope = state.scope(context.issuer, name).ok_or(AccessError::ScopeNotFound)?;
    if scope.is_retired {
        Err(AccessError::ScopeRetired)
    } else {
        Ok(scope)
    }
}
