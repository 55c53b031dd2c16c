//! A connection to a registry, and the accounts that the user names.

use std::{collections::HashMap, sync::Arc};

use marque_sdk::{
    Account, Chain, Registry, Signer, account,
    did::{self, Did},
    primitives::{AccountId, Controller, DeviceId, RegistryId},
};

use crate::{
    failure::{Failure, Kind, Outcome},
    keys::Keys,
    shown,
    target::Target,
};

/// The well-known accounts of development chains.
pub const DEV_NAMES: [&str; 6] = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie"];

/// A connection to a registry.
pub struct Session {
    /// The registry.
    pub registry: Registry,
    /// This machine's keys.
    pub keys: Arc<Keys>,
    accounts: Accounts,
}

impl Session {
    /// Attaches to the registry at `contract`.
    ///
    /// # Errors
    /// When there is no registry, or it is another's.
    pub async fn attach(chain: Chain, contract: AccountId, keys: Arc<Keys>) -> Outcome<Self> {
        let accounts = Accounts::of(&chain, &keys).await?;
        let registry = Registry::attach(&chain, contract).await?;
        Ok(Self { registry, keys, accounts })
    }

    /// The registry's id.
    pub fn registry_id(&self) -> RegistryId {
        self.registry.id()
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        self.registry.chain()
    }

    /// Finds the device that the user names.
    ///
    /// # Errors
    /// Those of [`Target::find`].
    pub fn target(&self, text: &str) -> Outcome<Target> {
        Target::find(text, Some(&self.registry_id()), &self.keys)
    }

    /// The DID of a device here.
    pub fn did(&self, target: &Target) -> Did {
        Did::new(self.registry_id(), target.device)
    }

    /// The account that the user names: an address, a key of the keystore, or a development account.
    ///
    /// # Errors
    /// When it names none.
    pub fn account(&self, text: &str) -> Outcome<AccountId> {
        self.accounts.find(text, &self.keys)
    }

    /// The same, or `self` for the device itself.
    ///
    /// # Errors
    /// When it names none.
    pub fn controller(&self, text: &str) -> Outcome<Controller> {
        if text == "self" { Ok(Controller::Device) } else { self.account(text).map(Controller::Account) }
    }

    /// What signs for the account that the user names.
    ///
    /// # Errors
    /// When its key is not here, or the passphrase is wrong.
    pub fn signer(&self, text: &str) -> Outcome<Box<dyn Signer>> {
        self.accounts.signer(text, &self.keys)
    }

    /// A device for people: its name here, else its id.
    pub fn device_label(&self, device: &DeviceId) -> String {
        self.accounts.names.get(&device.account()).cloned().unwrap_or_else(|| did::format_device_id(device))
    }

    /// An account for people: its address, and its name if it has one here.
    pub fn label(&self, account: &AccountId) -> String {
        self.accounts.label(account)
    }
}

/// The accounts that have names here: the keys of the keystore and, on a development chain, the well-known ones.
pub struct Accounts {
    names: HashMap<AccountId, String>,
    chain_name: String,
    is_development: bool,
}

impl Accounts {
    /// The accounts that have names on this chain.
    ///
    /// # Errors
    /// When the chain or the keystore can't be read.
    pub async fn of(chain: &Chain, keys: &Keys) -> Outcome<Self> {
        let is_development = chain.is_development().await?;
        let mut names: HashMap<_, _> =
            keys.list()?.into_iter().map(|info| (info.account(), info.name.to_string())).collect();
        if is_development {
            let known =
                DEV_NAMES.iter().filter_map(|name| Some((Account::from_uri(name).ok()?.account(), (*name).to_owned())));
            names.extend(known);
        }
        Ok(Self { names, chain_name: shown::url(chain.url()), is_development })
    }

    /// What signs for the account that the user names.
    ///
    /// # Errors
    /// When its key is not here, or the passphrase is wrong.
    pub fn signer(&self, text: &str, keys: &Keys) -> Outcome<Box<dyn Signer>> {
        if text.starts_with("//") {
            return Ok(Box::new(self.development_account(text)?));
        }
        if account::parse(text).is_ok() || did::parse_device_id(text).is_ok() {
            return Err(Failure::usage("an address can't act: its key is needed")
                .hint("give the name of a key in your keystore; `marque device list` shows them"));
        }
        if text.contains(char::is_whitespace) {
            return Err(Failure::usage("that is not the name of a key, and secrets don't belong on a command line")
                .hint("give the name of a key in your keystore; `marque device list` shows them"));
        }
        match keys.find(text) {
            Ok(Some(info)) => keys.open(&info),
            Ok(None) => Err(no_key(text)),
            Err(failure) if failure.kind == Kind::Usage => Err(no_account(text)),
            Err(failure) => Err(failure),
        }
    }

