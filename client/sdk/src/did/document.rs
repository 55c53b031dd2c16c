//! DID documents (W3C DID 1.1; media type `application/did`).

use marque_primitives::{Controller, Device, Key, Relationships, Service, Status};
use serde::{Deserialize, Serialize};

use super::{Did, encode_multikey};

const CONTEXT: [&str; 2] = ["https://www.w3.org/ns/did/v1.1", "https://w3id.org/security/multikey/v1"];

/// A DID document.
///
/// - Only current keys appear. While a device is suspended its keys appear without relationships, as they prove nothing then; but
///   those with which it controls itself keep the capabilities, because they can resume it.
/// - `controller` is left out: a device that controls itself is its own subject, and an account that controls one has no DID. The
///   account is in the resolution's metadata.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidDocument {
    /// JSON-LD contexts.
    #[serde(rename = "@context")]
    pub context: Vec<String>,
    /// The DID.
    pub id: Did,
    /// The current keys.
    pub verification_method: Vec<VerificationMethod>,
    /// Keys that prove who the device is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authentication: Vec<String>,
    /// Keys that sign statements and tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assertion_method: Vec<String>,
    /// Keys that agree on keys for encryption.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_agreement: Vec<String>,
    /// Keys that change the device's record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capability_invocation: Vec<String>,
    /// Keys that name delegates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capability_delegation: Vec<String>,
    /// The services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ServiceEntry>,
}

/// A key in a DID document (Controlled Identifiers 1.0, section 2.2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationMethod {
    /// Its DID URL, `<did>#key-<n>`.
    pub id: String,
    /// `Multikey`.
    #[serde(rename = "type")]
    pub method_type: String,
    /// The device's DID.
    pub controller: Did,
    /// The key.
    pub public_key_multibase: String,
}

/// A service in a DID document (W3C DID 1.1, section 5.4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceEntry {
    /// Its DID URL, `<did>#<id>`.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub service_type: String,
    /// Its endpoint.
    pub service_endpoint: String,
}

impl DidDocument {
    /// The document of a device that is not revoked; `None` for a revoked one, which has none.
    pub fn new(did: Did, device: &Device) -> Option<Self> {
        if device.status == Status::Revoked {
            return None;
        }
        let related = |relationship| related(did, device, relationship);
        Some(Self {
            context: CONTEXT.map(str::to_owned).to_vec(),
            id: did,
            verification_method: current_keys(device).map(|key| verification_method(did, key)).collect(),
            authentication: related(Relationships::AUTHENTICATION),
            assertion_method: related(Relationships::ASSERTION_METHOD),
            key_agreement: related(Relationships::KEY_AGREEMENT),
            capability_invocation: related(Relationships::CAPABILITY_INVOCATION),
            capability_delegation: related(Relationships::CAPABILITY_DELEGATION),
            service: device.services.iter().map(|service| service_entry(did, service)).collect(),
        })
    }
}

fn current_keys(device: &Device) -> impl Iterator<Item = &Key> {
    device.keys.iter().filter(|key| key.is_current())
}

fn related(did: Did, device: &Device, relationship: Relationships) -> Vec<String> {
    let is_capability =
        Relationships::CAPABILITY_INVOCATION.union(Relationships::CAPABILITY_DELEGATION).contains(relationship);
    let is_in_force = device.status == Status::Active || (is_capability && device.controller == Controller::Device);
    if !is_in_force {
        return Vec::new();
    }
    current_keys(device).filter(|key| key.relationships.contains(relationship)).map(|key| key_url(did, key)).collect()
}

fn key_url(did: Did, key: &Key) -> String {
    format!("{did}#key-{}", key.id)
}

fn verification_method(did: Did, key: &Key) -> VerificationMethod {
    VerificationMethod {
        id: key_url(did, key),
        method_type: "Multikey".to_owned(),
        controller: did,
        public_key_multibase: encode_multikey(&key.public_key),
    }
}

fn service_entry(did: Did, service: &Service) -> ServiceEntry {
    ServiceEntry {
        id: format!("{did}#{}", service.id),
        service_type: service.service_type.clone(),
        service_endpoint: service.endpoint.clone(),
    }
}
