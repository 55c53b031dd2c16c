//! All federations of a gateway.

use std::collections::BTreeSet;

use marque_sdk::primitives::{RegistryId, access::IssuerId};

use super::{Federation, FederationError, FederationFault, Source};

/// Federations that were checked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Federations(Vec<Federation>);

impl Federations {
    /// These federations, if each of them is good and none stands in the way of another.
    ///
    /// # Errors
    /// [`FederationError`], of the first that is not taken.
    pub fn new(federations: Vec<Federation>, registry: RegistryId) -> Result<Self, FederationError> {
        let (mut names, mut sources) = (BTreeSet::new(), BTreeSet::new());
        for federation in &federations {
            let refused = |fault| FederationError { name: federation.name.clone(), fault };
            federation.validate(registry).map_err(refused)?;
            if !names.insert(&federation.name) || !sources.insert((&federation.server, identity(&federation.source))) {
                return Err(refused(FederationFault::NotDistinct));
            }
        }
        Ok(Self(federations))
    }

    /// The authorization servers that they are of.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|federation| federation.server.as_str())
    }

    /// Those of an authorization server, active or not.
    pub fn of_server<'a>(&'a self, server: &'a str) -> impl Iterator<Item = &'a Federation> {
        self.0.iter().filter(move |federation| federation.server == server)
    }

    /// The active federation of an authorization server with the issuer beyond the chain that has this URL.
    pub fn external(&self, server: &str, issuer: &str) -> Option<&Federation> {
        self.active(server, &(Some(issuer), None))
    }

    /// The active federation of an authorization server with another one on the chain.
    pub fn chain(&self, server: &str, issuer: IssuerId) -> Option<&Federation> {
        self.active(server, &(None, Some(issuer)))
    }

    fn active(&self, server: &str, source: &(Option<&str>, Option<IssuerId>)) -> Option<&Federation> {
        let is_it = |federation: &&Federation| {
            federation.is_active && federation.server == server && identity(&federation.source) == *source
        };
        self.0.iter().find(is_it)
    }
}

/// What tells an issuer from all others: its URL beyond the chain, or its number on it.
fn identity(source: &Source) -> (Option<&str>, Option<IssuerId>) {
    match source {
        Source::External(external) => (Some(&external.issuer), None),
        Source::Marque(chain) => (None, Some(chain.issuer)),
    }
}
