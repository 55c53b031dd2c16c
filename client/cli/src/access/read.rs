//! What is asked of the access contract by several commands.

use marque_sdk::{
    Access,
    primitives::{
        DeviceId,
        access::{Entitlements, Issuer, IssuerId},
    },
};

use crate::failure::{Failure, Kind, Outcome};

/// An authorization server's record.
///
/// # Errors
/// When there is none of this number, or the access contract can't be reached.
pub async fn issuer(access: &Access, number: IssuerId) -> Outcome<Issuer> {
    access.issuer(number).await?.ok_or_else(|| {
        Failure::new(Kind::NotFound, format!("there is no authorization server {number}"))
            .hint("`marque issuer list` shows what there is, and `marque issuer register` registers one")
    })
}

/// What a device may get from an authorization server now.
///
/// # Errors
/// Those of [`issuer`].
pub async fn entitlements(access: &Access, number: IssuerId, device: DeviceId) -> Outcome<(Issuer, Entitlements)> {
    let record = issuer(access, number).await?;
    let may = access.entitlements(number, device).await?;
    let may = may.ok_or_else(|| Failure::new(Kind::Failed, "the registry does not answer the access contract"))?;
    Ok((record, may))
}
