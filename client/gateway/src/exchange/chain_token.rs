//! A token of another authorization server on the chain: what it is worth here is what the trust that is written there says.

use std::collections::BTreeSet;

use marque_sdk::{
    primitives::{
        access::IssuerId,
        token::{Requirement, SignedToken},
    },
    token::{Jws, read_jwt},
};
use serde_json::{Map, Value};

use super::{Expected, MarqueIssuer, Source, Subject, SubjectTokenError, SubjectTokenType, mapping::scopes_of};
use crate::{Directory, OAuthError};

/// A token of an authorization server on the chain. Nothing of it is believed before it is verified.
#[derive(Clone, PartialEq, Debug)]
pub struct ChainToken {
    token: SignedToken,
    claims: Map<String, Value>,
}

impl ChainToken {
    /// Reads a token that the client says is of this type.
    ///
    /// # Errors
    /// [`SubjectTokenError::WrongType`] for ID tokens, which the chain has none of; [`SubjectTokenError::NotJwt`].
    pub fn read(text: &str, token_type: SubjectTokenType) -> Result<Self, SubjectTokenError> {
        if token_type == SubjectTokenType::IdToken {
            return Err(SubjectTokenError::WrongType);
        }
        let token = read_jwt(text).map_err(|_| SubjectTokenError::NotJwt)?;
        let claims = Jws::read(text).map_err(|_| SubjectTokenError::NotJwt)?.claims;
        Ok(Self { token, claims })
    }

    /// The number of the authorization server that it says issued it, to find the federation by.
    pub const fn issuer(&self) -> IssuerId {
        self.token.signed_by.issuer
    }

    /// The token, to find out whether its authorization server has revoked it beside the chain.
    pub const fn token(&self) -> &SignedToken {
        &self.token
    }

    /// Checks that the token is good on the chain, and for which of its scopes this authorization server, of the number `own`, trusts the
    /// one that issued it. Those that it is not trusted for are as if they were not there.
    ///
    /// # Errors
    /// [`OAuthError::Unavailable`] where the chain can't be asked; [`OAuthError::InvalidRequest`] with the text of a
    /// [`SubjectTokenError`]: [`WrongIssuer`](SubjectTokenError::WrongIssuer) and those from
    /// [`WrongAudience`](SubjectTokenError::WrongAudience) on, in the order of its variants.
    pub async fn verify(
        &self,
        directory: &dyn Directory,
        own: IssuerId,
        expected: &Expected<'_>,
    ) -> Result<Subject, OAuthError> {
        let Source::Marque(chain) = &expected.federation.source else {
            return Err(SubjectTokenError::WrongIssuer.into());
        };
        if chain.issuer != self.issuer() {
            return Err(SubjectTokenError::WrongIssuer.into());
        }
        let audience = self.audience(chain).ok_or(SubjectTokenError::WrongAudience)?;
        let mut trusted = BTreeSet::new();
        for scope in scopes_of(&self.claims) {
            let is_mapped = expected.federation.scopes.iter().any(|mapping| mapping.from.as_deref() == Some(scope));
            let (audience, scopes) = (audience.to_owned(), vec![scope.to_owned()]);
            let requirement = Requirement { issuer: own, audience, scopes };
            if is_mapped && directory.is_good(&self.token, &requirement).await? {
                trusted.insert(scope);
            }
        }
        // Without one, nothing of the token has been verified.
        if trusted.is_empty() {
            return Err(SubjectTokenError::NotTrusted.into());
        }
        Ok(Subject::read(&self.claims, &trusted, expected)?)
    }

    fn audience(&self, chain: &MarqueIssuer) -> Option<&str> {
        let audiences = &self.token.claims.audience;
        audiences.iter().find(|audience| chain.audiences.contains(*audience)).map(String::as_str)
    }
}
