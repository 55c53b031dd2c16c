//! Suspending and resuming.

use marque_primitives::{Change, Device, Error, Status};

/// # Errors
/// [`Error::AlreadySuspended`].
pub fn suspend(device: &Device) -> Result<Change, Error> {
    match device.status {
        Status::Active => Ok(Change::Suspended),
        Status::Suspended => Err(Error::AlreadySuspended),
        Status::Revoked => Err(Error::Revoked),
    }
}

/// # Errors
/// [`Error::NotSuspended`].
pub fn resume(device: &Device) -> Result<Change, Error> {
    match device.status {
        Status::Active => Err(Error::NotSuspended),
        Status::Suspended => Ok(Change::Resumed),
        Status::Revoked => Err(Error::Revoked),
    }
}
