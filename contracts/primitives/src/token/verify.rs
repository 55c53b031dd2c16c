//! What makes a token good: one order of rules, for the contract and for whoever verifies off chain. Pure: the state and the time
//! are arguments.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    access::{Issuer, IssuerId, IssuerStatus, Trust},
    bounds,
    crypto::Signature,
    device::Status,
    ids::{AccountId, DeviceId, Hash, RegistryId, TimestampMs},
    key::PublicKey,
    registry::KeyStatus,
};

use super::{Claims, Confirmation, IssuerKeyRef, VerifyError};

/// A token that was read, in whichever form it was written. Nothing of it is believed before [`verify`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedToken {
    /// Which key it says that it was signed by.
    pub signed_by: IssuerKeyRef,
    /// What it says.
    pub claims: Claims,
    /// The bytes that are signed.
    pub signed_bytes: Vec<u8>,
    /// The signature, of the scheme that the token names. It must be the key's: the token does not choose.
    pub signature: Signature,
}

/// What who is presented a token asks of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Requirement {
    /// The authorization server that is trusted, with those that it trusts.
    pub issuer: IssuerId,
    /// Whom the token must be for.
    pub audience: String,
    /// The scopes that it must have.
    pub scopes: Vec<String>,
}

/// What decides, of a token that was verified once, whether it is still good.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Standing {
    /// Its authorization server and key.
    pub signed_by: IssuerKeyRef,
    /// The device.
    pub device: DeviceId,
    /// The device's epoch that it was issued in.
    pub epoch: u32,
    /// BLAKE2b-256 of its id.
    pub token: Hash,
    /// When it was issued.
    pub issued_ms: TimestampMs,
    /// When it expires.
    pub expires_ms: TimestampMs,
}

/// A token that was verified: what it says, and what to ask by later whether it is still good.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Verified {
    /// What it says.
    pub claims: Claims,
    /// What decides whether it is still good.
    pub standing: Standing,
}

/// The state that tokens are verified against.
pub trait TokenState {
    /// The registry whose devices may have tokens.
    fn registry(&self) -> RegistryId;
    /// An authorization server.
    fn issuer(&self, issuer: IssuerId) -> Option<Issuer>;
    /// What one authorization server trusts another for.
    fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust>;
    /// Whether the token whose id has this hash is revoked.
    fn is_token_revoked(&self, issuer: IssuerId, token: &Hash) -> bool;
    /// Tokens of the device from this issuer that were issued before this time are revoked.
    fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs;
    /// A device's status and epoch, and whether `presenter` is the account of a current key of it that is for authentication; `None` if
    /// it was never registered.
    ///
    /// # Errors
    /// [`VerifyError::Unavailable`] when that can't be found out.
    fn device(&self, device: &DeviceId, presenter: Option<&AccountId>) -> Result<Option<KeyStatus>, VerifyError>;
    /// Whether the key signed these bytes.
    ///
    /// # Errors
    /// [`VerifyError::Unavailable`] when that can't be found out.
    fn is_signed(&self, public_key: &PublicKey, signed_bytes: &[u8], signature: &[u8; 64])
    -> Result<bool, VerifyError>;
    /// BLAKE2b-256.
    fn blake2b_256(&self, bytes: &[u8]) -> Hash;
}

impl SignedToken {
    /// What decides later whether the token is still good.
    pub fn standing(&self, blake2b_256: impl FnOnce(&[u8]) -> Hash) -> Standing {
        Standing {
            signed_by: self.signed_by,
            device: self.claims.subject.device,
            epoch: self.claims.epoch,
            token: blake2b_256(self.claims.token_id.as_bytes()),
            issued_ms: self.claims.issued_ms(),
            expires_ms: self.claims.expires_ms(),
        }
    }
}

/// Verifies a token at a time. `presenter` is the account that presents it and has proven to be that account; where possession is
/// proven in another way (DPoP, a signed challenge against [`Claims::confirmation`]) it is `None`, and the caller checks that.
///
/// `skew_max_ms` is how far the issuer's clock may differ from the verifier's.
///
/// # Errors
/// [`VerifyError`], with its precedence.
pub fn verify(
    state: &impl TokenState,
    token: &SignedToken,
    requirement: &Requirement,
    presenter: Option<&AccountId>,
    now_ms: TimestampMs,
    skew_max_ms: TimestampMs,
) -> Result<Standing, VerifyError> {
    let claims = &token.claims;
    let issuer = state.issuer(token.signed_by.issuer).ok_or(VerifyError::UnknownIssuer)?;
    if issuer.url != claims.issuer || issuer.status != IssuerStatus::Active {
        return Err(VerifyError::UnknownIssuer);
    }
    ensure_trusted(state, token.signed_by.issuer, requirement, now_ms)?;
    let key = issuer.key(token.signed_by.key).filter(|key| key.is_good_for(claims.issued_ms()));
    let key = key.ok_or(VerifyError::IssuerKeyNotValid)?;
    let is_signed = match (&key.public_key, &token.signature) {
        (PublicKey::Ed25519(_), Signature::Ed25519(signature))
        | (PublicKey::Sr25519(_), Signature::Sr25519(signature)) => {
            state.is_signed(&key.public_key, &token.signed_bytes, signature)?
        }
        _ => false,
    };
    if !is_signed {
        return Err(VerifyError::InvalidSignature);
    }
    ensure_time(claims, now_ms, skew_max_ms)?;
    if !claims.audience.contains(&requirement.audience) {
        return Err(VerifyError::WrongAudience);
    }
    if !requirement.scopes.iter().all(|scope| claims.scopes.contains(scope)) {
        return Err(VerifyError::MissingScope);
    }
    if claims.subject.registry != state.registry() {
        return Err(VerifyError::DeviceUnknown);
    }
    let standing = token.standing(|bytes| state.blake2b_256(bytes));
    let is_presented = ensure_device(state, &standing, presenter)?;
    ensure_not_revoked(state, &standing)?;
    match presenter {
        Some(presenter) if !(is_presented && is_bound_to(claims, presenter)) => Err(VerifyError::PresenterIsNotSubject),
        _ => Ok(standing),
    }
}

