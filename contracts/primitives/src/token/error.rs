//! Why a token is not good.

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Why a token is refused. Flat and append-only: a variant keeps its number for ever. Where several apply, the first in the order
/// of their declaration is given; [`Unavailable`](Self::Unavailable) in the place of what could not be found out: whether the
/// signature is good, or what is wrong with the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum VerifyError {
    /// It is no token: cut, too long, not in its one canonical form, or a claim is missing, twice there, or out of bounds.
    Malformed,
    /// No authorization server has its number and issuer URL, or it is deactivated.
    UnknownIssuer,
    /// Its authorization server is not the one that is asked for, and not trusted by that one for these scopes now.
    UntrustedIssuer,
    /// The authorization server has no such key, it was revoked, or the token was issued outside of its window.
    IssuerKeyNotValid,
    /// The signature is not that key's.
    InvalidSignature,
    /// It lives longer than [`crate::bounds::TOKEN_LIFETIME_MAX_MS`].
    LifetimeTooLong,
    /// Its time is over.
    Expired,
    /// Its time has not come: `nbf` or `iat` is ahead.
    NotYetValid,
    /// It is for somebody else.
    WrongAudience,
    /// It has not all of the scopes that are required.
    MissingScope,
    /// The device is not in this registry.
    DeviceUnknown,
    /// The device is suspended.
    DeviceSuspended,
    /// The device is revoked, for ever.
    DeviceRevoked,
    /// The device is in a later epoch: a key was revoked, it was suspended or transferred, or it ended all its tokens.
    StaleEpoch,
    /// The token was revoked by itself, or with all that the device got before some time.
    TokenRevoked,
    /// Who presents it is not a current key of the device, or not the key that the token is bound to.
    PresenterIsNotSubject,
    /// Who must be asked of the signature or of the device did not answer, so that nothing is known of the token. On chain: the caller
    /// paid for too little execution, or called too deep.
    Unavailable,
}
