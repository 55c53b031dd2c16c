//! Ed25519 for other contracts: a chain with pallet-contracts has no host function for it.
//!
//! It is a contract of its own so that no other one carries this code, which a chain may charge for in every call. It keeps
//! nothing, knows nobody and can't be changed.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod ed25519 {
    use ink::prelude::vec::Vec;
    use marque_primitives::SignatureCheck;

    /// The contract stores nothing.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Ed25519 {}

    impl Ed25519 {
        /// A contract that checks signatures.
        #[ink(constructor)]
        pub fn new() -> Self {
            Self::default()
        }

        /// Whether each of the signatures holds, in order, by
        /// [`verify_ed25519`](marque_primitives::verify_ed25519). What comes in is bounded by ink!'s buffer alone.
        #[ink(message)]
        pub fn verify(&self, checks: Vec<SignatureCheck>) -> Vec<bool> {
            checks.iter().map(SignatureCheck::holds).collect()
        }
    }
}
