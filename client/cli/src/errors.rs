//! The SDK's errors, sorted by what a script cares for and with what to do next.

use marque_sdk::{AttachError, CallError, ChainError, HistoryError};

use crate::failure::{Failure, Kind};

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let kind = match &error {
            error if error.is_unreachable() => Kind::Unreachable,
            error if error.is_not_found() => Kind::NotFound,
            ChainError::InvalidUrl { .. } => Kind::Usage,
            _ => Kind::Failed,
        };
        let failure = Failure::new(kind, error.to_string());
        match error {
            ChainError::Unreachable { .. } => failure
                .hint("start a development chain with `marque up`, or say where your node is with --url or MARQUE_URL"),
            _ => failure,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let error = match error {
            CallError::Chain(error) => return error.into(),
            other => other,
        };
        let kind = match &error {
            error if error.is_not_found() => Kind::NotFound,
            error if error.is_cannot_pay() => Kind::CannotPay,
            // No limit is ever given here: it is what the account has.
            CallError::StorageDepositLimitExhausted => {
                let reason = "the account that submits can't pay the storage deposit: send it some funds";
                return Failure::new(Kind::CannotPay, reason);
            }
            error if error.is_refused() => Kind::Refused,
            CallError::Signer(_) => Kind::Local,
            _ => Kind::Failed,
        };
        Failure::new(kind, error.to_string())
    }
}

impl From<AttachError> for Failure {
    fn from(error: AttachError) -> Self {
        let kind = match error {
            AttachError::Chain(error) => return error.into(),
            AttachError::Call(error) => return error.into(),
            AttachError::NoContract { .. } => Kind::NotFound,
            _ => Kind::WrongRegistry,
        };
        let failure = Failure::new(kind, error.to_string());
        match error {
            AttachError::NoContract { .. } => failure.hint(
                "check --registry, MARQUE_REGISTRY and the config, and that --url is the right chain; \
                 `marque deploy --as <account>` deploys a registry",
            ),
            AttachError::WrongCode { .. } => {
                failure.hint("check --registry; a registry of another version needs the marque of that version")
            }
            _ => failure,
        }
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Chain(error) => error.into(),
            HistoryError::Call(error) => error.into(),
            HistoryError::NotFound | HistoryError::Pruned { .. } => Failure::new(Kind::NotFound, error.to_string()),
            other => Failure::new(Kind::Failed, other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use marque_sdk::primitives::{AccountId, Error};

    use super::*;

    const ACCOUNT: AccountId = AccountId([1; 32]);

    #[test]
    fn each_error_has_the_kind_that_a_script_expects() {
        let unreachable = || ChainError::Unreachable { url: "ws://x".into(), reason: "refused".into() };
        let cases: [(Failure, Kind); 9] = [
            (unreachable().into(), Kind::Unreachable),
            (CallError::Chain(unreachable()).into(), Kind::Unreachable),
            (AttachError::Call(CallError::Chain(unreachable())).into(), Kind::Unreachable),
            (HistoryError::Chain(unreachable()).into(), Kind::Unreachable),
            (CallError::Refused(Error::NotAuthorized).into(), Kind::Refused),
            (CallError::Refused(Error::NotFound).into(), Kind::NotFound),
            (CallError::CannotPay { account: ACCOUNT, reason: "fee".into() }.into(), Kind::CannotPay),
            (AttachError::NoContract { contract: ACCOUNT }.into(), Kind::NotFound),
            (
                AttachError::WrongCode { contract: ACCOUNT, expected: [0; 32], found: [1; 32] }.into(),
                Kind::WrongRegistry,
            ),
        ];
        for (failure, kind) in cases {
            assert_eq!(failure.kind, kind, "{failure}");
        }
    }
}
