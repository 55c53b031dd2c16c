//! What would become of a request, and which rule decides.

use std::{collections::BTreeSet, net::IpAddr};

use serde::Deserialize;

use super::ChangeError;
use crate::{
    Factor,
    gateway::Gateway,
    policy::{Ask, Explanation, GrantType, zones_of},
};

/// A request that is made up.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The client's id. What is known of it here is taken into account.
    pub client_id: String,
    /// The scopes.
    pub scopes: Vec<String>,
    /// `client_credentials`, if left out.
    #[serde(default = "client_credentials")]
    pub grant_type: GrantType,
    /// From where. Where it is left out, rules with zones are for nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub address: Option<IpAddr>,
    /// What the client proved.
    #[serde(default)]
    pub factors: BTreeSet<Factor>,
    /// The roles that it has on the chain.
    #[serde(default)]
    pub roles: BTreeSet<String>,
    /// Whom the token is to be for.
    #[serde(default)]
    pub audience: Vec<String>,
}

const fn client_credentials() -> GrantType {
    GrantType::ClientCredentials
}

impl Gateway {
    /// Says which rule of an authorization server would decide, and why not the others. What the chain grants is another question.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`].
    pub fn explain(&self, server: &str, question: &Question) -> Result<Explanation, ChangeError> {
        let settings = self.settings();
        let server = settings.servers.get(server).ok_or(ChangeError::NotFound("authorization server"))?;
        let id = &question.client_id;
        let (fleet, labels) = match (settings.apps.get(id), settings.devices.get(id)) {
            (Some(app), _) => (app.fleet.clone(), app.labels.clone()),
            (None, Some(device)) => (device.fleet.clone(), device.labels.clone()),
            (None, None) => (None, BTreeSet::new()),
        };
        let fleets: BTreeSet<String> = fleet.into_iter().collect();
        let zones = question.address.map(|address| zones_of(&settings.zones, address));
        let ask = Ask {
            labels: &labels,
            fleets: &fleets,
            roles: &question.roles,
            zones: zones.as_ref(),
            factors: &question.factors,
            audience: (!question.audience.is_empty()).then_some(&*question.audience),
            ..Ask::new(id, question.grant_type, &question.scopes, self.now_ms())
        };
        Ok(server.policies.explain(&ask))
    }
}
