//! The registry of device identities.
//!
//! `policy` decides who may do what and when, as pure functions of the record, the actor and the time; what a change does to a
//! record is [`Device::evolve`](marque_primitives::Device::evolve). This file reads the environment, calls them and emits.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod policy;

/// The contract.
#[ink::contract]
mod did_registry {
    use ink::{prelude::vec::Vec, storage::Mapping};
    use marque_calls::SignedMessage;
    use marque_primitives::{
        self as primitives, bounds, Change, Device, DeviceId, DeviceStatus, Domain, Error, Hash as Hash256, KeyStatus,
        LogEntry, NonceUse, Operation, RegistryInfo, Relationships, Signature, SignedOperation,
    };

    use crate::policy::{self, Context};

    /// A device's record was changed. Every write emits exactly one, for each device that it changes.
    #[ink(event)]
    pub struct DeviceChanged {
        /// The device.
        #[ink(topic)]
        pub device: DeviceId,
        /// What was changed, by whom and when.
        pub entry: LogEntry,
    }

    /// The registry's storage: one record for each device, and what holds for all of them.
    #[ink(storage)]
    pub struct DidRegistry {
        genesis_hash: Hash256,
        ed25519: primitives::AccountId,
        registered: u64,
        last_registration_block: u32,
        devices: Mapping<DeviceId, Device>,
    }

    /// What is known of a signed operation once its signature was checked.
    struct Signed {
        nonce: NonceUse,
        is_ed25519: bool,
    }

    impl DidRegistry {
        /// An empty registry. It has no owner and no administrator.
        ///
        /// A contract can't read its chain's genesis hash, so that the deployer gives it. Signatures are bound to it, and clients
        /// compare it with the chain's before they use the registry. `ed25519` is a contract that checks Ed25519 signatures; clients
        /// compare its code with the one that they know.
        #[ink(constructor)]
        pub fn new(genesis_hash: Hash256, ed25519: primitives::AccountId) -> Self {
            Self { genesis_hash, ed25519, registered: 0, last_registration_block: 0, devices: Mapping::default() }
        }

        /// Carries out an operation for the caller.
        ///
        /// # Errors
        /// Each of [`Error`] but those of signed operations and batches, with its precedence.
        ///
        /// # Events
        /// [`DeviceChanged`].
        #[ink(message)]
        pub fn execute(&mut self, device: DeviceId, operation: Operation) -> Result<(), Error> {
            let actor = self.caller();
            let record = self.load(&device)?;
            self.change(device, record, operation, actor, None)
        }

        /// Carries out an operation for its signer, whoever submits it (if the signer allows).
        ///
        /// # Errors
        /// Each of [`Error`] but those of batches, with its precedence.
        ///
        /// # Events
        /// [`DeviceChanged`].
        #[ink(message)]
        pub fn execute_signed(&mut self, signed: SignedOperation) -> Result<(), Error> {
            self.carry_out(signed, None)
        }

        /// Registers up to [`bounds::BATCH_MAX`] devices by their signed registrations. Each stands for itself: the
        /// answer has an entry for each, in order, and one that is refused changes nothing.
        ///
        /// # Errors
        /// [`Error::BatchEmpty`], [`Error::TooLarge`] for the batch; within it [`Error::NotARegistration`] and
        /// those of [`execute_signed`](Self::execute_signed).
        ///
        /// # Events
        /// [`DeviceChanged`] for each device that was registered.
        #[ink(message)]
        pub fn register_batch(&mut self, batch: Vec<SignedOperation>) -> Result<Vec<Result<(), Error>>, Error> {
            if batch.is_empty() {
                return Err(Error::BatchEmpty);
            }
            if batch.len() > bounds::BATCH_MAX {
                return Err(Error::TooLarge);
            }
            // One call for all their signatures: each call of a contract is charged for its code.
            let are_valid = self.check_all(batch.iter().map(|signed| self.signed_message(signed)).collect());
            Ok(batch.into_iter().zip(are_valid).map(|(signed, valid)| self.register_signed(signed, valid)).collect())
        }

        /// All that is known of a device, a DID document's worth, in one call; `None` if it was never registered.
        #[ink(message)]
        pub fn device(&self, device: DeviceId) -> Option<Device> {
            self.read(&device)
        }

        /// Status and epoch of a device; `None` if it was never registered.
        #[ink(message)]
        pub fn status(&self, device: DeviceId) -> Option<DeviceStatus> {
            self.read(&device).as_ref().map(DeviceStatus::from)
        }

        /// Status and epoch of up to [`bounds::PAGE_MAX`] devices, in order.
        ///
        /// # Errors
        /// [`Error::TooLarge`].
        #[ink(message)]
        pub fn statuses(&self, devices: Vec<DeviceId>) -> Result<Vec<Option<DeviceStatus>>, Error> {
            if devices.len() > bounds::PAGE_MAX {
                return Err(Error::TooLarge);
            }
            Ok(devices.into_iter().map(|device| self.status(device)).collect())
        }

        /// What a contract needs to know of a device that calls it: its status and epoch, and whether `account` is that of a
        /// current key of it with all of `relationships`. `None` if it was never registered.
        #[ink(message)]
        pub fn key_status(
            &self,
            device: DeviceId,
            account: primitives::AccountId,
            relationships: Relationships,
        ) -> Option<KeyStatus> {
            self.read(&device).map(|record| KeyStatus {
                status: record.status,
                epoch: record.epoch,
                is_current_key: record.current_key_of(&account, relationships).is_some(),
            })
        }

