//! A gateway, put together of its parts.

use std::sync::Arc;

use marque_gateway::{
    ChainDirectory, Gateway, GatewayError, MasterKey, Parts, Store,
    keys::ChainAuthority,
    limit::{Counters, Limits},
};
use marque_sdk::{Access, Signer, Verifier, VerifierConfig};

use crate::failure::{Failure, Kind, Outcome};

/// What a gateway is put together of.
pub struct Assembly {
    /// The chain and its contracts.
    pub access: Access,
    /// What keeps the state.
    pub store: Arc<dyn Store>,
    /// What counts requests.
    pub counters: Arc<dyn Counters>,
    /// What secrets are kept under.
    pub master_key: MasterKey,
    /// Who may change the authorization servers' keys on the chain; nobody, if left out.
    pub owner: Option<Arc<dyn Signer>>,
    /// How many requests may be made in a minute.
    pub limits: Limits,
}

/// Puts a gateway together, which looks its authorization servers up on the chain.
///
/// # Errors
/// When the chain can't be followed, or the gateway does not start.
pub async fn assemble(assembly: Assembly) -> Outcome<Arc<Gateway>> {
    let Assembly { access, store, counters, master_key, owner, limits } = assembly;
    let verifier = Verifier::start(&access, VerifierConfig::default())
        .await
        .map_err(|error| Failure::new(Kind::Unreachable, format!("the chain can't be followed: {error}")))?;
    let directory = Arc::new(ChainDirectory::new(access.clone(), verifier));
    let mut parts = Parts { counters, limits, ..Parts::new(directory, store, master_key) };
    if let Some(owner) = owner {
        parts.authority = Arc::new(ChainAuthority::new(access, owner));
    }
    Ok(Arc::new(Gateway::start(parts).await.map_err(not_started)?))
}

fn not_started(error: GatewayError) -> Failure {
    let (kind, hint) = match &error {
        GatewayError::Unavailable(_) => (Kind::Unreachable, None),
        GatewayError::Store(_) | GatewayError::Settings(_) => (Kind::Local, None),
        GatewayError::NotOnChain { .. } => {
            (Kind::WrongRegistry, Some("see `marque issuer list`, and which chain and access contract this is"))
        }
        GatewayError::NoKey { .. } => (
            Kind::Failed,
            Some(
                "--key names who puts its keys on the chain: its owner, or a delegate (`marque issuer delegate --role key-manager`)",
            ),
        ),
        _ => (Kind::Failed, None),
    };
    Failure::new(kind, format!("the gateway does not start: {error}")).maybe_hint(hint)
}
