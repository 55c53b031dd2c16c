//! Devices, a million of them in little memory.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicBool, Ordering},
};

use hashbrown::HashTable;
use marque_primitives::{AccountId, Change, Device, DeviceId, Key, KeyId, KeyStatus, LogEntry, Relationships, Status};

/// An event of a device is not the one that follows the last: there is a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WrongVersion;

/// What is known of devices. Those that were not asked for lately make room for others.
#[derive(Debug)]
pub(super) struct Devices {
    slots: Vec<Slot>,
    /// Where in `slots` a device is.
    index: HashTable<u32>,
    hasher: RandomState,
    /// The slot that is looked at next when there must be room.
    hand: usize,
    weight: usize,
    weight_max: usize,
}

/// A device: 72 bytes, and 36 for each key where it has others than its initial one.
#[derive(Debug)]
struct Slot {
    id: DeviceId,
    epoch: u32,
    version: u32,
    keys: Keys,
    /// `None`: it is not registered.
    status: Option<Status>,
    /// Asked for since the hand was here last. Set while the view is only read.
    is_wanted: AtomicBool,
}

/// The current keys of a device that are for authentication and have an account.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Keys {
    /// The initial one alone, whose account is the device's id: the usual case.
    Initial,
    Listed(Box<[AccountKey]>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct AccountKey {
    id: KeyId,
    account: AccountId,
}

impl Devices {
    /// `weight_max`: how many devices are kept at most; one with several keys counts as so many. At least 1, and at most 2^31.
    pub(super) fn new(weight_max: usize) -> Self {
        Self {
            slots: Vec::new(),
            index: HashTable::new(),
            hasher: RandomState::new(),
            hand: 0,
            weight: 0,
            weight_max: weight_max.clamp(1, 1 << 31),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Status and epoch, and whether `presenter` is the account of a current key for authentication; `Some(None)` for a device that
    /// is not registered, `None` for one that is not known.
    pub(super) fn get(&self, device: &DeviceId, presenter: Option<&AccountId>) -> Option<Option<KeyStatus>> {
        let slot = &self.slots[self.place(device)?];
        // Not written where it is set already: cores that verify at once need not wait for each other.
        if !slot.is_wanted.load(Ordering::Relaxed) {
            slot.is_wanted.store(true, Ordering::Relaxed);
        }
        Some(slot.status.map(|status| KeyStatus {
            status,
            epoch: slot.epoch,
            is_current_key: presenter.is_some_and(|account| slot.keys.contain(device, account)),
        }))
    }

    /// Puts in what was read of a device.
    pub(super) fn put(&mut self, device: DeviceId, record: Option<&Device>) {
        let slot = match record {
            Some(record) => Slot::of(device, record),
            None => Slot::absent(device),
        };
        self.insert(slot);
    }

    /// Changes what is known of a device. One that is not known stays so, unless it is registered just now.
    pub(super) fn change(&mut self, device: DeviceId, entry: &LogEntry) -> Result<(), WrongVersion> {
        let is_new = matches!(entry.change, Change::Registered { .. });
        let Some(place) = self.place(&device) else {
            if is_new {
                let mut slot = Slot::absent(device);
                slot.change(entry)?;
                self.insert(slot);
            }
            return Ok(());
        };
        let slot = &mut self.slots[place];
        let before = slot.weight();
        slot.change(entry)?;
        self.weight = self.weight - before + slot.weight();
        self.make_room(0);
        Ok(())
    }

    fn place(&self, device: &DeviceId) -> Option<usize> {
        let found = self.index.find(self.hasher.hash_one(device), |place| self.slots[*place as usize].id == *device);
        found.map(|place| *place as usize)
    }

    fn insert(&mut self, slot: Slot) {
        if let Some(place) = self.place(&slot.id) {
            self.weight = self.weight - self.slots[place].weight() + slot.weight();
            self.slots[place] = slot;
            return self.make_room(0);
        }
        self.make_room(slot.weight());
        self.weight += slot.weight();
        let place = self.slots.len() as u32;
        let hash = self.hasher.hash_one(slot.id);
        self.slots.push(slot);
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.index.insert_unique(hash, place, |place| hasher.hash_one(slots[*place as usize].id));
    }

    /// Forgets devices until one of this weight fits: each that the hand comes to and that nobody asked for since it was there last.
    fn make_room(&mut self, weight: usize) {
        while self.weight + weight > self.weight_max && !self.slots.is_empty() {
            if self.hand >= self.slots.len() {
                self.hand = 0;
            }
            if !std::mem::take(self.slots[self.hand].is_wanted.get_mut()) {
                self.forget(self.hand);
            }
            // The last one has come into the place of one that went: it has its turn in the next round.
            self.hand += 1;
        }
    }

    fn forget(&mut self, place: usize) {
        let last = self.slots.len() - 1;
        self.unlink(place);
        if place != last {
            self.unlink(last);
        }
        let gone = self.slots.swap_remove(place);
        self.weight -= gone.weight();
        if place != last {
            let (slots, hasher) = (&self.slots, &self.hasher);
            let hash = hasher.hash_one(slots[place].id);
            self.index.insert_unique(hash, place as u32, |place| hasher.hash_one(slots[*place as usize].id));
        }
    }

    fn unlink(&mut self, place: usize) {
        let hash = self.hasher.hash_one(self.slots[place].id);
        if let Ok(found) = self.index.find_entry(hash, |other| *other as usize == place) {
            found.remove();
        }
    }
}

impl Slot {
    const fn absent(id: DeviceId) -> Self {
        Self { id, epoch: 0, version: 0, keys: Keys::Initial, status: None, is_wanted: AtomicBool::new(false) }
    }

    fn of(id: DeviceId, record: &Device) -> Self {
        let keys = Keys::of(&id, record.keys.iter().filter_map(AccountKey::of).collect());
        let (epoch, version, status) = (record.epoch, record.version, Some(record.status));
        Self { id, epoch, version, keys, status, is_wanted: AtomicBool::new(false) }
    }

    fn weight(&self) -> usize {
        match &self.keys {
            Keys::Initial => 1,
            Keys::Listed(keys) => keys.len().max(1),
        }
    }

    /// As [`Device::evolve`], for the part that is kept here.
    fn change(&mut self, entry: &LogEntry) -> Result<(), WrongVersion> {
        if Some(entry.version) != self.version.checked_add(1) {
            return Err(WrongVersion);
        }
        self.version = entry.version;
        self.epoch = entry.epoch;
        match &entry.change {
            Change::Registered { keys, .. } => {
                self.status = Some(Status::Active);
                self.keys = Keys::of(&self.id, keys.iter().filter_map(AccountKey::of).collect());
            }
            Change::KeyAdded { key } => self.change_keys(None, Some(key)),
            Change::KeyRotated { revoked, key } => self.change_keys(Some(*revoked), Some(key)),
            Change::KeyRevoked { id } => self.change_keys(Some(*id), None),
            Change::Suspended => self.status = Some(Status::Suspended),
            Change::Resumed => self.status = Some(Status::Active),
            Change::Revoked => {
                self.status = Some(Status::Revoked);
                self.keys = Keys::Listed(Box::default());
            }
            Change::ServiceSet { .. }
            | Change::ServiceRemoved { .. }
            | Change::MetadataSet { .. }
            | Change::DelegateSet { .. }
            | Change::DelegateRemoved { .. }
            | Change::EpochBumped
            | Change::TransferOffered { .. }
            | Change::TransferCancelled
            | Change::Transferred { .. } => {}
        }
        Ok(())
    }

    fn change_keys(&mut self, revoked: Option<KeyId>, added: Option<&Key>) {
        let mut keys = match &self.keys {
            Keys::Initial => vec![AccountKey::initial(&self.id)],
            Keys::Listed(keys) => keys.to_vec(),
        };
        keys.retain(|key| Some(key.id) != revoked);
        keys.extend(added.and_then(AccountKey::of));
        self.keys = Keys::of(&self.id, keys);
    }
}

impl Keys {
    fn of(device: &DeviceId, keys: Vec<AccountKey>) -> Self {
        if keys == [AccountKey::initial(device)] { Self::Initial } else { Self::Listed(keys.into()) }
    }

    fn contain(&self, device: &DeviceId, account: &AccountId) -> bool {
        match self {
            Self::Initial => device.account() == *account,
            Self::Listed(keys) => keys.iter().any(|key| key.account == *account),
        }
    }
}

impl AccountKey {
    const fn initial(device: &DeviceId) -> Self {
        Self { id: 0, account: device.account() }
    }

    fn of(key: &Key) -> Option<Self> {
        let is_good = key.is_current() && key.relationships.contains(Relationships::AUTHENTICATION);
        let account = key.public_key.account().filter(|_| is_good)?;
        Some(Self { id: key.id, account })
    }
}
