//! What the registry says of itself and, in short, of its devices.

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    device::{Device, Status},
    ids::{AccountId, Hash},
};

/// What the registry says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct RegistryInfo {
    /// The genesis hash that it was deployed with. A client compares it with the chain's: all signatures are bound to it.
    pub genesis_hash: Hash,
    /// The contract that it has Ed25519 signatures checked by. A client compares its code with the one that it knows.
    pub ed25519: AccountId,
    /// Devices ever registered, revoked ones included.
    pub registered: u64,
    /// The block of the last registration (0: none), from which all of them can be found.
    pub last_registration_block: u32,
}

/// What decides whether a device and its tokens are good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct DeviceStatus {
    /// Where it is in its life.
    pub status: Status,
    /// Its epoch.
    pub epoch: u32,
    /// Its record's version.
    pub version: u32,
    /// The block of its last change.
    pub changed_block: u32,
}

/// What a contract needs to know of a device that calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct KeyStatus {
    /// Where the device is in its life.
    pub status: Status,
    /// Its epoch.
    pub epoch: u32,
    /// Whether the account is that of a current key of the device which has the relationships asked for.
    pub is_current_key: bool,
}

impl From<&Device> for DeviceStatus {
    fn from(device: &Device) -> Self {
        Self {
            status: device.status,
            epoch: device.epoch,
            version: device.version,
            changed_block: device.changed_block,
        }
    }
}
