//! Which device is meant: a name in the keystore, a device id, or a DID.

use marque_sdk::{
    did,
    primitives::{DeviceId, PublicKey, RegistryId},
};

use crate::{
    failure::{Failure, Kind, Outcome},
    keys::Keys,
    shown,
};

/// What separates a device's name from the number of a key that it got later.
const KEY_SUFFIX: &str = ".key-";

/// A device as the user named it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The device.
    pub device: DeviceId,
    /// Its name in the keystore, if its initial key is there.
    pub name: Option<String>,
}

impl Target {
    /// Finds the device that `text` names. A DID must be of `registry`, if that is known.
    ///
    /// # Errors
    /// [`Kind::WrongRegistry`] for another registry's DID; [`Kind::Usage`] for a text that can be none of the three;
    /// [`Kind::NotFound`] for a name that the keystore does not have.
    pub fn find(text: &str, registry: Option<&RegistryId>, keys: &Keys) -> Outcome<Self> {
        if text.starts_with("did:") {
            let parsed: did::Did = text
                .parse()
                .map_err(|error: did::DidError| Failure::usage(format!("`{}`: {error}", shown::value(text))))?;
            if let Some(registry) = registry {
                ensure_registry(&parsed, registry)?;
            }
            return Self::of(parsed.device, keys);
        }
        if let Ok(device) = did::parse_device_id(text) {
            return Self::of(device, keys);
        }
        match keys.find(text) {
            Ok(Some(info)) => match info.public_key {
                PublicKey::Ed25519(bytes) => Ok(Self { device: DeviceId(bytes), name: Some(text.to_owned()) }),
                _ => Err(Failure::usage(format!("the key `{text}` is no Ed25519 key, so that it names no device"))),
            },
            Ok(None) => {
                let (name, folder) = (shown::value(text), keys.folder().display());
                Err(Failure::new(Kind::NotFound, format!("there is no key named `{name}` in {folder}"))
                    .hint("`marque device list` shows what there is; `marque device new <name>` makes one; or give the device's id or DID"))
            }
            Err(failure) if failure.kind == Kind::Usage => {
                Err(Failure::usage(format!("`{}` names no device", shown::value(text)))
                    .hint("give a name of your keystore, a device id (z6Mk…) or a DID (did:marque:…)"))
            }
            Err(failure) => Err(failure),
        }
    }

    fn of(device: DeviceId, keys: &Keys) -> Outcome<Self> {
        let name = keys.of_account(&device.account())?.map(|info| info.name.to_string());
        Ok(Self { device, name })
    }

    /// The name, or else the id.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| did::format_device_id(&self.device))
    }
}

/// Checks that a DID is of this registry.
///
/// # Errors
/// [`Kind::WrongRegistry`].
pub fn ensure_registry(given: &did::Did, registry: &RegistryId) -> Outcome {
    if given.registry == *registry {
        return Ok(());
    }
    let (theirs, ours) = (did::format_registry_id(&given.registry), did::format_registry_id(registry));
    Err(Failure::new(Kind::WrongRegistry, format!("the DID is of the registry {theirs}, and this is {ours}"))
        .hint("give the endpoint and the address of its registry with --url and --registry"))
}

/// The keystore name of a key that a device got later.
pub fn later_key_name(device_name: &str, number: marque_sdk::primitives::KeyId) -> String {
    format!("{device_name}{KEY_SUFFIX}{number}")
}

/// Whether a keystore name is that of a device's initial key.
pub fn is_device_name(name: &str) -> bool {
    let number = name.rsplit_once(KEY_SUFFIX).map(|(_, number)| number);
    !number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Failure {
        let folder = tempfile::tempdir().unwrap();
        Target::find(text, Some(&RegistryId([1; 10])), &Keys::new(&folder.path().join("keys"), None)).unwrap_err()
    }

    #[test]
    fn each_mistake_has_its_own_answer() {
        let other = did::Did::new(RegistryId([2; 10]), DeviceId([3; 32])).to_string();
        assert_eq!(check(&other).kind, Kind::WrongRegistry);
        assert_eq!(check("meter-1").kind, Kind::NotFound);
        assert_eq!(check("did:key:z6Mk").kind, Kind::Usage);
        assert_eq!(check("did:marque:x:y").kind, Kind::Usage);
        assert_eq!(check("").kind, Kind::Usage);
        assert_eq!(check("a/b").kind, Kind::Usage);
        assert_eq!(check(&"é".repeat(1000)).kind, Kind::Usage);
    }

    #[test]
    fn ids_and_dids_need_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::new(&folder.path().join("keys"), None);
        let registry = RegistryId([1; 10]);
        let device = DeviceId([3; 32]);
        for text in [did::format_device_id(&device), did::Did::new(registry, device).to_string()] {
            assert_eq!(Target::find(&text, Some(&registry), &keys).unwrap(), Target { device, name: None });
        }
    }

    #[test]
    fn later_keys_are_told_from_devices() {
        assert!(!is_device_name(&later_key_name("meter-1", 3)));
        for name in ["meter-1", "key-1", "meter.key-", "meter.key-x"] {
            assert!(is_device_name(name), "{name}");
        }
    }
}
