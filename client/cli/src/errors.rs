//! The SDK's errors, sorted by what a script cares for and with what to do next.

use marque_charging::StationError;
use marque_sdk::{AttachError, CallError, ChainError, HistoryError, account};

use crate::{
    access::errors::next_after,
    failure::{Failure, Kind},
    shown,
};

impl From<ChainError> for Failure {
    fn from(mut error: ChainError) -> Self {
        show_url(&mut error);
        match &error {
            ChainError::Unreachable { url, reason } => {
                Failure::new(Kind::Unreachable, format!("no node answers at {url} ({reason})")).hint(
                    "start a development chain with `marque up`, or say where your node is with --url or MARQUE_URL",
                )
            }
            ChainError::InvalidUrl { .. } => Failure::usage(error.to_string()),
            _ if error.is_unreachable() => Failure::new(Kind::Unreachable, error.to_string()),
            _ if error.is_not_found() => Failure::new(Kind::NotFound, error.to_string()),
            _ => Failure::new(Kind::Failed, error.to_string()),
        }
    }
}

/// Replaces the node's address by what is shown of it.
fn show_url(error: &mut ChainError) {
    match error {
        ChainError::InvalidUrl { url, reason } | ChainError::Unreachable { url, reason } => {
            let shown = shown::url(url);
            if !url.is_empty() {
                *reason = reason.replace(url.as_str(), &shown);
            }
            *url = shown;
        }
        ChainError::Disconnected { url } | ChainError::Timeout { url, .. } | ChainError::NoContractsPallet { url } => {
            *url = shown::url(url)
        }
        _ => {}
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Chain(error) => error.into(),
            CallError::CannotPay { account, reason } => {
                let account = account::format(&account);
                Failure::new(Kind::CannotPay, format!("{account} can't pay ({reason})")).hint("send it some funds")
            }
            // The SDK gives no limit of its own: this is what the account has.
            CallError::StorageDepositLimitExhausted => {
                Failure::new(Kind::CannotPay, "the account that submits can't pay the storage deposit")
                    .hint("send it some funds")
            }
            CallError::Signer(error) => Failure::local(error.to_string()),
            CallError::TokenRefused(error) => error.into(),
            other => {
                let kind = match &other {
                    other if other.is_not_found() => Kind::NotFound,
                    other if other.is_refused() => Kind::Refused,
                    _ => Kind::Failed,
                };
                let failure = Failure::new(kind, other.to_string());
                match other {
                    CallError::Refused(error) => failure.reason(error),
                    CallError::AccessRefused(error) => failure.reason(error).maybe_hint(next_after(error)),
                    _ => failure,
                }
            }
        }
    }
}

impl From<AttachError> for Failure {
    fn from(error: AttachError) -> Self {
        match error {
            AttachError::Chain(error) => error.into(),
            AttachError::Call(error) => error.into(),
            // Without the address: any 32 bytes are one, a seed in the wrong place too.
            AttachError::NoContract { .. } => {
                Failure::new(Kind::NotFound, "there is no contract at the registry's address on this chain").hint(
                    "check the registry's address (--registry, MARQUE_REGISTRY, the config) and the node's (--url); \
                     `marque deploy --as <account>` deploys a registry",
                )
            }
            AttachError::WrongCode { .. } => Failure::new(Kind::WrongRegistry, error.to_string())
                .hint("check the registry's address; one of another version needs the marque of that version"),
            other => Failure::new(Kind::WrongRegistry, other.to_string()),
        }
    }
}

impl From<StationError> for Failure {
    fn from(error: StationError) -> Self {
        match error {
            StationError::Call(error) => error.into(),
            StationError::Refused(reason) => Self::new(Kind::Refused, error.to_string()).reason(reason),
            other => Self::new(Kind::Failed, other.to_string()),
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
    use std::time::Duration;

    use marque_sdk::primitives::{AccountId, Error};

    use super::*;

    const ACCOUNT: AccountId = AccountId([1; 32]);

    #[test]
    fn an_address_is_told_without_its_credentials() {
        let url = || "ws://user:pass@host/?token=abc".to_owned();
        let errors = [
            ChainError::InvalidUrl { url: url(), reason: format!("{} is wrong", url()) },
            ChainError::Unreachable { url: url(), reason: format!("{} is down", url()) },
            ChainError::Disconnected { url: url() },
            ChainError::Timeout { url: url(), request: "x".into(), after: Duration::from_secs(1) },
            ChainError::NoContractsPallet { url: url() },
        ];
        for error in errors {
            let message = Failure::from(error).message;
            assert!(
                message.contains("ws://host/…") && !message.contains("pass") && !message.contains("abc"),
                "{message}"
            );
        }
    }

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
