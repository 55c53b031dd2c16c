//! What a command works with: the global options, the config file, the keystore.

use std::{path::PathBuf, sync::Arc};

use marque_sdk::{
    Chain, account,
    did::Did,
    primitives::{AccountId, DeviceId, Hash, RegistryId},
};

use crate::{
    cli::Global,
    config::{self, Config},
    failure::{Failure, Kind, Outcome},
    keys::Keys,
    output::Output,
    session::Session,
    shown,
    spec::hex0x,
};

/// Where a node is, if nothing else is said.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// What a command works with.
pub struct Context {
    /// Where it writes.
    pub output: Output,
    global: Global,
    config: Config,
    config_path: PathBuf,
    keys: Arc<Keys>,
}

impl Context {
    /// Reads the config.
    ///
    /// # Errors
    /// When there is no folder for it, or it is broken.
    pub fn load(global: Global, output: Output) -> Outcome<Self> {
        if let Some(home) = &global.home {
            shown::ensure_path("--home (MARQUE_HOME)", home)?;
        }
        let home = config::home(global.home.as_deref(), |name| std::env::var_os(name).map(PathBuf::from))?;
        let config_path = home.join("config.toml");
        let config = Config::load(&config_path)?;
        let keystore = config.keystore.clone().unwrap_or_else(|| home.join("keys"));
        let keys = Arc::new(Keys::new(&keystore, global.passphrase_file.clone()));
        Ok(Self { output, global, config, config_path, keys })
    }

    /// The keystore.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The config's path.
    pub const fn config_path(&self) -> &PathBuf {
        &self.config_path
    }

    /// The node's endpoint: flag, environment, config, default.
    pub fn url(&self) -> &str {
        self.global.url.as_deref().or(self.config.url.as_deref()).unwrap_or(DEFAULT_URL)
    }

    /// The endpoint that the config has.
    #[cfg(feature = "devnet")]
    pub fn configured_url(&self) -> Option<&str> {
        self.config.url.as_deref()
    }

    /// Connects to the node.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn chain(&self) -> Outcome<Chain> {
        Ok(Chain::connect(self.url()).await?)
    }

    /// Connects to the node and the registry on it.
    ///
    /// # Errors
    /// When the node can't be reached, no registry is known for its chain, or what is at the address is none.
    pub async fn session(&self) -> Outcome<Session> {
        let chain = self.chain().await?;
        let contract = match &self.global.registry {
            Some(text) => account::parse(text).map_err(|_| {
                Failure::usage(format!("`{}` is not the address of a registry", shown::value(text)))
                    .hint("give the contract's SS58 address (5Grw…), or its 32 bytes as 0x… hexadecimal")
            })?,
            None => self.remembered(&chain.genesis_hash())?.ok_or_else(|| no_registry(&chain))?,
        };
        Session::attach(chain, contract, self.keys.clone()).await
    }

    /// The registry that the config remembers for a chain.
    ///
    /// # Errors
    /// When the config has something else there.
    pub fn remembered(&self, genesis_hash: &Hash) -> Outcome<Option<AccountId>> {
        let Some(text) = self.config.registries.get(&hex0x(genesis_hash)) else { return Ok(None) };
        let parsed = account::parse(text).map_err(|_| {
            let (config, shown) = (self.config_path.display(), shown::value(text));
            Failure::local(format!("config {config}, registries: `{shown}` is not the address of a registry"))
                .hint("correct that entry, or remove it and give --registry")
        })?;
        Ok(Some(parsed))
    }

    /// Keeps a registry's address for the commands to come, and the endpoint if none was kept before.
    ///
    /// # Errors
    /// When the config can't be written.
    pub fn remember(&self, genesis_hash: &Hash, contract: &AccountId, url: Option<&str>) -> Outcome {
        Config::update(&self.config_path, |config| {
            config.registries.insert(hex0x(genesis_hash), account::format(contract));
            if let Some(url) = url {
                config.url = Some(url.to_owned());
            }
        })
    }

    /// The DID of a device, if it is plain without a connection which registry is meant: when one is remembered and none given.
    pub fn remembered_did(&self, device: DeviceId) -> Option<Did> {
        let mut registries = self.config.registries.iter();
        let (Some((genesis, contract)), None, None) = (registries.next(), registries.next(), &self.global.registry)
        else {
            return None;
        };
        let genesis = crate::spec::hash(genesis).ok()?;
        let contract = account::parse(contract).ok()?;
        Some(Did::new(RegistryId::derive(&genesis, &contract), device))
    }
}

fn no_registry(chain: &Chain) -> Failure {
    let genesis = hex0x(&chain.genesis_hash());
    let url = shown::url(chain.url());
    Failure::new(Kind::NotFound, format!("no registry is known for the chain at {url} (genesis {genesis})"))
        .hint("give its address with --registry or MARQUE_REGISTRY, or deploy one: `marque deploy --as <account>`")
}
