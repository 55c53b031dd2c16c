//! The contract's refusals in words.

use marque_primitives::{access::AccessError, token::VerifyError};

/// What the refusal of an operation means, and what to do about it.
pub const fn explain(error: &AccessError) -> &'static str {
    match error {
        AccessError::IssuerNotFound => "there is no authorization server of this number: register it first",
        AccessError::NotAuthorized => "this account may not do that to the authorization server: its owner may",
        AccessError::InvalidUrl => {
            "the issuer URL must be https://, without query, fragment and user, and of 128 bytes at most"
        }
        AccessError::InvalidKey => "the key is no valid Ed25519 or Sr25519 public key",
        AccessError::InvalidWindow => {
            "the key's window is empty, over, longer than 732 days, or begins more than 366 days ahead"
        }
        AccessError::KeyNotFound => "the authorization server has no such key",
        AccessError::KeyAlreadyExists => "the authorization server has this key already: take a new one",
        AccessError::KeyRevoked => "the key is revoked already",
        AccessError::MaxKeysExceeded => {
            "the authorization server has 8 keys whose tokens may still count, which is the most: revoke one first"
        }
        AccessError::AlreadyDeactivated => "the authorization server is deactivated already",
        AccessError::NotDeactivated => "the authorization server is active already",
        AccessError::InvalidExpiry => "the time is not ahead, or too far ahead",
        AccessError::NoOffer => "no transfer of the authorization server is on offer",
        AccessError::OfferExpired => "the offer's time is over: have the owner offer it again",
        AccessError::SameOwner => "the authorization server is that account's already",
        AccessError::DelegateNotFound => "there is no such delegate",
        AccessError::MaxDelegatesExceeded => {
            "the authorization server has 8 delegates, which is the most: remove one first"
        }
        AccessError::InvalidScopeName => {
            "a scope is named `resource:action` in a-z, 0-9, `-`, `_` and `.`, in 64 bytes at most, and never for everything"
        }
        AccessError::ScopeAlreadyExists => "the scope is defined already, or was and is retired: take another name",
        AccessError::ScopeNotFound => "the authorization server has no such scope: define it first",
        AccessError::ScopeRetired => "the scope is retired, for ever: define another one",
        AccessError::InvalidScopes => "the list of scopes is empty, has more than 16, or has one twice",
        AccessError::InvalidRoleName => {
            "a role is named in a-z, 0-9, `-`, `_` and `.`, in 32 bytes at most, and never for everything"
        }
        AccessError::RoleNotFound => "the authorization server has no such role: define it first",
        AccessError::GrantNotFound => "nothing like this is granted",
        AccessError::MaxGrantsExceeded => {
            "12 rights are granted to this one already, which is the most: put them into a role, or withdraw one"
        }
        AccessError::TokenAlreadyRevoked => "the token is revoked already",
        AccessError::TokenNotRevoked => "no such token is revoked, or its entry was reclaimed already",
        AccessError::TokenNotExpired => "the token has not expired: its entry is still needed",
        AccessError::WrongPayment => "reclaiming takes exactly the contract's price: pay what its `info` says",
        AccessError::PaymentFailed => "the deposit could not be given back to who paid it",
        AccessError::InvalidTime => "the time is ahead, or not later than an earlier one",
        AccessError::SameIssuer => "an authorization server does not trust itself: its own tokens count anyway",
        AccessError::TrustNotFound => "the other authorization server is not trusted",
        AccessError::TooLarge => "what is to be stored is over its bound",
        AccessError::Overflow => "a counter is at its end",
    }
}

/// What the refusal of a token means, and what to do about it.
pub const fn explain_token(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Malformed => "it is no token of this kind, or not in its one canonical form",
        VerifyError::UnknownIssuer => {
            "its authorization server is not registered by this number and URL, or deactivated"
        }
        VerifyError::UntrustedIssuer => {
            "its authorization server is not the one that is asked for, nor trusted by that one for these scopes"
        }
        VerifyError::IssuerKeyNotValid => {
            "its key is not one of the authorization server's, was revoked, or did not sign at that time"
        }
        VerifyError::InvalidSignature => "its signature is not good",
        VerifyError::LifetimeTooLong => "it lives longer than 24 hours",
        VerifyError::Expired => "it has expired: ask for a new one",
        VerifyError::NotYetValid => "its time has not come: see whether both clocks are right",
        VerifyError::WrongAudience => "it is for another audience: ask for one for this one",
        VerifyError::MissingScope => "it has not all of the scopes that are required: ask for one with them",
        VerifyError::DeviceUnknown => "its device is not in this registry",
        VerifyError::DeviceSuspended => "its device is suspended: its controller or an operator must resume it first",
        VerifyError::DeviceRevoked => "its device is revoked, for ever",
        VerifyError::StaleEpoch => "it is from another epoch of its device: ask for a new one",
        VerifyError::TokenRevoked => "it is revoked: ask for a new one",
        VerifyError::PresenterIsNotSubject => {
            "who presents it is no current authentication key of its device, or not the key that it is bound to"
        }
        VerifyError::Unavailable => {
            "its signature or its device could not be asked about: try again, with more execution paid for"
        }
    }
}
