//! Who may change an authorization server's keys on the chain.
//!
//! A key is on the chain, in a finalized block, before anybody is told of it. It is kept before that, so that nothing is lost when the
//! gateway stops in between: both steps can be taken again, as often as it needs, and by several gateways at once.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use marque_sdk::{
    Access, CallError, Signer,
    primitives::access::{AccessOperation, Issuer, IssuerId, IssuerKey, IssuerKeyId, NewIssuerKey},
};

/// Why the keys on the chain were not changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The chain can't be reached, or did not take the transaction: try again.
    #[error("the keys on the chain can't be changed now: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
    /// The chain refused: the same will be refused again.
    #[error("the chain refuses to change the keys: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// It was done, and is not final yet: try again.
    #[error("the change of the keys is not final yet: try again")]
    NotFinal,
}

/// Whoever may change an authorization server's keys on the chain. Both operations may be repeated: what is done already is not done twice.
pub trait KeyAuthority: Send + Sync {
    /// Adds a signing key, unless it is there, and waits until that is final. Its number.
    ///
    /// # Errors
    /// [`AuthorityError`]: it may have been added all the same.
    fn publish(&self, issuer: IssuerId, key: NewIssuerKey) -> BoxFuture<'_, Result<IssuerKeyId, AuthorityError>>;

    /// Revokes a signing key, unless that is done or it is gone, and waits until that is final.
    ///
    /// # Errors
    /// [`AuthorityError`]: it may have been revoked all the same.
    fn revoke(&self, issuer: IssuerId, key: IssuerKeyId) -> BoxFuture<'_, Result<(), AuthorityError>>;
}

/// Nobody: for gateways whose authorization servers all sign by RS256 or ES256, and for those that only read.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAuthority;

impl KeyAuthority for NoAuthority {
    fn publish(&self, _: IssuerId, _: NewIssuerKey) -> BoxFuture<'_, Result<IssuerKeyId, AuthorityError>> {
        Box::pin(async { Err(no_authority()) })
    }

    fn revoke(&self, _: IssuerId, _: IssuerKeyId) -> BoxFuture<'_, Result<(), AuthorityError>> {
        Box::pin(async { Err(no_authority()) })
    }
}

fn no_authority() -> AuthorityError {
    AuthorityError::Refused {
        reason: "no account is set up here that may: give one of the owner or a key manager".into(),
    }
}

/// An account that acts on the chain: the owner of the authorization servers, or better a delegate of each as key manager, which may do
/// nothing else.
#[derive(Clone)]
pub struct ChainAuthority {
    access: Access,
    owner: Arc<dyn Signer>,
}

impl ChainAuthority {
    /// The account acts by this access contract, and pays.
    pub fn new(access: Access, owner: Arc<dyn Signer>) -> Self {
        Self { access, owner }
    }

    async fn record(&self, issuer: IssuerId) -> Result<Issuer, AuthorityError> {
        let record = self.access.issuer(issuer).await.map_err(|error| failed(&error))?;
        record.ok_or_else(|| AuthorityError::Refused { reason: "there is no such authorization server".into() })
    }

    /// Carries out an operation. Where the contract refuses, the caller looks whether that was because it is done already.
    async fn execute(&self, issuer: IssuerId, operation: AccessOperation) -> Result<(), AuthorityError> {
        self.access.execute(&*self.owner, issuer, operation).await.map(|_| ()).map_err(|error| failed(&error))
    }
}

impl KeyAuthority for ChainAuthority {
    fn publish(&self, issuer: IssuerId, key: NewIssuerKey) -> BoxFuture<'_, Result<IssuerKeyId, AuthorityError>> {
        Box::pin(async move {
            if let Some(known) = find(&self.record(issuer).await?, &key)? {
                return Ok(known);
            }
            let executed = self.execute(issuer, AccessOperation::AddKey { key }).await;
            match find(&self.record(issuer).await?, &key)? {
                Some(known) => Ok(known),
                None => Err(executed.err().unwrap_or(AuthorityError::NotFinal)),
            }
        })
    }

    fn revoke(&self, issuer: IssuerId, key: IssuerKeyId) -> BoxFuture<'_, Result<(), AuthorityError>> {
        Box::pin(async move {
            let is_revoked = |record: &Issuer| record.key(key).is_none_or(|key| key.revoked_ms.is_some());
            if is_revoked(&self.record(issuer).await?) {
                return Ok(());
            }
            let executed = self.execute(issuer, AccessOperation::RevokeKey { id: key }).await;
            if is_revoked(&self.record(issuer).await?) {
                return Ok(());
            }
            Err(executed.err().unwrap_or(AuthorityError::NotFinal))
        })
    }
}

/// The number of a key, if it is there as it is wanted.
fn find(record: &Issuer, wanted: &NewIssuerKey) -> Result<Option<IssuerKeyId>, AuthorityError> {
    let found = record.keys.iter().find(|key| key.public_key == wanted.public_key);
    let is_wanted = |key: &IssuerKey| {
        key.revoked_ms.is_none() && key.not_before_ms <= wanted.not_before_ms && wanted.not_after_ms <= key.not_after_ms
    };
    match found {
        Some(key) if !is_wanted(key) => Err(AuthorityError::Refused {
            reason: "the key is on the chain already, revoked or for another time".into(),
        }),
        found => Ok(found.map(|key| key.id)),
    }
}

fn failed(error: &CallError) -> AuthorityError {
    let reason = error.to_string();
    if error.is_refused() { AuthorityError::Refused { reason } } else { AuthorityError::Unavailable { reason } }
}

impl fmt::Debug for ChainAuthority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ChainAuthority").field("access", &self.access).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use marque_sdk::primitives::{AccountId, PublicKey, access::IssuerStatus};

    use super::*;

    const WANTED: NewIssuerKey =
        NewIssuerKey { public_key: PublicKey::Ed25519([7; 32]), not_before_ms: 100, not_after_ms: 200 };

    fn record(change: impl FnOnce(&mut IssuerKey)) -> Issuer {
        let NewIssuerKey { public_key, not_before_ms, not_after_ms } = WANTED;
        let mut key = IssuerKey { id: 4, public_key, not_before_ms, not_after_ms, revoked_ms: None };
        change(&mut key);
        Issuer {
            owner: AccountId([1; 32]),
            url: String::new(),
            status: IssuerStatus::Active,
            offer: None,
            next_key_id: 5,
            keys: vec![key],
            delegates: vec![],
            created_ms: 0,
        }
    }

    #[test]
    fn a_key_is_found_again_as_it_was_put_there() {
        assert_eq!(find(&record(|_| {}), &WANTED), Ok(Some(4)));
        assert_eq!(find(&record(|key| (key.not_before_ms, key.not_after_ms) = (99, 201)), &WANTED), Ok(Some(4)));
        assert_eq!(find(&record(|key| key.public_key = PublicKey::Sr25519([7; 32])), &WANTED), Ok(None));
    }

    #[test]
    fn a_key_that_is_there_otherwise_is_not_taken() {
        for record in [
            record(|key| key.revoked_ms = Some(150)),
            record(|key| key.not_before_ms = 101),
            record(|key| key.not_after_ms = 199),
        ] {
            assert!(matches!(find(&record, &WANTED), Err(AuthorityError::Refused { .. })), "{record:?}");
        }
    }

    #[tokio::test]
    async fn nobody_changes_nothing() {
        assert!(matches!(NoAuthority.publish(3, WANTED).await, Err(AuthorityError::Refused { .. })));
        assert!(matches!(NoAuthority.revoke(3, 4).await, Err(AuthorityError::Refused { .. })));
    }
}
