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
