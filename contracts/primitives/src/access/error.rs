//! Why the access contract refuses an operation.

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Why an operation on an authorization server is refused. Flat and append-only: a variant keeps its number for ever.
///
/// Where several apply, the first of this order is given: [`IssuerNotFound`](Self::IssuerNotFound),
/// [`NoOffer`](Self::NoOffer) (of a transfer to be accepted), [`NotAuthorized`](Self::NotAuthorized), then what is wrong with the
/// arguments, in the order in which the policy's functions give their errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum AccessError {
    /// No authorization server has this number.
    IssuerNotFound,
    /// The caller may not do this.
    NotAuthorized,
    /// The issuer URL is no `https` URL without query and fragment, or is too long.
    InvalidUrl,
    /// The key is of a type that signs no tokens on chain.
    InvalidKey,
    /// The key's window is empty, over, too long, or begins too far ahead.
    InvalidWindow,
    /// The authorization server has no key of this number.
    KeyNotFound,
    /// The authorization server has this key already.
    KeyAlreadyExists,
    /// The key is revoked already.
    KeyRevoked,
    /// The authorization server has as many keys that are not spent as it may.
    MaxKeysExceeded,
    /// It is deactivated already.
    AlreadyDeactivated,
    /// It is active already.
    NotDeactivated,
    /// The time is not ahead, or too far ahead.
    InvalidExpiry,
    /// No transfer is on offer.
    NoOffer,
    /// The offer's time is over.
    OfferExpired,
    /// It is offered to its owner.
    SameOwner,
    /// No such delegate.
    DelegateNotFound,
    /// It has as many unexpired delegates as it may.
    MaxDelegatesExceeded,
    /// The name is not of the form `resource:action`, is too long, or says "everything".
    InvalidScopeName,
    /// The scope is defined already, or was and is retired.
    ScopeAlreadyExists,
    /// The scope is not defined.
    ScopeNotFound,
    /// The scope is retired.
    ScopeRetired,
    /// A list of scopes is empty, too long, or has one twice.
    InvalidScopes,
    /// The role's name is empty, too long, says "everything", or has characters that it may not.
    InvalidRoleName,
    /// The role is not defined.
    RoleNotFound,
    /// Nothing like this is granted.
    GrantNotFound,
    /// The grantee has as many grants that count as it may.
    MaxGrantsExceeded,
    /// The token is revoked already.
    TokenAlreadyRevoked,
    /// No such token is revoked.
    TokenNotRevoked,
    /// The revoked token has not expired: its entry is still needed.
    TokenNotExpired,
    /// Reclaiming takes exactly the price in [`super::AccessInfo::reclaim_price`].
    WrongPayment,
    /// The deposit could not be given back to who paid it.
    PaymentFailed,
    /// The time is ahead, or not later than an earlier one.
    InvalidTime,
    /// An authorization server does not trust itself.
    SameIssuer,
    /// The other one is not trusted.
    TrustNotFound,
    /// What is stored would be over its bound.
    TooLarge,
    /// A counter is at its end.
    Overflow,
}