/// Checks that a token which was verified once by this requirement is still good: for what goes on for a while. Its audience and its
/// scopes can't change and are not looked at again; whom the authorization server trusts, and for which scopes, can.
///
/// # Errors
/// [`VerifyError::UnknownIssuer`], [`VerifyError::UntrustedIssuer`], [`VerifyError::IssuerKeyNotValid`], [`VerifyError::Expired`],
/// [`VerifyError::Unavailable`] or [`VerifyError::DeviceUnknown`], [`VerifyError::DeviceSuspended`], [`VerifyError::DeviceRevoked`], [`VerifyError::StaleEpoch`],
/// [`VerifyError::TokenRevoked`].
pub fn ensure_standing(
    state: &impl TokenState,
    standing: &Standing,
    requirement: &Requirement,
    now_ms: TimestampMs,
    skew_max_ms: TimestampMs,
) -> Result<(), VerifyError> {
    let issuer = state.issuer(standing.signed_by.issuer).filter(|issuer| issuer.status == IssuerStatus::Active);
    let issuer = issuer.ok_or(VerifyError::UnknownIssuer)?;
    ensure_trusted(state, standing.signed_by.issuer, requirement, now_ms)?;
    if !issuer.key(standing.signed_by.key).is_some_and(|key| key.is_good_for(standing.issued_ms)) {
        return Err(VerifyError::IssuerKeyNotValid);
    }
    if standing.expires_ms.saturating_add(skew_max_ms) <= now_ms {
        return Err(VerifyError::Expired);
    }
    ensure_device(state, standing, None)?;
    ensure_not_revoked(state, standing)
}

/// The authorization server that is asked for, or one that it trusts for all the scopes that are required.
fn ensure_trusted(
    state: &impl TokenState,
    issuer: IssuerId,
    requirement: &Requirement,
    now_ms: TimestampMs,
) -> Result<(), VerifyError> {
    if issuer == requirement.issuer {
        return Ok(());
    }
    let trusting = state.issuer(requirement.issuer).filter(|trusting| trusting.status == IssuerStatus::Active);
    let trust = trusting.and_then(|_| state.trust(requirement.issuer, issuer)).ok_or(VerifyError::UntrustedIssuer)?;
    let is_covered =
        !requirement.scopes.is_empty() && requirement.scopes.iter().all(|scope| trust.scopes.contains(scope));
    if is_covered && now_ms < trust.until_ms { Ok(()) } else { Err(VerifyError::UntrustedIssuer) }
}

fn ensure_time(claims: &Claims, now_ms: TimestampMs, skew_max_ms: TimestampMs) -> Result<(), VerifyError> {
    let (issued_ms, expires_ms) = (claims.issued_ms(), claims.expires_ms());
    if expires_ms.saturating_sub(issued_ms) > bounds::TOKEN_LIFETIME_MAX_MS {
        return Err(VerifyError::LifetimeTooLong);
    }
    if expires_ms.saturating_add(skew_max_ms) <= now_ms {
        return Err(VerifyError::Expired);
    }
    let begins_ms =
        claims.not_before_s.map_or(issued_ms, |not_before_s| issued_ms.max(not_before_s.saturating_mul(1000)));
    if begins_ms > now_ms.saturating_add(skew_max_ms) {
        return Err(VerifyError::NotYetValid);
    }
    Ok(())
}

/// Whether the presenter is a key of the device, if the device is in use and in the token's epoch.
fn ensure_device(
    state: &impl TokenState,
    standing: &Standing,
    presenter: Option<&AccountId>,
) -> Result<bool, VerifyError> {
    let device = state.device(&standing.device, presenter)?.ok_or(VerifyError::DeviceUnknown)?;
    match device.status {
        Status::Active => {}
        Status::Suspended => return Err(VerifyError::DeviceSuspended),
        Status::Revoked => return Err(VerifyError::DeviceRevoked),
    }
    // A token can't come from an epoch that has not begun: it is as good as one from a past that is over.
    if device.epoch != standing.epoch {
        return Err(VerifyError::StaleEpoch);
    }
    Ok(device.is_current_key)
}

fn ensure_not_revoked(state: &impl TokenState, standing: &Standing) -> Result<(), VerifyError> {
    let issuer = standing.signed_by.issuer;
    if state.is_token_revoked(issuer, &standing.token)
        || standing.issued_ms < state.tokens_before_ms(issuer, &standing.device)
    {
        return Err(VerifyError::TokenRevoked);
    }
    Ok(())
}

/// A token that is bound to a key which has an account is that account's alone.
fn is_bound_to(claims: &Claims, presenter: &AccountId) -> bool {
    match claims.confirmation {
        Some(Confirmation::Key(key)) => key.account().as_ref() == Some(presenter),
        // A thumbprint hides the key: proving it is up to DPoP, which no account can do.
        Some(Confirmation::Thumbprint(_)) => false,
        None => true,
    }
}
