//! Authorization servers, scopes, roles and grants; verification and revocation of access tokens.
//!
//! `policy` decides who may do what and when; what makes a token good is [`marque_primitives::token::verify`], which clients share.
//! This file reads the environment, calls them and emits.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod policy;
mod state;

/// The contract.
#[ink::contract]
mod access_control {
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::Mapping,
    };
    use marque_primitives::{
        self as primitives,
        access::{
            AccessChange, AccessError, AccessInfo, AccessLogEntry, AccessOperation, Entitlements, Grant, Grantee,
            Issuer, IssuerId, NewIssuerKey, RoleRecord, Scope, Trust,
        },
        bounds,
        token::{self, Requirement, SignedToken, Standing, TokenState, Verified, VerifyError},
        DeviceId, Hash as Hash256, KeyStatus, PublicKey, RegistryId, Relationships, SignatureCheck, TimestampMs,
    };

    use crate::{
        policy::{self, Context},
        state::{Revocation, State, StateMut},
    };

    /// An authorization server, or something of it, was changed. Every write emits exactly one.
    #[ink(event)]
    pub struct IssuerChanged {
        /// The authorization server.
        #[ink(topic)]
        pub issuer: IssuerId,
        /// What was changed, by whom and when.
        pub entry: AccessLogEntry,
    }

    /// A name within an authorization server.
    type Name = (IssuerId, String);
    /// A grantee of an authorization server.
    type Recipient = (IssuerId, Grantee);

    /// The contract's storage.
    #[ink(storage)]
    pub struct AccessControl {
        genesis_hash: Hash256,
        registry: primitives::AccountId,
        registry_id: RegistryId,
        ed25519: primitives::AccountId,
        reclaim_price: Balance,
        next_issuer: IssuerId,
        issuers: Mapping<IssuerId, Issuer>,
        scopes: Mapping<Name, Scope>,
        roles: Mapping<Name, Vec<String>>,
        grants: Mapping<Recipient, Vec<Grant>>,
        trusts: Mapping<(IssuerId, IssuerId), Trust>,
        revocations: Mapping<(IssuerId, Hash256), Revocation>,
        tokens_before: Mapping<(IssuerId, DeviceId), TimestampMs>,
    }

    impl AccessControl {
        /// A contract without authorization servers, for the devices of `registry`. It has no owner and no administrator.
        ///
        /// `ed25519` is a contract that checks Ed25519 signatures; clients compare its code with the one that they know, as they
        /// compare the genesis hash with the chain's and the registry with the one that they use. `reclaim_price` is the chain's
        /// deposit for the entry of a revoked token, in its smallest unit: a contract can't read it.
        #[ink(constructor)]
        pub fn new(
            genesis_hash: Hash256,
            registry: primitives::AccountId,
            ed25519: primitives::AccountId,
            reclaim_price: Balance,
        ) -> Self {
            let registry_id = RegistryId::derive_with(&genesis_hash, &registry, blake2b_256);
            Self {
                genesis_hash,
                registry,
                registry_id,
                ed25519,
                reclaim_price,
                next_issuer: 0,
                issuers: Mapping::default(),
                scopes: Mapping::default(),
                roles: Mapping::default(),
                grants: Mapping::default(),
                trusts: Mapping::default(),
                revocations: Mapping::default(),
                tokens_before: Mapping::default(),
            }
        }

        /// Registers an authorization server, which is the caller's. Returns its number.
        ///
        /// # Errors
        /// [`AccessError::InvalidUrl`], [`AccessError::MaxKeysExceeded`]; for each key [`AccessError::InvalidWindow`],
        /// [`AccessError::InvalidKey`], [`AccessError::KeyAlreadyExists`]; [`AccessError::Overflow`].
        ///
        /// # Events
        /// [`IssuerChanged`].
        #[ink(message)]
        pub fn register_issuer(&mut self, url: String, keys: Vec<NewIssuerKey>) -> Result<IssuerId, AccessError> {
            let id = self.next_issuer;
            let next = id.checked_add(1).ok_or(AccessError::Overflow)?;
            let context = self.context(id);
            let change = policy::register(url, keys, &context)?;
            self.next_issuer = next;
            self.change(None, change, &context)?;
            Ok(id)
        }

        /// Carries out an operation for the caller.
        ///
        /// # Errors
        /// [`AccessError`], with its precedence.
        ///
        /// # Events
        /// [`IssuerChanged`].
        #[ink(message)]
        pub fn execute(&mut self, issuer: IssuerId, operation: AccessOperation) -> Result<(), AccessError> {
            let record = self.issuers.get(issuer).ok_or(AccessError::IssuerNotFound)?;
            let context = self.context(issuer);
            let change = policy::decide(self, &record, operation, &context)?;
            self.change(Some(record), change, &context)
        }

        /// Takes away the entry of a revoked token that has expired. Anyone may. The caller pays exactly
        /// [`AccessInfo::reclaim_price`], which goes to who revoked the token and paid the entry's deposit; the chain
        /// refunds that deposit to the caller in the same transaction.
        ///
        /// # Errors
        /// [`AccessError::WrongPayment`], [`AccessError::IssuerNotFound`], [`AccessError::TokenNotRevoked`],
        /// [`AccessError::TokenNotExpired`], [`AccessError::PaymentFailed`].
        ///
        /// # Events
        /// [`IssuerChanged`].
        #[ink(message, payable)]
        pub fn reclaim(&mut self, issuer: IssuerId, token: Hash256) -> Result<(), AccessError> {
            if self.env().transferred_value() != self.reclaim_price {
                return Err(AccessError::WrongPayment);
            }
            let record = self.issuers.get(issuer).ok_or(AccessError::IssuerNotFound)?;
            let context = self.context(issuer);
            let revocation = self.revocation(issuer, &token);
            let change = policy::reclaim(revocation, token, context.now_ms)?;
            self.change(Some(record), change, &context)?;
            match revocation {
                Some(Revocation { payer, .. }) => self
                    .env()
                    .transfer(AccountId::from(payer.0), self.reclaim_price)
                    .map_err(|_| AccessError::PaymentFailed),
                None => Err(AccessError::TokenNotRevoked),
            }
        }

        /// An authorization server's record.
        #[ink(message)]
        pub fn issuer(&self, issuer: IssuerId) -> Option<Issuer> {
            self.issuers.get(issuer)
        }

        /// A scope, retired or not.
        #[ink(message)]
        pub fn scope(&self, issuer: IssuerId, name: String) -> Option<Scope> {
            State::scope(self, issuer, &name)
        }

        /// A role.
        #[ink(message)]
        pub fn role(&self, issuer: IssuerId, name: String) -> Option<RoleRecord> {
            State::role(self, issuer, &name).map(|scopes| RoleRecord { scopes })
        }

        /// A grantee's grants, those that are over included: at most [`bounds::GRANTS_MAX`].
        #[ink(message)]
        pub fn grants(&self, issuer: IssuerId, grantee: Grantee) -> Vec<Grant> {
            State::grants(self, issuer, &grantee)
        }

        /// What one authorization server trusts another for.
        #[ink(message)]
        pub fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust> {
            self.trusts.get((by, of))
        }

        /// Whether the token is revoked whose id has this BLAKE2b-256 hash.
        #[ink(message)]
        pub fn is_token_revoked(&self, issuer: IssuerId, token: Hash256) -> bool {
            self.revocations.contains((issuer, token))
        }

        /// Tokens of the device that were issued before this time are revoked; 0 if none are.
        #[ink(message)]
        pub fn tokens_before(&self, issuer: IssuerId, device: DeviceId) -> TimestampMs {
            State::tokens_before_ms(self, issuer, &device)
        }

        /// What a device may get from an authorization server now; `None` if there is no such authorization server, or the
        /// registry does not answer.
        #[ink(message)]
        pub fn entitlements(&self, issuer: IssuerId, device: DeviceId) -> Option<Entitlements> {
            let record = self.issuers.get(issuer)?;
            let standing = self.device(&device, None).ok()?;
            Some(policy::entitlements(self, issuer, &record, &device, standing, self.env().block_timestamp()))
        }

        /// Verifies a token (a CWT) that `presenter` presents: what it says, or why it is refused.
        ///
        /// A contract passes its own caller as the presenter; the chain has checked that the caller is that account.
        ///
        /// # Errors
        /// [`VerifyError`], with its precedence.
        #[ink(message)]
        pub fn verify(
            &self,
            token: Vec<u8>,
            requirement: Requirement,
            presenter: primitives::AccountId,
        ) -> Result<Verified, VerifyError> {
            let token = SignedToken::from_cwt(&token)?;
            let now_ms = self.env().block_timestamp();
            let standing =
                token::verify(self, &token, &requirement, Some(&presenter), now_ms, bounds::CLOCK_SKEW_MAX_MS)?;
            Ok(Verified { claims: token.claims, standing })
        }

        /// Checks that a token which was verified once by this requirement is still good: for what goes on for a while.
        ///
        /// # Errors
        /// Those of [`ensure_standing`](marque_primitives::token::ensure_standing).
        #[ink(message)]
        pub fn check(&self, standing: Standing, requirement: Requirement) -> Result<(), VerifyError> {
            let now_ms = self.env().block_timestamp();
            token::ensure_standing(self, &standing, &requirement, now_ms, bounds::CLOCK_SKEW_MAX_MS)
        }

        /// What the contract says of itself.
        #[ink(message)]
        pub fn info(&self) -> AccessInfo {
            AccessInfo {
                genesis_hash: self.genesis_hash,
                registry: self.registry,
                ed25519: self.ed25519,
                reclaim_price: self.reclaim_price,
                next_issuer: self.next_issuer,
            }
        }

        /// The one way in which anything is changed.
        fn change(
            &mut self,
            record: Option<Issuer>,
            change: AccessChange,
            context: &Context,
        ) -> Result<(), AccessError> {
            policy::apply(self, &change, context);
            if policy::is_of_record(&change) {
                let record = Issuer::evolve(record, &change, context.now_ms).ok_or(AccessError::IssuerNotFound)?;
                self.issuers.try_insert(context.issuer, &record).map_err(|_| AccessError::TooLarge)?;
            }
            let entry = AccessLogEntry { at_ms: context.now_ms, actor: context.actor, change };
            self.env().emit_event(IssuerChanged { issuer: context.issuer, entry });
            Ok(())
        }

        fn context(&self, issuer: IssuerId) -> Context {
            let actor = primitives::AccountId(*self.env().caller().as_ref());
            Context { issuer, actor, now_ms: self.env().block_timestamp() }
        }
    }

    impl State for AccessControl {
        fn scope(&self, issuer: IssuerId, name: &str) -> Option<Scope> {
            self.scopes.get(named(issuer, name, bounds::SCOPE_BYTES_MAX)?)
        }

        fn role(&self, issuer: IssuerId, name: &str) -> Option<Vec<String>> {
            self.roles.get(named(issuer, name, bounds::ROLE_BYTES_MAX)?)
        }

        fn grants(&self, issuer: IssuerId, grantee: &Grantee) -> Vec<Grant> {
            self.grants.get((issuer, *grantee)).unwrap_or_default()
        }

        fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust> {
            self.trusts.get((by, of))
        }

        fn revocation(&self, issuer: IssuerId, token: &Hash256) -> Option<Revocation> {
            self.revocations.get((issuer, *token))
        }

        fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs {
            self.tokens_before.get((issuer, *device)).unwrap_or_default()
        }

        fn is_issuer(&self, issuer: IssuerId) -> bool {
            issuer < self.next_issuer
        }
    }

    impl StateMut for AccessControl {
        fn set_scope(&mut self, issuer: IssuerId, name: &str, scope: &Scope) {
            self.scopes.insert((issuer, String::from(name)), scope);
        }

        fn set_role(&mut self, issuer: IssuerId, name: &str, scopes: Option<Vec<String>>) {
            let key = (issuer, String::from(name));
            match scopes {
                Some(scopes) => drop(self.roles.insert(key, &scopes)),
                None => self.roles.remove(key),
            }
        }

        fn set_grants(&mut self, issuer: IssuerId, grantee: &Grantee, grants: Vec<Grant>) {
            if grants.is_empty() {
                self.grants.remove((issuer, *grantee));
            } else {
                self.grants.insert((issuer, *grantee), &grants);
            }
        }

        fn set_trust(&mut self, by: IssuerId, of: IssuerId, trust: Option<&Trust>) {
            match trust {
                Some(trust) => drop(self.trusts.insert((by, of), trust)),
                None => self.trusts.remove((by, of)),
            }
        }

        fn set_revocation(&mut self, issuer: IssuerId, token: &Hash256, revocation: Option<&Revocation>) {
            match revocation {
                Some(revocation) => drop(self.revocations.insert((issuer, *token), revocation)),
                None => self.revocations.remove((issuer, *token)),
            }
        }

        fn set_tokens_before_ms(&mut self, issuer: IssuerId, device: &DeviceId, before_ms: TimestampMs) {
            self.tokens_before.insert((issuer, *device), &before_ms);
        }
    }

    impl TokenState for AccessControl {
        fn registry(&self) -> RegistryId {
            self.registry_id
        }

        fn issuer(&self, issuer: IssuerId) -> Option<Issuer> {
            self.issuers.get(issuer)
        }

        fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust> {
            self.trusts.get((by, of))
        }

        fn is_token_revoked(&self, issuer: IssuerId, token: &Hash256) -> bool {
            self.revocations.contains((issuer, *token))
        }

        fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs {
            State::tokens_before_ms(self, issuer, device)
        }

        fn device(
            &self,
            device: &DeviceId,
            presenter: Option<&primitives::AccountId>,
        ) -> Result<Option<KeyStatus>, VerifyError> {
            let account = presenter.copied().unwrap_or(device.account());
            marque_calls::key_status(&self.registry, device, &account, Relationships::AUTHENTICATION)
                .ok_or(VerifyError::Unavailable)
        }

        fn is_signed(
            &self,
            public_key: &PublicKey,
            signed_bytes: &[u8],
            signature: &[u8; 64],
        ) -> Result<bool, VerifyError> {
            match public_key {
                PublicKey::Sr25519(key) => Ok(marque_calls::is_sr25519(key, signed_bytes, signature)),
                PublicKey::Ed25519(public_key) => {
                    let (public_key, signature) = (*public_key, *signature);
                    let check = SignatureCheck { public_key, message: signed_bytes.to_vec(), signature };
                    let answers = marque_calls::verify_ed25519(&self.ed25519, Vec::from([check]));
                    match answers.as_deref() {
                        Some(&[is_signed]) => Ok(is_signed),
                        _ => Err(VerifyError::Unavailable),
                    }
                }
                PublicKey::X25519(_) | PublicKey::P256(_) => Ok(false),
            }
        }

        fn blake2b_256(&self, bytes: &[u8]) -> Hash256 {
            blake2b_256(bytes)
        }
    }

    /// The key of something that is named. Nothing has a longer name; the chain ends a call that asks for a key over 128 bytes.
    fn named(issuer: IssuerId, name: &str, bytes_max: usize) -> Option<Name> {
        (name.len() <= bytes_max).then(|| (issuer, String::from(name)))
    }

    /// The host's BLAKE2b-256.
    fn blake2b_256(bytes: &[u8]) -> Hash256 {
        let mut hash = [0; 32];
        ink::env::hash_bytes::<ink::env::hash::Blake2x256>(bytes, &mut hash);
        hash
    }
}
