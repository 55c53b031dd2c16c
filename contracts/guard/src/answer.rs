//! What the answer of a called contract means.

use marque_primitives::token::VerifyError;

use crate::GuardError;

/// The answer of `verify` or `check`. Whatever is no answer lets nobody through.
///
/// Who calls a contract chooses how much execution it gets, and how deep it is called: with little enough of either,
/// `access_control` does not answer, or the registry does not answer it. Neither says anything of the token.
pub fn of_call<T>(answer: Option<Result<T, VerifyError>>) -> Result<T, GuardError> {
    answer.ok_or(GuardError::AccessControlUnavailable)?.map_err(|error| match error {
        VerifyError::Unavailable => GuardError::AccessControlUnavailable,
        error => GuardError::Refused(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_answered_is_passed_on() {
        assert_eq!(of_call(Some(Ok(7))), Ok(7));
        for error in [VerifyError::Malformed, VerifyError::DeviceUnknown, VerifyError::PresenterIsNotSubject] {
            assert_eq!(of_call::<()>(Some(Err(error))), Err(GuardError::Refused(error)));
        }
    }

    #[test]
    fn no_answer_lets_nobody_through_and_says_nothing_of_the_token() {
        assert_eq!(of_call::<()>(None), Err(GuardError::AccessControlUnavailable));
        assert_eq!(of_call::<()>(Some(Err(VerifyError::Unavailable))), Err(GuardError::AccessControlUnavailable));
    }
}
