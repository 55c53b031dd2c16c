//! Operators' access tokens.

use std::fmt;

use marque_sdk::primitives::TimestampMs;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{By, ChangeError, Deed};
use crate::{
    client::generate_secret,
    gateway::Gateway,
    log::{EventType, Lifecycle},
    random,
    settings::{Operator, Role, put},
    store::{Change, Kind},
};

/// The longest life of an operator's access token, in milliseconds: 400 days.
const LIFETIME_MAX_MS: u64 = 400 * 24 * 60 * 60 * 1000;
const NAME_CHARS_MAX: usize = 100;

/// An operator's access token that was just made: it is shown this once.
pub struct NewOperator {
    /// What it is called, to revoke it by.
    pub id: String,
    /// The token.
    pub token: Zeroizing<String>,
}

impl fmt::Debug for NewOperator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewOperator({})", self.id)
    }
}

/// An operator that proved who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorized {
    /// The id of its token.
    pub id: String,
    /// What it may do.
    pub role: Role,
}

impl Gateway {
    /// Makes an access token for an operator.
    ///
    /// # Errors
    /// [`ChangeError::NotAllowed`] where it would be named in nothing, or live for none or more than 400 days; [`ChangeError`].
    pub async fn create_operator(
        &self,
        by: By<'_>,
        name: &str,
        role: Role,
        lifetime_ms: u64,
    ) -> Result<NewOperator, ChangeError> {
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(ChangeError::NotAllowed("say in 1 to 100 printable characters what the token is for"));
        }
        if !(1..=LIFETIME_MAX_MS).contains(&lifetime_ms) {
            return Err(ChangeError::NotAllowed("an operator's token lives for 400 days at most"));
        }
        let random = &*self.parts.random;
        let id = random::operator_id(random).ok_or(ChangeError::NoRandomness)?;
        let secret = generate_secret(random).ok_or(ChangeError::NoRandomness)?;
        let mac = self.parts.master_key.mac(&id, &secret).ok_or(ChangeError::NoRandomness)?;
        let created_ms = self.now_ms();
        let expires_ms = created_ms.saturating_add(lifetime_ms);
        let operator = Operator { id: id.clone(), name: name.to_owned(), role, mac, created_ms, expires_ms };
        let deed = deed(EventType::Operator(Lifecycle::Created), &id);
        self.change(by, deed, |_| Ok(vec![put(Kind::Operator, &*id, &operator)])).await?;
        let token = Zeroizing::new(format!("{id}.{}", *secret));
        Ok(NewOperator { id, token })
    }

    /// Revokes an operator's access token.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn revoke_operator(&self, by: By<'_>, id: &str) -> Result<(), ChangeError> {
        self.change(by, deed(EventType::Operator(Lifecycle::Deleted), id), |settings| {
            if !settings.operators.contains_key(id) {
                return Err(ChangeError::NotFound("operator"));
            }
            Ok(vec![Change::Remove { kind: Kind::Operator, id: id.to_owned() }])
        })
        .await
    }

    /// The operators' access tokens, without what is kept of them.
    pub fn operators(&self) -> Vec<Operator> {
        self.settings().of_kind(Kind::Operator)
    }

    /// Whose access token this is, if it is one that counts.
    pub fn authorize(&self, token: &str) -> Option<Authorized> {
        let (id, secret) = token.split_once('.')?;
        // What is not there is looked for in the same way as what is.
        let mac = self.parts.master_key.mac(id, secret)?;
        let settings = self.settings();
        let operator = settings.operators.get(id)?;
        let is_good = bool::from(operator.mac.ct_eq(&mac)) && self.is_current(operator.expires_ms);
        is_good.then(|| Authorized { id: id.to_owned(), role: operator.role })
    }

    fn is_current(&self, expires_ms: TimestampMs) -> bool {
        self.now_ms() < expires_ms
    }
}

const fn deed<'a>(event_type: EventType, id: &'a str) -> Deed<'a> {
    Deed { event_type, server: None, target: ("api_token", id) }
}
