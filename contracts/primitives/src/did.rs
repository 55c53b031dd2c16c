//! `did:marque` identifiers (W3C DID 1.1, section 3.1).

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::ids::{DeviceId, RegistryId};

/// The DID of a device: `did:marque:<registry-id>:<device-id>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
pub struct Did {
    /// The registry that it is in.
    pub registry: RegistryId,
    /// The device.
    pub device: DeviceId,
}
