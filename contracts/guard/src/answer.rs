//! What the answer of a called contract means.

use ink::{env::Error as CallError, MessageResult};
use marque_primitives::token::VerifyError;

use crate::GuardError;

/// The answer of `verify` or `check`. Whatever is no answer lets nobody through.
pub fn of_call<T>(called: Result<MessageResult<Result<T, VerifyError>>, CallError>) -> Result<T, GuardError> {
    match called {
        Ok(Ok(answer)) => answer.map_err(GuardError::Refused),
        Ok(Err(_)) | Err(_) => Err(GuardError::AccessControlUnavailable),
    }
}

/// The answer of `check`, asked for a token that was verified before.
///
/// Who calls a contract chooses how much execution it gets, and how deep it is called: with little enough of either, the registry
/// of devices does not answer and `access_control` knows no device. But a device that was known once is known for ever, even when
/// it is revoked, so that an unknown one says nothing of the token.
pub fn of_recheck(called: Result<MessageResult<Result<(), VerifyError>>, CallError>) -> Result<(), GuardError> {
    match of_call(called) {
        Err(GuardError::Refused(VerifyError::DeviceUnknown)) => Err(GuardError::AccessControlUnavailable),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use ink::{env::ReturnErrorCode, LangError};

    use super::*;

    const UNAVAILABLE: Result<(), GuardError> = Err(GuardError::AccessControlUnavailable);

    #[test]
    fn what_is_answered_is_passed_on() {
        assert_eq!(of_call(Ok(Ok(Ok(7)))), Ok(7));
        assert_eq!(of_recheck(Ok(Ok(Ok(())))), Ok(()));
        for error in [VerifyError::Malformed, VerifyError::DeviceUnknown, VerifyError::PresenterIsNotSubject] {
            assert_eq!(of_call::<()>(Ok(Ok(Err(error)))), Err(GuardError::Refused(error)));
        }
        for error in [VerifyError::Expired, VerifyError::DeviceRevoked, VerifyError::TokenRevoked] {
            assert_eq!(of_recheck(Ok(Ok(Err(error)))), Err(GuardError::Refused(error)));
        }
    }

    #[test]
    fn no_answer_lets_nobody_through() {
        let failures: [fn() -> CallError; 4] = [
            || ReturnErrorCode::CalleeTrapped.into(),
            || ReturnErrorCode::NotCallable.into(),
            || ReturnErrorCode::CodeNotFound.into(),
            || CallError::Decode("another contract's answer".into()),
        ];
        for failure in failures {
            assert_eq!(of_call(Err(failure())), UNAVAILABLE);
            assert_eq!(of_recheck(Err(failure())), UNAVAILABLE);
        }
        assert_eq!(of_call(Ok(Err(LangError::CouldNotReadInput))), UNAVAILABLE);
        assert_eq!(of_recheck(Ok(Err(LangError::CouldNotReadInput))), UNAVAILABLE);
    }

    #[test]
    fn a_device_that_was_known_is_not_called_unknown() {
        assert_eq!(of_recheck(Ok(Ok(Err(VerifyError::DeviceUnknown)))), UNAVAILABLE);
    }
}
