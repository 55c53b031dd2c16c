//! How Marque's contracts call each other. A contract that does not answer, or answers something else, is `None`: the caller fails
//! closed.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

mod signatures;

use ink::{
    env::{
        call::{build_call, ExecutionInput, Selector},
        DefaultEnvironment,
    },
    prelude::vec::Vec,
    scale::{Decode, Encode},
};
use marque_primitives::{
    token::{Requirement, Standing, Verified, VerifyError},
    AccountId, DeviceId, KeyStatus, Relationships, SignatureCheck,
};

pub use signatures::{are_signed, is_sr25519, SignedMessage};

/// Whether each of the Ed25519 signatures holds, in order: `ed25519::verify`.
pub fn verify_ed25519(contract: &AccountId, checks: Vec<SignatureCheck>) -> Option<Vec<bool>> {
    call(contract, ink::selector_bytes!("verify"), checks)
}

/// A device's status and epoch, and whether the account is that of a current key of it: `did_registry::key_status`.
pub fn key_status(
    contract: &AccountId,
    device: &DeviceId,
    account: &AccountId,
    relationships: Relationships,
) -> Option<Option<KeyStatus>> {
    call(contract, ink::selector_bytes!("key_status"), (device, account, relationships))
}

/// Whether a token is good: `access_control::verify`.
pub fn verify_token(
    contract: &AccountId,
    token: &[u8],
    requirement: &Requirement,
    presenter: &AccountId,
) -> Option<Result<Verified, VerifyError>> {
    call(contract, ink::selector_bytes!("verify"), (token, requirement, presenter))
}

/// Whether a token that was verified once is still good: `access_control::check`.
pub fn check_standing(
    contract: &AccountId,
    standing: &Standing,
    requirement: &Requirement,
) -> Option<Result<(), VerifyError>> {
    call(contract, ink::selector_bytes!("check"), (standing, requirement))
}

fn call<T: Decode>(contract: &AccountId, selector: [u8; 4], arguments: impl Encode) -> Option<T> {
    let input = ExecutionInput::new(Selector::new(selector)).push_arg(arguments);
    // The older of the chain's two functions for this: every version of pallet-contracts has it.
    let call = build_call::<DefaultEnvironment>().call_v1(contract.0.into()).exec_input(input).returns::<T>();
    call.try_invoke().ok()?.ok()
}
