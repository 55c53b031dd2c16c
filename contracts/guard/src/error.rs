//! Why a guard lets nobody through.

use marque_primitives::token::VerifyError;

/// Why a guard lets nobody through. Flat and append-only; small enough to be a variant of a consumer's own error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum GuardError {
    /// The token is not good, or not for this.
    Refused(VerifyError),
    /// The contract that verifies tokens gave no answer: there is none at its account, it failed, or the caller paid for too little
    /// execution. Nothing is known of the token.
    AccessControlUnavailable,
}
