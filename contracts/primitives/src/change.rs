//! What happened to a device: the content of the registry's events, and how a record follows from them.

use alloc::{string::String, vec, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    bounds,
    device::{Controller, Delegate, Device, Offer, Role, Service, Status},
    ids::{AccountId, Hash, KeyId, TimestampMs},
    key::Key,
};

/// A change of a device's record. Each write makes one.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Change {
    /// The device was registered.
    Registered {
        /// Its controller.
        controller: Controller,
        /// Its metadata hash.
        metadata: Option<Hash>,
        /// Its keys, the initial one first.
        keys: Vec<Key>,
        /// Its services.
        services: Vec<Service>,
        /// The block of the registry's registration before this one (0: none); by it all devices can be found from the last. It is the
        /// same block for all but the first registration of a block.
        previous_registration_block: u32,
    },
    /// A key was added.
    KeyAdded {
        /// The key.
        key: Key,
    },
    /// A key took the place of another.
    KeyRotated {
        /// The key that was revoked.
        revoked: KeyId,
        /// The key that came in its place.
        key: Key,
    },
    /// A key was revoked.
    KeyRevoked {
        /// Its number.
        id: KeyId,
    },
    /// A service was added or replaced.
    ServiceSet {
        /// The service.
        service: Service,
    },
    /// A service was removed.
    ServiceRemoved {
        /// Its id.
        id: String,
    },
    /// The metadata hash was set or cleared.
    MetadataSet {
        /// The hash before.
        previous: Option<Hash>,
        /// The hash now.
        hash: Option<Hash>,
    },
    /// A delegate was added or given a new expiry.
    DelegateSet {
        /// The delegate.
        delegate: Delegate,
    },
    /// A delegate was removed.
    DelegateRemoved {
        /// Who.
        account: AccountId,
        /// From which role.
        role: Role,
    },
    /// The device was suspended.
    Suspended,
    /// The device was resumed.
    Resumed,
    /// A new epoch was started on demand.
    EpochBumped,
    /// Control was offered.
    TransferOffered {
        /// The offer.
        offer: Offer,
    },
    /// The offer was withdrawn.
    TransferCancelled,
    /// Control was transferred, and the delegates were removed.
    Transferred {
        /// The controller before.
        previous: Controller,
        /// The controller now.
        controller: Controller,
    },
    /// The device was revoked; the tombstone is left.
    Revoked,
}

impl Change {
    /// Whether this change makes every older token of the device worthless, and so starts a new epoch.
    pub const fn starts_epoch(&self) -> bool {
        matches!(
            self,
            Self::KeyRotated { .. }
                | Self::KeyRevoked { .. }
                | Self::Suspended
                | Self::EpochBumped
                | Self::Transferred { .. }
                | Self::Revoked
        )
    }
}

/// The nonce that a signed operation used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct NonceUse {
    /// Its lane.
    pub lane: u8,
    /// The nonce.
    pub nonce: u64,
}

/// One entry of a device's history: the content of an event, and enough to rebuild the record.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct LogEntry {
    /// The record's version after the change: 1 for the registration, and one more for each change.
    pub version: u32,
    /// The device's epoch after the change.
    pub epoch: u32,
    /// The block's time.
    pub at_ms: TimestampMs,
    /// Who did it: the caller, or the signer of the operation.
    pub actor: AccountId,
    /// The block of the device's change before this one; 0 for the registration.
    pub previous_block: u32,
    /// The nonce that was used up, if the operation was submitted with a signature.
    pub nonce: Option<NonceUse>,
    /// What was changed.
    pub change: Change,
}

impl Device {
    /// The record after `entry`, whose event is in block `block`. `None` in, for the registration.
    ///
    /// This is how the contract changes a record and how a client rebuilds one from events: what it gives is what
    /// the chain has. It is total: for an entry that does not fit the record (which a chain never emits), the result is some record,
    /// longer than the one before by no more than the entry holds, and not within the [`bounds`] of what a chain keeps.
    pub fn evolve(record: Option<Self>, entry: &LogEntry, block: u32) -> Self {
        let mut device = record.unwrap_or_else(|| Self::unregistered(entry.at_ms));
        device.version = entry.version;
        device.epoch = entry.epoch;
        device.updated_ms = entry.at_ms;
        device.changed_block = block;
        if let Some(used) = entry.nonce {
            device.use_nonce(used);
        }
        device.apply(&entry.change, entry.at_ms);
        device
    }

