//! What a device may get now.

use ink::prelude::{string::String, vec::Vec};
use marque_primitives::{
    access::{Entitlement, Entitlements, Grant, Grantee, Issuer, IssuerId, IssuerStatus, Right},
    DeviceId, KeyStatus, Status, TimestampMs,
};

use crate::state::State;

/// What a device may get from an authorization server now: the scopes of its grants, its roles' included, that are not over and
/// not retired. Bounded by the grants ([`GRANTS_MAX`](marque_primitives::bounds::GRANTS_MAX)) times a role's scopes.
pub fn entitlements(
    state: &impl State,
    id: IssuerId,
    issuer: &Issuer,
    device: &DeviceId,
    standing: Option<KeyStatus>,
    now_ms: TimestampMs,
) -> Entitlements {
    let mut scopes: Vec<Entitlement> = Vec::new();
    for Grant { right, until_ms } in state.grants(id, &Grantee::Device(*device)) {
        if now_ms >= until_ms {
            continue;
        }
        let names = match right {
            Right::Scope(name) => Vec::from([name]),
            Right::Role(name) => state.role(id, &name).unwrap_or_default(),
        };
        names.into_iter().for_each(|name| entitle(state, id, &mut scopes, name, until_ms));
    }
    let is_device_active = standing.is_some_and(|device| device.status == Status::Active);
    Entitlements {
        is_active: issuer.status == IssuerStatus::Active && is_device_active,
        epoch: standing.map(|device| device.epoch),
        tokens_before_ms: state.tokens_before_ms(id, device),
        scopes,
    }
}

fn entitle(state: &impl State, id: IssuerId, scopes: &mut Vec<Entitlement>, name: String, until_ms: TimestampMs) {
    // In order as they come: sorting would be the largest function of the contract.
    let place = scopes.iter().position(|known| known.scope >= name).unwrap_or(scopes.len());
    if let Some(known) = scopes.get_mut(place).filter(|known| known.scope == name) {
        known.until_ms = known.until_ms.max(until_ms);
        return;
    }
    if let Some(scope) = state.scope(id, &name).filter(|scope| !scope.is_retired) {
        scopes.insert(place, Entitlement { scope: name, sensitivity: scope.sensitivity, until_ms });
    }
}
