//! The contract's refusals in words.

use marque_primitives::Error;

/// What a refusal means, and what to do about it.
pub const fn explain(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "the device is not registered: register it first",
        Error::AlreadyExists => "the device is registered already, or was and is revoked: take a new key",
        Error::Revoked => "the device is revoked, for ever",
        Error::Suspended => "the device is suspended: its controller or an operator must resume it first",
        Error::NotAuthorized => "this account may not do that to the device: its controller may",
        Error::WrongSubmitter => "the operation was signed for another submitter: have that account submit it",
        Error::DeadlinePassed => "the signed operation's deadline is over: sign it again",
        Error::DeadlineTooFar => "the deadline is more than 24 hours ahead: sign it again with a nearer one",
        Error::InvalidLane => "there is no such nonce lane: they are numbered 0 to 7",
        Error::InvalidNonce => {
            "the nonce is not the next one of its lane (was the operation submitted before?): sign again"
        }
        Error::InvalidSignature => "the signature is not good for this operation on this chain and contract",
        Error::InvalidKey => "the key is no valid public key of its type",
        Error::InvalidRelationships => "the relationships are empty, unknown, or not for a key of this type",
        Error::KeyNotFound => "the device has no such key",
        Error::KeyAlreadyExists => "the device has, or had, this key already: take a new one",
        Error::KeyRevoked => "the key is revoked already",
        Error::LastKey => "this is the last key that the device could change its record with: add another first",
        Error::MaxKeysExceeded => "the device has 16 current keys, which is the most: revoke one first",
        Error::InvalidService => {
            "the service's id, type or endpoint is empty, too long, or has characters that it may not"
        }
        Error::ServiceNotFound => "the device has no service of this id",
        Error::ServiceAlreadyExists => "two services have the same id",
        Error::MaxServicesExceeded => "the device has 8 services, which is the most: remove one first",
        Error::DelegateNotFound => "there is no such delegate",
        Error::MaxDelegatesExceeded => "the device has 8 delegates, which is the most: remove one first",
        Error::InvalidExpiry => "the expiry is not ahead, or too far ahead",
        Error::AlreadySuspended => "the device is suspended already",
        Error::NotSuspended => "the device is not suspended",
        Error::NoOffer => "no transfer of the device is on offer",
        Error::OfferExpired => "the offer's time is over: have the controller offer it again",
        Error::SameController => "the device is controlled by that account already",
        Error::BatchEmpty => "the batch is empty",
        Error::TooLarge => "the batch, page or message is over its bound",
        Error::NotARegistration => "a batch registers devices and does nothing else",
        Error::Overflow => "a counter of the record is at its end",
    }
}
