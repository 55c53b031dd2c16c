//! What a contract demands of who calls it.

use ink::{
    prelude::{string::String, vec::Vec},
    primitives::AccountId,
};
use marque_primitives::{
    self as primitives,
    access::IssuerId,
    bounds,
    token::{Requirement, Standing, Verified, VerifyError},
};

use crate::{answer, GuardError};

/// What a contract demands of who calls it. Kept in the contract's storage; for chains with the accounts and balances of
/// [`DefaultEnvironment`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Guard {
    /// The contract `access_control` that verifies tokens. It is believed: whoever chooses it chooses who gets in.
    pub access_control: AccountId,
    /// The authorization server that is trusted, with those that it trusts.
    pub issuer: IssuerId,
    /// Whom tokens must be for. Give each contract one of its own, or what was issued for one is good for the other.
    pub audience: String,
}

impl Guard {
    /// A guard.
    pub const fn new(access_control: AccountId, issuer: IssuerId, audience: String) -> Self {
        Self { access_control, issuer, audience }
    }

    /// Has a token (a CWT) verified that the contract's caller presents, for this audience and with all of `scopes`. Pass
    /// `self.env().caller()`: that account must be a current key of the token's device, for authentication, and the key that the token is
    /// bound to, if it is bound to one.
    ///
    /// Keep [`Verified::standing`] to ask with [`recheck`](Self::recheck) later, for what goes on for a while.
    ///
    /// # Errors
    /// [`GuardError::Refused`] with the reason; [`GuardError::AccessControlUnavailable`].
    pub fn demand(&self, caller: AccountId, token: Vec<u8>, scopes: &[&str]) -> Result<Verified, GuardError> {
        // Passing on what does not fit into ink!'s buffer would trap.
        if token.len() > bounds::CWT_BYTES_MAX {
            return Err(GuardError::Refused(VerifyError::Malformed));
        }
        let requirement = self.requirement(scopes);
        answer::of_call(marque_calls::verify_token(&self.access_control(), &token, &requirement, &account(caller)))
    }

    /// Has a token checked that was verified before for these scopes: whether its device, its authorization server, its key and itself are
    /// still good, it has not expired, and the authorization server, if it is another one, is still trusted for them.
    ///
    /// Anybody can bring about [`GuardError::AccessControlUnavailable`] in a call of their own, by paying for too little execution.
    /// Refuse to go on for it, but end nothing for it.
    ///
    /// # Errors
    /// [`GuardError::Refused`] with the reason; [`GuardError::AccessControlUnavailable`].
    pub fn recheck(&self, standing: &Standing, scopes: &[&str]) -> Result<(), GuardError> {
        answer::of_call(marque_calls::check_standing(&self.access_control(), standing, &self.requirement(scopes)))
    }

    fn requirement(&self, scopes: &[&str]) -> Requirement {
        let scopes = scopes.iter().map(|scope| String::from(*scope)).collect();
        Requirement { issuer: self.issuer, audience: self.audience.clone(), scopes }
    }

    fn access_control(&self) -> primitives::AccountId {
        account(self.access_control)
    }
}

fn account(account: AccountId) -> primitives::AccountId {
    primitives::AccountId(*account.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_too_long_is_refused_without_a_call() {
        // A call would panic here: ink!'s off-chain environment has none.
        let guard = Guard::new([1; 32].into(), 0, "door-1".into());
        let token = [0; bounds::CWT_BYTES_MAX + 1].to_vec();
        let refused = Err(GuardError::Refused(VerifyError::Malformed));
        assert_eq!(guard.demand([2; 32].into(), token, &["door:open"]), refused);
    }
}
