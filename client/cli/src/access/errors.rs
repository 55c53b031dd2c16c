//! What can go wrong with authorization servers and tokens, with what to do next.

use marque_sdk::{
    AccessAttachError, VerifierError,
    access::explain_token,
    primitives::{access::AccessError, token::VerifyError},
    token::IssueError,
};

use crate::{
    failure::{Failure, Kind},
    shown,
};

/// What to do after the access contract refused, where a command helps.
pub const fn next_after(error: AccessError) -> Option<&'static str> {
    Some(match error {
        AccessError::IssuerNotFound => {
            "`marque issuer list` shows what there is, and `marque issuer register` registers one"
        }
        AccessError::InvalidWindow => "see --from and --until",
        AccessError::KeyAlreadyExists => "`marque issuer new-key <name>` makes a key",
        AccessError::KeyNotFound
        | AccessError::KeyRevoked
        | AccessError::MaxKeysExceeded
        | AccessError::AlreadyDeactivated
        | AccessError::NotDeactivated
        | AccessError::DelegateNotFound
        | AccessError::MaxDelegatesExceeded => "`marque issuer show <number>` shows how it is",
        AccessError::NoOffer | AccessError::OfferExpired => {
            "its owner offers it: `marque issuer transfer <number> --to <account>`"
        }
        AccessError::ScopeNotFound => "`marque scope define <name> --issuer <number> --description <text>` defines it",
        AccessError::ScopeAlreadyExists | AccessError::ScopeRetired => {
            "`marque scope list --issuer <number>` shows what there is"
        }
        AccessError::RoleNotFound => "`marque role define <name> --issuer <number> --scope <scopes>` defines it",
        AccessError::GrantNotFound | AccessError::MaxGrantsExceeded => {
            "`marque grant list <device> --issuer <number>` shows what is granted"
        }
        AccessError::TokenNotExpired => "reclaim it half a minute after it has expired",
        AccessError::TokenNotRevoked => "`marque events --issuer <number>` shows what was revoked and reclaimed",
        AccessError::TrustNotFound => "`marque issuer trusts <number>` shows whom it trusts",
        _ => return None,
    })
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        let message = format!("the token is refused: {}", explain_token(&error));
        Self::new(Kind::Refused, message).reason(error).maybe_hint(next_after_token(error))
    }
}

/// What to do after a token was refused, where a command helps.
const fn next_after_token(error: VerifyError) -> Option<&'static str> {
    Some(match error {
        VerifyError::Malformed | VerifyError::WrongAudience => "`marque token inspect` shows what it says",
        VerifyError::UnknownIssuer | VerifyError::IssuerKeyNotValid => {
            "`marque issuer show <number>` shows the authorization server and its keys"
        }
        VerifyError::UntrustedIssuer => {
            "see --issuer; `marque issuer trust <number> <other>` lets one count another's tokens"
        }
        VerifyError::MissingScope => {
            "`marque grant show <device> --issuer <number>` shows what its device may get; then issue another one"
        }
        VerifyError::DeviceUnknown => "see whether this is the right registry: --url and --registry",
        VerifyError::DeviceSuspended => "`marque device resume <device>`",
        VerifyError::Expired | VerifyError::StaleEpoch | VerifyError::TokenRevoked => {
            "`marque token issue <device> --issuer <number>` issues another one"
        }
        VerifyError::PresenterIsNotSubject => {
            "say with --as which key of the device presents it; `marque token inspect` shows which one it is bound to"
        }
        _ => return None,
    })
}

impl From<VerifierError> for Failure {
    fn from(error: VerifierError) -> Self {
        if let VerifierError::Refused(reason) = error {
            return reason.into();
        }
        let kind = if error.is_unreachable() { Kind::Unreachable } else { Kind::Failed };
        let failure = Self::new(kind, shown::urls_in(&error.to_string()));
        if error.is_unreachable() {
            return failure.hint("see whether the node can be reached and has the newest blocks: --url");
        }
        failure
    }
}

impl From<IssueError> for Failure {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Signer(error) => Self::local(error.to_string()),
            IssueError::NoJwtAlgorithm => Self::usage(error.to_string())
                .hint("--cwt makes a CWT, which knows Sr25519; for a JWT give an Ed25519 key with --key"),
            other => Self::usage(other.to_string()),
        }
    }
}

impl From<AccessAttachError> for Failure {
    fn from(error: AccessAttachError) -> Self {
        match error {
            AccessAttachError::Chain(error) => error.into(),
            AccessAttachError::Call(error) => error.into(),
            // Without the address, as for the registry.
            AccessAttachError::NoContract { .. } => {
                Self::new(Kind::NotFound, "there is no contract at the access contract's address on this chain").hint(
                    "check the access contract's address (--access, MARQUE_ACCESS, the config) and the node's (--url); \
                     `marque deploy --as <account>` deploys one beside the registry",
                )
            }
            AccessAttachError::WrongCode { .. } => Self::new(Kind::WrongRegistry, error.to_string())
                .hint("check the access contract's address; one of another version needs the marque of that version"),
            AccessAttachError::WrongRegistry { .. } => Self::new(Kind::WrongRegistry, error.to_string()).hint(
                "give the one of that registry with --access, or deploy one: `marque deploy --registry <address> --as <account>`",
            ),
            other => Self::new(Kind::WrongRegistry, other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use marque_sdk::{
        CallError, ChainError,
        primitives::{AccountId, Error},
    };

    use super::*;

    const ACCOUNT: AccountId = AccountId([1; 32]);

    #[test]
    fn each_error_has_the_kind_that_a_script_expects() {
        let lost = ChainError::Unreachable { url: "ws://x".into(), reason: "refused".into() };
        let wrong_registry =
            AccessAttachError::WrongRegistry { contract: ACCOUNT, expected: ACCOUNT, found: AccountId([2; 32]) };
        let cases: [(Failure, Kind); 7] = [
            (CallError::AccessRefused(AccessError::NotAuthorized).into(), Kind::Refused),
            (CallError::AccessRefused(AccessError::IssuerNotFound).into(), Kind::NotFound),
            (CallError::TokenRefused(VerifyError::Expired).into(), Kind::Refused),
            (AccessAttachError::NoContract { contract: ACCOUNT }.into(), Kind::NotFound),
            (wrong_registry.into(), Kind::WrongRegistry),
            (VerifierError::Read(Arc::new(lost.into())).into(), Kind::Unreachable),
            (VerifierError::Refused(VerifyError::StaleEpoch).into(), Kind::Refused),
        ];
        for (failure, kind) in cases {
            assert_eq!(failure.kind, kind, "{failure}");
        }
    }

    #[test]
    fn what_was_refused_is_named_for_scripts() {
        let failure = Failure::from(CallError::AccessRefused(AccessError::ScopeNotFound));
        assert_eq!(failure.reason.as_deref(), Some("ScopeNotFound"));
        assert!(failure.hint.unwrap().contains("marque scope define"));
        let failure = Failure::from(VerifierError::Refused(VerifyError::StaleEpoch));
        assert_eq!(failure.reason.as_deref(), Some("StaleEpoch"));
        assert!(failure.hint.unwrap().contains("marque token issue"));
        assert_eq!(Failure::from(CallError::Refused(Error::Suspended)).reason.as_deref(), Some("Suspended"));
    }

    #[test]
    fn a_verifier_tells_no_credentials() {
        let lost = ChainError::Disconnected { url: "ws://user:pass@host/?token=abc".into() };
        let message = Failure::from(VerifierError::Read(Arc::new(lost.into()))).message;
        assert!(message.contains("ws://host/…") && !message.contains("pass"), "{message}");
    }
}
