//! Why a contract refuses.

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Why the registry refuses an operation. Flat and append-only: a variant keeps its number for ever.
///
/// Where several apply, the first of this order is given: the batch's size; for each of a batch
/// [`NotARegistration`](Self::NotARegistration); for a signed operation [`WrongSubmitter`](Self::WrongSubmitter), [`DeadlinePassed`](Self::DeadlinePassed),
/// [`DeadlineTooFar`](Self::DeadlineTooFar), [`InvalidLane`](Self::InvalidLane), [`InvalidNonce`](Self::InvalidNonce),
/// [`InvalidSignature`](Self::InvalidSignature); then [`AlreadyExists`](Self::AlreadyExists) or
/// [`NotFound`](Self::NotFound), [`Revoked`](Self::Revoked), [`NotAuthorized`](Self::NotAuthorized) or
/// [`Suspended`](Self::Suspended) (and before these two, of a transfer to be accepted, [`NoOffer`](Self::NoOffer)); then what is
/// wrong with the arguments, in the order in which the policy's functions give their errors; [`Overflow`](Self::Overflow) last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Error {
    /// No such device is registered.
    NotFound,
    /// The device is registered already (or was, and is revoked: it can't come back).
    AlreadyExists,
    /// The device is revoked, for ever.
    Revoked,
    /// The device is suspended, and its own keys can do nothing until it is resumed.
    Suspended,
    /// The caller, or the signer, may not do this.
    NotAuthorized,
    /// The operation was signed for another submitter.
    WrongSubmitter,
    /// The signed operation's deadline is over.
    DeadlinePassed,
    /// The signed operation's deadline is further ahead than [`crate::bounds::DEADLINE_AHEAD_MAX_MS`].
    DeadlineTooFar,
    /// No such nonce lane: they are numbered below [`crate::bounds::LANES_MAX`].
    InvalidLane,
    /// The nonce is not the next one of its lane.
    InvalidNonce,
    /// The signature is not the signer's signature of this operation on this chain and contract.
    InvalidSignature,
    /// The key is no point, not canonically encoded, or of small order.
    InvalidKey,
    /// The relationships are empty, unknown, or do not fit the key's type.
    InvalidRelationships,
    /// The device has no key of this id.
    KeyNotFound,
    /// The device has this key already, current or revoked. (A revoked key that made room for a newer one is forgotten.)
    KeyAlreadyExists,
    /// The key is revoked already.
    KeyRevoked,
    /// The device is its own controller, and this is the last key that it could change its record with.
    LastKey,
    /// The device has as many current keys as it may ([`crate::bounds::KEYS_MAX`]).
    MaxKeysExceeded,
    /// A service's id, type or endpoint is empty, too long, or has characters that it may not.
    InvalidService,
    /// The device has no service of this id.
    ServiceNotFound,
    /// Two services of one registration have the same id.
    ServiceAlreadyExists,
    /// The device has as many services as it may ([`crate::bounds::SERVICES_MAX`]).
    MaxServicesExceeded,
    /// No such delegate.
    DelegateNotFound,
    /// The device has as many unexpired delegates as it may ([`crate::bounds::DELEGATES_MAX`]).
    MaxDelegatesExceeded,
    /// The expiry is not ahead, or too far ahead.
    InvalidExpiry,
    /// The device is suspended already.
    AlreadySuspended,
    /// The device is not suspended.
    NotSuspended,
    /// No transfer is on offer.
    NoOffer,
    /// The offer's time is over.
    OfferExpired,
    /// The device is offered to who controls it already.
    SameController,
    /// The batch is empty.
    BatchEmpty,
    /// The batch, page or message is over its bound.
    TooLarge,
    /// A batch registers devices and does nothing else.
    NotARegistration,
    /// A counter of the record is at its end.
    Overflow,
}