        /// Checks that `message` was signed by a current key of an active device that has all of `relationships`; with none
        /// of them, a key for any purpose will do.
        ///
        /// Give messages a tag of their own, so that no other use of the key can be passed off as this one.
        ///
        /// # Errors
        /// [`Error::TooLarge`] over [`bounds::MESSAGE_BYTES_MAX`], [`Error::NotFound`], [`Error::Revoked`], [`Error::Suspended`],
        /// [`Error::KeyNotFound`], [`Error::InvalidSignature`].
        #[ink(message)]
        pub fn verify_signature(
            &self,
            device: DeviceId,
            relationships: Relationships,
            signer: primitives::AccountId,
            message: Vec<u8>,
            signature: Signature,
        ) -> Result<(), Error> {
            if message.len() > bounds::MESSAGE_BYTES_MAX {
                return Err(Error::TooLarge);
            }
            let record = self.load(&device)?.ok_or(Error::NotFound)?;
            policy::ensure_signs(&record, &signer, relationships, &signature)?;
            ensure_valid(self.check(SignedMessage { signer, message, signature }))
        }

        /// What the registry says of itself.
        #[ink(message)]
        pub fn info(&self) -> RegistryInfo {
            RegistryInfo {
                genesis_hash: self.genesis_hash,
                ed25519: self.ed25519,
                registered: self.registered,
                last_registration_block: self.last_registration_block,
            }
        }

        fn register_signed(&mut self, signed: SignedOperation, is_valid: bool) -> Result<(), Error> {
            if !matches!(signed.envelope.operation, Operation::Register { .. }) {
                return Err(Error::NotARegistration);
            }
            self.carry_out(signed, Some(is_valid))
        }

        /// Carries out what was signed. Whether the signature is valid is found out here, unless it is known.
        fn carry_out(&mut self, signed: SignedOperation, is_valid: Option<bool>) -> Result<(), Error> {
            policy::ensure_submittable(&signed.envelope, self.caller(), self.env().block_timestamp())?;
            let record = self.load(&signed.envelope.device)?;
            policy::ensure_next_nonce(record.as_ref(), &signed.envelope)?;
            ensure_valid(is_valid.unwrap_or_else(|| self.check(self.signed_message(&signed))))?;
            let SignedOperation { envelope, signature } = signed;
            let signed = Signed {
                nonce: NonceUse { lane: envelope.lane, nonce: envelope.nonce },
                is_ed25519: matches!(signature, Signature::Ed25519(_)),
            };
            self.change(envelope.device, record, envelope.operation, envelope.signer, Some(signed))
        }

        /// The one way in which a record is changed.
        fn change(
            &mut self,
            device: DeviceId,
            record: Option<Device>,
            operation: Operation,
            actor: primitives::AccountId,
            signed: Option<Signed>,
        ) -> Result<(), Error> {
            let context = Context {
                device,
                actor,
                is_ed25519_proven: signed.as_ref().is_some_and(|signed| signed.is_ed25519),
                now_ms: self.env().block_timestamp(),
                last_registration_block: self.last_registration_block,
            };
            let nonce = signed.map(|signed| signed.nonce);
            let entry = policy::decide(record.as_ref(), operation, nonce, &context)?;
            let block = self.env().block_number();
            let is_new = matches!(entry.change, Change::Registered { .. });
            let registered = self.registered.checked_add(u64::from(is_new)).ok_or(Error::Overflow)?;
            let record = Device::evolve(record, &entry, block);
            // Nothing is changed before the last refusal: in a batch, a refusal does not undo what came before it.
            self.devices.try_insert(device, &record).map_err(|_| Error::TooLarge)?;
            if is_new {
                self.registered = registered;
                self.last_registration_block = block;
            }
            self.env().emit_event(DeviceChanged { device, entry });
            Ok(())
        }

        /// The record, for a message that only reads: by the bounds, every record can be read.
        fn read(&self, device: &DeviceId) -> Option<Device> {
            self.load(device).unwrap_or_default()
        }

        fn load(&self, device: &DeviceId) -> Result<Option<Device>, Error> {
            self.devices.try_get(device).transpose().map_err(|_| Error::TooLarge)
        }

        fn caller(&self) -> primitives::AccountId {
            primitives::AccountId(*self.env().caller().as_ref())
        }

        fn signed_message(&self, signed: &SignedOperation) -> SignedMessage {
            let domain = Domain {
                genesis_hash: self.genesis_hash,
                contract: primitives::AccountId(*self.env().account_id().as_ref()),
            };
            let hash = |bytes: &[u8]| self.env().hash_bytes::<ink::env::hash::Blake2x256>(bytes);
            SignedMessage {
                signer: signed.envelope.signer,
                message: signed.envelope.signed_bytes(&domain, hash).to_vec(),
                signature: signed.signature,
            }
        }

        fn check(&self, message: SignedMessage) -> bool {
            self.check_all(Vec::from([message])) == [true]
        }

        fn check_all(&self, messages: Vec<SignedMessage>) -> Vec<bool> {
            marque_calls::are_signed(&self.ed25519, messages)
        }
    }

    const fn ensure_valid(is_valid: bool) -> Result<(), Error> {
        if is_valid {
            Ok(())
        } else {
            Err(Error::InvalidSignature)
        }
    }
}
