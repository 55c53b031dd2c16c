//! Resolution results (W3C DID Resolution).

use marque_primitives::{Controller, Device, Status, TimestampMs};
use serde::{Deserialize, Serialize};

use super::{Did, DidDocument, format_time};
use crate::account;

/// Which version of a document is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum VersionSelector {
    /// The current one.
    #[default]
    Current,
    /// The one of this number (`versionId`).
    Id(u32),
    /// The one that was current at this time (`versionTime`), in milliseconds since the Unix epoch.
    At(TimestampMs),
}

/// A resolution result. Serializes to what the DID resolution HTTP binding returns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// The document; `null` when the DID is deactivated or could not be resolved.
    pub did_document: Option<DidDocument>,
    /// About the document.
    pub did_document_metadata: DocumentMetadata,
    /// About the resolution.
    pub did_resolution_metadata: ResolutionMetadata,
}

/// About the document (W3C DID Resolution, section 4.3), and what the registry knows beyond it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentMetadata {
    /// When the device was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When this version came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The version's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// When the next version came about, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_update: Option<String>,
    /// The next version's number, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_version_id: Option<String>,
    /// `true` once the device is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated: Option<bool>,
    /// `active`, `suspended` or `revoked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The device's epoch: tokens with an older one are dead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// The SS58 address of the account that controls the device; absent when the device controls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_account: Option<String>,
    /// The metadata hash, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_hash: Option<String>,
    /// The block of the change that made this version. The chain's finalized blocks tell forks apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
}

/// About the resolution (W3C DID Resolution, section 4.2).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolutionMetadata {
    /// The document's media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// A resolution error (RFC 9457 style).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Such as `https://www.w3.org/ns/did#NOT_FOUND`.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// What it is about.
    pub title: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Resolution {
    /// The result for a record; `next` is the version after it, if there is one, as its number and time.
    pub fn new(did: Did, device: &Device, next: Option<(u32, TimestampMs)>) -> Self {
        let did_document = DidDocument::new(did, device);
        let content_type = did_document.as_ref().map(|_| "application/did".to_owned());
        Self {
            did_document,
            did_document_metadata: DocumentMetadata::new(device, next),
            did_resolution_metadata: ResolutionMetadata { content_type, error: None },
        }
    }

    /// The result for a DID that is not registered, or has no such version.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::failed("NOT_FOUND", "the DID, or the version of it, does not exist", detail)
    }

    /// The result for a text that is no DID, or DID URL, of this method.
    pub fn invalid_did(error: &super::DidError) -> Self {
        let code = match error {
            super::DidError::OtherMethod => "METHOD_NOT_SUPPORTED",
            super::DidError::IsUrl | super::DidError::InvalidUrl | super::DidError::RepeatedParameter => {
                "INVALID_DID_URL"
            }
            _ => "INVALID_DID",
        };
        Self::failed(code, "this DID can't be resolved here", error.to_string())
    }

    /// Whether the device is revoked.
    pub fn is_deactivated(&self) -> bool {
        self.did_document_metadata.deactivated == Some(true)
    }

    fn failed(code: &str, title: &str, detail: impl Into<String>) -> Self {
        let problem_type = format!("https://www.w3.org/ns/did#{code}");
        let problem = Problem { problem_type, title: title.to_owned(), detail: Some(detail.into()) };
        Self {
            did_document: None,
            did_document_metadata: DocumentMetadata::default(),
            did_resolution_metadata: ResolutionMetadata { content_type: None, error: Some(problem) },
        }
    }
}

impl DocumentMetadata {
    fn new(device: &Device, next: Option<(u32, TimestampMs)>) -> Self {
        let status = match device.status {
            Status::Active => "active",
            Status::Suspended => "suspended",
            Status::Revoked => "revoked",
        };
        let controller_account = match &device.controller {
            Controller::Account(account) => Some(account::format(account)),
            Controller::Device => None,
        };
        Self {
            created: Some(format_time(device.created_ms)),
            updated: Some(format_time(device.updated_ms)),
            version_id: Some(device.version.to_string()),
            next_update: next.map(|(_, at_ms)| format_time(at_ms)),
            next_version_id: next.map(|(version, _)| version.to_string()),
            deactivated: (device.status == Status::Revoked).then_some(true),
            status: Some(status.to_owned()),
            epoch: Some(device.epoch),
            controller_account,
            metadata_hash: device.metadata.map(|hash| format!("0x{}", hex::encode(hash))),
            block: Some(device.changed_block),
        }
    }
}
