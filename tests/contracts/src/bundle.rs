//! A built contract: its code, and its messages' selectors by name.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;

/// First four bytes of a call's input: which message (or constructor) is called.
pub type Selector = [u8; 4];

/// A `.contract` bundle as cargo-contract writes it.
///
/// drink's `ContractBundle` is not used because it parses every argument from text; here the arguments are the values of
/// `marque-primitives`, encoded as the client encodes them.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The code.
    pub wasm: Vec<u8>,
    /// The messages' and constructors' selectors by name.
    selectors: BTreeMap<String, Selector>,
    /// The topic that marks each event, by the event's name.
    topics: BTreeMap<String, [u8; 32]>,
    /// The storage key of each field that is kept apart, by the field's name.
    fields: BTreeMap<String, [u8; 4]>,
}

#[derive(Deserialize)]
struct File {
    source: Source,
    spec: Spec,
    storage: serde_json::Value,
}

#[derive(Deserialize)]
struct Source {
    wasm: String,
}

#[derive(Deserialize)]
struct Spec {
    constructors: Vec<Callable>,
    messages: Vec<Callable>,
    events: Vec<EventSpec>,
}

#[derive(Deserialize)]
struct Callable {
    label: String,
    selector: String,
}

#[derive(Deserialize)]
struct EventSpec {
    label: String,
    signature_topic: String,
}

impl Bundle {
    /// The committed bundle of the contract of this name.
    ///
    /// # Panics
    /// When it is not there or is no bundle.
    pub fn committed(contract: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../contracts/artifacts")
            .join(format!("{contract}.contract"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let callables = file.spec.constructors.into_iter().chain(file.spec.messages);
        Self {
            wasm: from_hex(&file.source.wasm),
            selectors: callables.map(|callable| (callable.label, bytes(&callable.selector))).collect(),
            topics: file.spec.events.into_iter().map(|event| (event.label, bytes(&event.signature_topic))).collect(),
            fields: separate_fields(&file.storage),
        }
    }

    /// The selector of a message or constructor.
    ///
    /// # Panics
    /// When the contract has none of this name.
    pub fn selector(&self, name: &str) -> Selector {
        *self.selectors.get(name).unwrap_or_else(|| panic!("the contract has no message {name}"))
    }

    /// The bytes that start the storage keys of a mapping's entries.
    ///
    /// # Panics
    /// When the contract's storage has no mapping of this name.
    pub fn mapping_key(&self, name: &str) -> [u8; 4] {
        *self.fields.get(name).unwrap_or_else(|| panic!("the contract's storage has no mapping {name}"))
    }

    /// The names of all messages and constructors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.selectors.keys().map(String::as_str)
    }

    /// Whether the code imports the chain's function of this name.
    ///
    /// # Panics
    /// When the name is longer than any function's.
    pub fn imports(&self, name: &str) -> bool {
        // In the code, an imported name has its length before it.
        let length = u8::try_from(name.len()).expect("a name is short");
        let import = [&[length], name.as_bytes()].concat();
        self.wasm.windows(import.len()).any(|window| window == import)
    }

    /// The topic that marks an event.
    ///
    /// # Panics
    /// When the contract has no event of this name.
    pub fn topic(&self, name: &str) -> [u8; 32] {
        *self.topics.get(name).unwrap_or_else(|| panic!("the contract has no event {name}"))
    }
}

/// The fields of the contract's storage that have a root of their own: mappings.
fn separate_fields(storage: &serde_json::Value) -> BTreeMap<String, [u8; 4]> {
    let fields = storage.pointer("/root/layout/struct/fields").and_then(serde_json::Value::as_array);
    let separate = |field: &serde_json::Value| {
        let key = field.pointer("/layout/root/root_key")?.as_str()?;
        Some((field.get("name")?.as_str()?.to_owned(), bytes(key)))
    };
    fields.into_iter().flatten().filter_map(separate).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    hex::decode(text.trim_start_matches("0x")).expect("the bundle writes bytes as hex")
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    from_hex(text).try_into().expect("the bundle's selectors and topics have a fixed length")
}
