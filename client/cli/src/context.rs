//! What a command works with: the global options, the config file, the keystore.

use std::{path::PathBuf, sync::Arc};

use marque_sdk::{
    Access, Chain, Registry, account,
    did::Did,
    primitives::{AccountId, DeviceId, Hash, RegistryId},
};

use crate::{
    cli::Global,
    config::{self, Config, KnownGateway},
    failure::{Failure, Kind, Outcome},
    files,
    keys::Keys,
    output::Output,
    session::Session,
    shown,
    spec::hex0x,
};

/// Where a node is, if nothing else is said.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// The file of the operator's token for the gateway that is remembered, beside the config.
const GATEWAY_TOKEN_FILE: &str = "gateway-token";

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
        let contract = match self.given_registry()? {
            Some(given) => given,
            None => self.remembered(&chain.genesis_hash())?.ok_or_else(|| no_registry(&chain))?,
        };
        Session::attach(chain, contract, self.keys.clone()).await
    }

    /// Connects to the node, the registry, and the access contract that belongs to it.
    ///
    /// # Errors
    /// Those of [`session`](Self::session); the same for the access contract.
    pub async fn session_with_access(&self) -> Outcome<(Session, Access)> {
        let session = self.session().await?;
        let contract = match self.given_access()? {
            Some(given) => given,
            None => {
                let remembered = self.remembered_access(&session.chain().genesis_hash())?;
                remembered.ok_or_else(|| no_access(session.chain()))?
            }
        };
        let access = Access::attach(&session.registry, contract).await?;
        Ok((session, access))
    }

    /// The registry's access contract, if one is given, or one that is remembered belongs to it.
    ///
    /// # Errors
    /// When what is given is not the registry's access contract, or the node can't be reached.
    pub async fn access_of(&self, registry: &Registry) -> Outcome<Option<Access>> {
        match self.given_access()? {
            Some(given) => Ok(Some(Access::attach(registry, given).await?)),
            None => self.remembered_access_of(registry).await,
        }
    }

    /// The access contract that is remembered, if it is this registry's.
    ///
    /// # Errors
    /// When the config has something else there, or the node can't be reached.
    pub async fn remembered_access_of(&self, registry: &Registry) -> Outcome<Option<Access>> {
        let Some(remembered) = self.remembered_access(&registry.chain().genesis_hash())? else { return Ok(None) };
        match Access::attach(registry, remembered).await {
            Ok(access) => Ok(Some(access)),
            Err(error) if error.is_wrong_contract() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn given_access(&self) -> Outcome<Option<AccountId>> {
        self.global.access.as_deref().map(|text| address(text, "an access contract")).transpose()
    }

    /// The registry that is given by flag or environment.
    ///
    /// # Errors
    /// When the text is no address.
    pub fn given_registry(&self) -> Outcome<Option<AccountId>> {
        self.global.registry.as_deref().map(|text| address(text, "a registry")).transpose()
    }

    /// The registry that the config remembers for a chain.
    ///
    /// # Errors
    /// When the config has something else there.
    pub fn remembered(&self, genesis_hash: &Hash) -> Outcome<Option<AccountId>> {
        let text = self.config.registries.get(&hex0x(genesis_hash));
        text.map(|text| self.remembered_address(text, "registries", "a registry", "--registry")).transpose()
    }

    /// The access contract that the config remembers for a chain.
    ///
    /// # Errors
    /// When the config has something else there.
    pub fn remembered_access(&self, genesis_hash: &Hash) -> Outcome<Option<AccountId>> {
        let text = self.config.access.get(&hex0x(genesis_hash));
        text.map(|text| self.remembered_address(text, "access", "an access contract", "--access")).transpose()
    }

    fn remembered_address(&self, text: &str, table: &str, what: &str, flag: &str) -> Outcome<AccountId> {
        account::parse(text).map_err(|_| {
            let (config, shown) = (self.config_path.display(), shown::value(text));
            Failure::local(format!("config {config}, {table}: `{shown}` is not the address of {what}"))
                .hint(format!("correct that entry, or remove it and give {flag}"))
        })
    }

    /// Keeps the addresses of a registry and of its access contract for the commands to come, and the endpoint if there is one to keep.
    ///
    /// # Errors
    /// When the config can't be written.
    pub fn remember(&self, access: &Access, url: Option<&str>) -> Outcome {
        self.update(access.chain(), |config, genesis| {
            config.registries.insert(genesis.clone(), account::format(&access.registry().contract()));
            config.access.insert(genesis, account::format(&access.contract()));
            if let Some(url) = url {
                config.url = Some(url.to_owned());
            }
        })
    }

    /// Keeps the address of a registry that has no access contract yet.
    ///
    /// # Errors
    /// When the config can't be written.
    pub fn remember_registry(&self, registry: &Registry) -> Outcome {
        self.update(registry.chain(), |config, genesis| {
            config.access.remove(&genesis);
            config.registries.insert(genesis, account::format(&registry.contract()));
        })
    }

    /// The gateway that is remembered.
    pub const fn gateway(&self) -> Option<&KnownGateway> {
        self.config.gateway.as_ref()
    }

    /// The file of the operator's token for the gateway that is remembered.
    pub fn gateway_token_path(&self) -> PathBuf {
        self.config_path.with_file_name(GATEWAY_TOKEN_FILE)
    }

    /// Keeps a gateway and the operator's token for it for the commands to come.
    ///
    /// # Errors
    /// When the files can't be written.
    pub fn remember_gateway(&self, gateway: KnownGateway, token: &str) -> Outcome {
        let path = self.gateway_token_path();
        files::replace(&path, token.as_bytes()).map_err(|error| Failure::file("write", &path, &error))?;
        Config::update(&self.config_path, |config| config.gateway = Some(gateway))
    }

    fn update(&self, chain: &Chain, change: impl FnOnce(&mut Config, String)) -> Outcome {
        Config::update(&self.config_path, |config| change(config, hex0x(&chain.genesis_hash())))
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

fn address(text: &str, what: &str) -> Outcome<AccountId> {
    account::parse(text).map_err(|_| {
        Failure::usage(format!("`{}` is not the address of {what}", shown::value(text)))
            .hint("give the contract's SS58 address (5Grw…), or its 32 bytes as 0x… hexadecimal")
    })
}

fn no_access(chain: &Chain) -> Failure {
    let genesis = hex0x(&chain.genesis_hash());
    let url = shown::url(chain.url());
    Failure::new(Kind::NotFound, format!("no access contract is known for the chain at {url} (genesis {genesis})"))
        .hint(
            "give its address with --access or MARQUE_ACCESS, or deploy one beside the registry: `marque deploy --as <account>`",
        )
}

fn no_registry(chain: &Chain) -> Failure {
    let genesis = hex0x(&chain.genesis_hash());
    let url = shown::url(chain.url());
    Failure::new(Kind::NotFound, format!("no registry is known for the chain at {url} (genesis {genesis})"))
        .hint("give its address with --registry or MARQUE_REGISTRY, or deploy one: `marque deploy --as <account>`")
}
