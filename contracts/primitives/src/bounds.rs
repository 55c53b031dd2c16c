//! The bounds of everything that enters from outside.

use crate::ids::TimestampMs;

/// Keys of a device, current and revoked together. When the list is full, adding a key drops the entry that
/// was revoked first (rotating does so too, at once if all were current); its history stays in the events.
pub const KEYS_MAX: usize = 16;
/// Services of a device.
pub const SERVICES_MAX: usize = 8;
/// Delegates of a device. When the list is full, adding one drops an expired entry.
pub const DELEGATES_MAX: usize = 8;
/// Bytes of a service's id, which is the fragment of a DID URL.
pub const SERVICE_ID_BYTES_MAX: usize = 32;
/// Bytes of a service's type.
pub const SERVICE_TYPE_BYTES_MAX: usize = 64;
/// Bytes of a service's endpoint, a URI.
pub const SERVICE_ENDPOINT_BYTES_MAX: usize = 256;
/// Nonce lanes of a device: operations in different lanes may be in flight at once, in any order.
pub const LANES_MAX: u8 = 8;
/// Signed registrations in one batch.
pub const BATCH_MAX: usize = 32;
/// Bytes of a call's input, its selector included: the size of ink!'s buffer. A longer one traps before the contract sees it.
pub const CALL_BYTES_MAX: usize = 16 * 1024;
/// Devices asked for in one call of `statuses`.
pub const PAGE_MAX: usize = 64;
/// Bytes of a message whose signature the contract checks.
pub const MESSAGE_BYTES_MAX: usize = 8192;
/// How far ahead of the block's time the deadline of a signed operation may lie: 24 hours.
pub const DEADLINE_AHEAD_MAX_MS: TimestampMs = 24 * 60 * 60 * 1000;
/// The longest delegation: 366 days.
pub const DELEGATION_MAX_MS: TimestampMs = 366 * 24 * 60 * 60 * 1000;
/// The longest time for which a transfer stays on offer: 30 days.
pub const OFFER_MAX_MS: TimestampMs = 30 * 24 * 60 * 60 * 1000;
/// Bytes of an issuer's URL.
pub const ISSUER_URL_BYTES_MAX: usize = 128;
/// Signing keys of an authorization server, spent ones included. When the list is full, a spent one makes room.
pub const ISSUER_KEYS_MAX: usize = 8;
/// Delegates of an authorization server. When the list is full, an expired one makes room.
pub const ISSUER_DELEGATES_MAX: usize = 8;
/// How far ahead a signing key's window may begin: 366 days.
pub const ISSUER_KEY_AHEAD_MAX_MS: TimestampMs = 366 * 24 * 60 * 60 * 1000;
/// The longest window of a signing key: 732 days.
pub const ISSUER_KEY_LIFETIME_MAX_MS: TimestampMs = 2 * 366 * 24 * 60 * 60 * 1000;
/// Bytes of a scope's name.
pub const SCOPE_BYTES_MAX: usize = 64;
/// Bytes of a role's name.
pub const ROLE_BYTES_MAX: usize = 32;
/// Scopes of a role, of a trust, of a token, and of what is required of one.
pub const SCOPES_MAX: usize = 16;
/// Grants of one grantee by one authorization server. When the list is full, one that is over makes room. With all of them roles,
/// what a device may get still fits in one answer, which ink!'s buffer bounds as it bounds a call's input.
pub const GRANTS_MAX: usize = 12;
const _: () = {
    // A name after its length in two bytes, the sensitivity, a time.
    const ENTITLEMENT_BYTES_MAX: usize = 2 + SCOPE_BYTES_MAX + 1 + 8;
    const OTHER_BYTES_MAX: usize = 64;
    assert!(GRANTS_MAX * SCOPES_MAX * ENTITLEMENT_BYTES_MAX + OTHER_BYTES_MAX <= CALL_BYTES_MAX);
};
/// The longest grant: 3660 days, about the life of a meter.
pub const GRANT_MAX_MS: TimestampMs = 10 * 366 * 24 * 60 * 60 * 1000;
/// The longest trust: 366 days.
pub const TRUST_MAX_MS: TimestampMs = 366 * 24 * 60 * 60 * 1000;
/// The longest life of a token: 24 hours.
pub const TOKEN_LIFETIME_MAX_MS: TimestampMs = 24 * 60 * 60 * 1000;
/// How far the clocks of who issues and who verifies may differ, where nothing else is said: 30 seconds.
pub const CLOCK_SKEW_MAX_MS: TimestampMs = 30 * 1000;
/// Audiences of a token.
pub const AUDIENCES_MAX: usize = 4;
/// Bytes of an audience.
pub const AUDIENCE_BYTES_MAX: usize = 128;
/// Bytes of a token's id.
pub const TOKEN_ID_BYTES_MAX: usize = 64;
/// Bytes of a client's id.
pub const CLIENT_ID_BYTES_MAX: usize = 128;
/// Bytes of a token in CBOR (CWT).
pub const CWT_BYTES_MAX: usize = 2048;