    fn find(&self, text: &str, keys: &Keys) -> Outcome<AccountId> {
        if text.starts_with("//") {
            return Ok(self.development_account(text)?.account());
        }
        if let Ok(account) = account::parse(text) {
            return if text.starts_with("0x") { Err(hexadecimal()) } else { Ok(account) };
        }
        match keys.find(text) {
            Ok(Some(info)) => Ok(info.account()),
            Ok(None) => Err(no_key(text)),
            Err(failure) if failure.kind == Kind::Usage => Err(no_account(text)),
            Err(failure) => Err(failure),
        }
    }

    fn development_account(&self, uri: &str) -> Outcome<Account> {
        if !self.is_development {
            return Err(Failure::usage(format!(
                "{} is a key that everybody has, and {} is not a development chain",
                shown::value(uri),
                self.chain_name
            ))
            .hint("use a key of your own: `marque device new <name>` makes one"));
        }
        Account::from_uri(uri).map_err(|_| no_account(uri))
    }

    fn label(&self, account: &AccountId) -> String {
        let address = account::format(account);
        self.names.get(account).map_or(address.clone(), |name| format!("{name} ({}…)", &address[..8]))
    }
}

fn no_key(text: &str) -> Failure {
    Failure::new(Kind::NotFound, format!("there is no key named `{}` in the keystore", shown::value(text)))
        .hint("`marque device list` shows what there is; on a development chain //Alice and so on work too")
}

fn hexadecimal() -> Failure {
    Failure::usage("an account is not taken in hexadecimal: it can't be told from a secret seed, and has no checksum")
        .hint("give its SS58 address (5Grw…), the name of a key in your keystore, or //Alice on a development chain")
}

fn no_account(text: &str) -> Failure {
    Failure::usage(format!("`{}` names no account", shown::value(text)))
        .hint("give an address (5Grw…), the name of a key in your keystore, or //Alice on a development chain")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_development: bool) -> Outcome<AccountId> {
        let accounts = Accounts { names: HashMap::new(), chain_name: "ws://node".into(), is_development };
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::new(&folder.path().join("keys"), None);
        accounts.signer(text, &keys).map(|signer| signer.account())
    }

    #[test]
    fn keys_that_everybody_has_are_for_development_chains() {
        assert_eq!(check("//Alice", true).unwrap(), Account::from_uri("//Alice").unwrap().account());
        let failure = check("//Alice", false).unwrap_err();
        assert_eq!(failure.kind, Kind::Usage);
        assert!(failure.message.contains("not a development chain"));
    }

    #[test]
    fn secrets_are_not_taken_and_not_repeated() {
        let phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
        let seed = format!("0x{}", "ab".repeat(32));
        for secret in [phrase, &seed] {
            let failure = check(secret, true).unwrap_err();
            assert_eq!(failure.kind, Kind::Usage);
            assert!(!failure.message.contains(secret));
        }
    }

    #[test]
    fn an_account_is_named_by_what_has_a_checksum() {
        let accounts = Accounts { names: HashMap::new(), chain_name: "ws://node".into(), is_development: true };
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::new(&folder.path().join("keys"), None);
        let alice = Account::from_uri("//Alice").unwrap().account();
        for text in ["//Alice", &account::format(&alice)] {
            assert_eq!(accounts.find(text, &keys).unwrap(), alice);
        }
        assert_eq!(accounts.find(&crate::spec::hex0x(&alice.0), &keys).unwrap_err().kind, Kind::Usage);
        assert_eq!(accounts.find("0x1", &keys).unwrap_err().kind, Kind::NotFound);
    }

    #[test]
    fn a_name_without_a_key_is_not_found() {
        assert_eq!(check("operations", true).unwrap_err().kind, Kind::NotFound);
        assert_eq!(check("a/b", true).unwrap_err().kind, Kind::Usage);
    }
}
