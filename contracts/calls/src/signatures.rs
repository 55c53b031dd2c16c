//! Checking signatures: Sr25519 by the chain, Ed25519 by the contract for it.

use ink::prelude::vec::Vec;
use marque_primitives::{AccountId, Signature, SignatureCheck};

/// A message and who signed it.
pub struct SignedMessage {
    /// The account whose key signed.
    pub signer: AccountId,
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature, by its scheme.
    pub signature: Signature,
}

/// Whether each of the signatures holds, in order. `ed25519` is the contract that checks those of that scheme, all in one call: each
/// call is charged for the contract's code. Where it does not answer, none of them holds.
pub fn are_signed(ed25519: &AccountId, messages: Vec<SignedMessage>) -> Vec<bool> {
    let mut checks = Vec::new();
    let schemes: Vec<Option<bool>> = messages
        .into_iter()
        .map(|SignedMessage { signer, message, signature }| match signature {
            Signature::Sr25519(signature) => Some(is_sr25519(&signer.0, &message, &signature)),
            Signature::Ed25519(signature) => {
                checks.push(SignatureCheck { public_key: signer.0, message, signature });
                None
            }
        })
        .collect();
    let answers = if checks.is_empty() { None } else { crate::verify_ed25519(ed25519, checks) };
    let mut answers = answers.unwrap_or_default().into_iter();
    schemes.into_iter().map(|scheme| scheme.unwrap_or_else(|| answers.next().unwrap_or_default())).collect()
}

/// Whether it is this key's Sr25519 signature in the context `substrate`, by the chain's own function.
pub fn is_sr25519(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    ink::env::sr25519_verify(signature, message, public_key).is_ok()
}
