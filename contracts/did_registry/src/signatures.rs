//! Checking signatures: Sr25519 by the chain, Ed25519 by the contract for it.

use ink::{
    env::{
        call::{build_call, ExecutionInput, Selector},
        DefaultEnvironment,
    },
    prelude::vec::Vec,
    primitives::AccountId as ChainAccountId,
};
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

/// Whether each of the signatures holds, in order. Where the contract that checks Ed25519 does not answer, no signature of that scheme does.
pub fn check(ed25519: &ChainAccountId, messages: Vec<SignedMessage>) -> Vec<bool> {
    let mut checks = Vec::new();
    let schemes: Vec<Option<bool>> = messages
        .into_iter()
        .map(|SignedMessage { signer, message, signature }| match signature {
            Signature::Sr25519(signature) => Some(is_sr25519(&signer, &message, &signature)),
            Signature::Ed25519(signature) => {
                checks.push(SignatureCheck { public_key: signer.0, message, signature });
                None
            }
        })
        .collect();
    let mut answers = if checks.is_empty() { Vec::new() } else { are_ed25519(ed25519, checks) }.into_iter();
    schemes.into_iter().map(|scheme| scheme.unwrap_or_else(|| answers.next().unwrap_or_default())).collect()
}

fn is_sr25519(signer: &AccountId, message: &[u8], signature: &[u8; 64]) -> bool {
    ink::env::sr25519_verify(signature, message, &signer.0).is_ok()
}

fn are_ed25519(contract: &ChainAccountId, checks: Vec<SignatureCheck>) -> Vec<bool> {
    let call = build_call::<DefaultEnvironment>()
        .call_v1(*contract)
        .exec_input(ExecutionInput::new(Selector::new(ink::selector_bytes!("verify"))).push_arg(checks))
        .returns::<Vec<bool>>();
    match call.try_invoke() {
        Ok(Ok(answers)) => answers,
        _ => Vec::new(),
    }
}