    fn unregistered(at_ms: TimestampMs) -> Self {
        Self {
            status: Status::Active,
            epoch: 0,
            version: 0,
            changed_block: 0,
            created_ms: at_ms,
            updated_ms: at_ms,
            controller: Controller::Device,
            offer: None,
            metadata: None,
            lanes: Vec::new(),
            next_key_id: 0,
            keys: Vec::new(),
            services: Vec::new(),
            delegates: Vec::new(),
        }
    }

    fn use_nonce(&mut self, used: NonceUse) {
        if used.lane >= bounds::LANES_MAX {
            return;
        }
        let lane = usize::from(used.lane);
        if self.lanes.len() <= lane {
            self.lanes.resize(lane.saturating_add(1), 0);
        }
        if let Some(next) = self.lanes.get_mut(lane) {
            *next = used.nonce.saturating_add(1);
        }
    }

    fn apply(&mut self, change: &Change, at_ms: TimestampMs) {
        match change {
            Change::Registered { controller, metadata, keys, services, .. } => {
                self.controller = *controller;
                self.metadata = *metadata;
                keys.iter().for_each(|key| self.put_key(*key));
                self.services.clone_from(services);
            }
            Change::KeyAdded { key } => self.put_key(*key),
            Change::KeyRotated { revoked, key } => {
                self.mark_revoked(*revoked, at_ms);
                self.put_key(*key);
            }
            Change::KeyRevoked { id } => self.mark_revoked(*id, at_ms),
            Change::ServiceSet { service } => self.put_service(service),
            Change::ServiceRemoved { id } => self.services.retain(|service| service.id != *id),
            Change::MetadataSet { hash, .. } => self.metadata = *hash,
            Change::DelegateSet { delegate } => self.put_delegate(*delegate, at_ms),
            Change::DelegateRemoved { account, role } => {
                self.delegates.retain(|delegate| delegate.account != *account || delegate.role != *role);
            }
            Change::Suspended => self.status = Status::Suspended,
            Change::Resumed => self.status = Status::Active,
            Change::EpochBumped => {}
            Change::TransferOffered { offer } => self.offer = Some(*offer),
            Change::TransferCancelled => self.offer = None,
            Change::Transferred { controller, .. } => {
                self.controller = *controller;
                self.offer = None;
                self.delegates = vec![];
            }
            Change::Revoked => self.become_tombstone(),
        }
    }

    fn put_key(&mut self, key: Key) {
        if self.keys.len() >= bounds::KEYS_MAX {
            let oldest = self.keys.iter().filter_map(|key| key.revoked_ms.map(|revoked_ms| (revoked_ms, key.id))).min();
            if let Some((_, oldest)) = oldest {
                self.keys.retain(|key| key.id != oldest);
            }
        }
        self.next_key_id = key.id.saturating_add(1);
        self.keys.push(key);
    }

    fn mark_revoked(&mut self, id: KeyId, at_ms: TimestampMs) {
        if let Some(key) = self.keys.iter_mut().find(|key| key.id == id) {
            key.revoked_ms = Some(at_ms);
        }
    }

    fn put_service(&mut self, service: &Service) {
        match self.services.iter_mut().find(|existing| existing.id == service.id) {
            Some(existing) => existing.clone_from(service),
            None => self.services.push(service.clone()),
        }
    }

    fn put_delegate(&mut self, delegate: Delegate, at_ms: TimestampMs) {
        let same = |existing: &&mut Delegate| existing.account == delegate.account && existing.role == delegate.role;
        if let Some(existing) = self.delegates.iter_mut().find(same) {
            *existing = delegate;
            return;
        }
        if self.delegates.len() >= bounds::DELEGATES_MAX {
            if let Some(expired) = self.delegates.iter().position(|existing| existing.expires_ms <= at_ms) {
                self.delegates.remove(expired);
            }
        }
        self.delegates.push(delegate);
    }

    fn become_tombstone(&mut self) {
        self.status = Status::Revoked;
        self.offer = None;
        self.metadata = None;
        self.lanes = vec![];
        self.keys = vec![];
        self.services = vec![];
        self.delegates = vec![];
    }
}
