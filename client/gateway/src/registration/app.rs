//! What a client says of itself, as the application that it becomes, and back. An application is kept once: of what a registration says
//! beside it, only that is kept which nothing is decided by.

use std::collections::BTreeSet;

use marque_sdk::token::JwkSet;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    ClientAuthentication, ClientMetadata, RegisteredCertificate,
    keys::{certificates_of, write_certificates},
};
use crate::{
    CertificateBinding, Thumbprint,
    settings::{App, Authentication},
};

const METHOD: &str = "token_endpoint_auth_method";

impl ClientMetadata {
    /// The application with all that the client may say of itself in place of what it was. Secrets of a client that showed one end when it
    /// is to authenticate in another way.
    pub(crate) fn applied_to(&self, mut app: App) -> App {
        let authentication = self.authentication.kind();
        if app.authentication != authentication && app.authentication == Authentication::ClientSecret {
            app.secrets.clear();
        }
        App {
            label: self.client_name.clone().unwrap_or_else(|| app.id.clone()),
            device: self.device.to_string(),
            authentication,
            grant_types: self.grant_types.clone(),
            jwks: self.authentication.jwks(),
            certificate: self.authentication.certificate(),
            requires_dpop: self.is_dpop_bound,
            scopes: self.scopes.as_ref().map(|scopes| scopes.iter().cloned().collect::<BTreeSet<_>>()),
            metadata: self.rest(),
            ..app
        }
    }

    /// What an application says of itself; `None` for one that can't have registered.
    pub(crate) fn of_app(app: &App) -> Option<Self> {
        let text = |name| app.metadata.get(name).and_then(Value::as_str).map(str::to_owned);
        let contacts = app.metadata.get("contacts").and_then(Value::as_array);
        let contacts = contacts.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        Some(Self {
            device: app.did()?,
            client_name: (app.label != app.id).then(|| app.label.clone()),
            grant_types: app.grant_types.clone(),
            authentication: ClientAuthentication::of_app(app)?,
            scopes: app.scopes.as_ref().map(|scopes| scopes.iter().cloned().collect()),
            is_dpop_bound: app.requires_dpop,
            software_id: text("software_id"),
            software_version: text("software_version"),
            contacts: contacts.collect(),
        })
    }

    /// What no application has a place of its own for.
    fn rest(&self) -> Map<String, Value> {
        let mut rest = Map::new();
        if self.authentication == ClientAuthentication::SecretPost {
            rest.insert(METHOD.into(), self.authentication.name().into());
        }
        for (name, text) in [("software_id", &self.software_id), ("software_version", &self.software_version)] {
            if let Some(text) = text {
                rest.insert(name.into(), text.as_str().into());
            }
        }
        if !self.contacts.is_empty() {
            rest.insert("contacts".into(), json!(self.contacts));
        }
        rest
    }
}

impl ClientAuthentication {
    const fn kind(&self) -> Authentication {
        match self {
            Self::SecretBasic | Self::SecretPost => Authentication::ClientSecret,
            Self::PrivateKeyJwt(_) => Authentication::PrivateKeyJwt,
            Self::TlsClientAuth(_) | Self::SelfSignedTlsClientAuth(_) => Authentication::TlsClientAuth,
        }
    }

    fn jwks(&self) -> Option<Value> {
        match self {
            Self::PrivateKeyJwt(keys) => Some(keys.to_json()),
            Self::SelfSignedTlsClientAuth(certificates) => Some(write_certificates(certificates)),
            Self::SecretBasic | Self::SecretPost | Self::TlsClientAuth(_) => None,
        }
    }

    fn certificate(&self) -> Option<CertificateBinding> {
        let thumbprint = |it: &RegisteredCertificate| Thumbprint(Sha256::digest(&it.certificate).into());
        match self {
            Self::TlsClientAuth(binding) => Some(binding.clone()),
            Self::SelfSignedTlsClientAuth(certificates) => {
                Some(CertificateBinding::Thumbprints(certificates.iter().map(thumbprint).collect()))
            }
            Self::SecretBasic | Self::SecretPost | Self::PrivateKeyJwt(_) => None,
        }
    }

    fn of_app(app: &App) -> Option<Self> {
        match app.authentication {
            Authentication::ClientSecret if app.metadata.get(METHOD) == Some(&json!(Self::SecretPost.name())) => {
                Some(Self::SecretPost)
            }
            Authentication::ClientSecret => Some(Self::SecretBasic),
            Authentication::PrivateKeyJwt => {
                JwkSet::from_json(&app.jwks.as_ref()?.to_string()).ok().map(Self::PrivateKeyJwt)
            }
            Authentication::TlsClientAuth => match app.certificate.as_ref()? {
                // Of certificates that an operator put in, no more than their hashes is known.
                CertificateBinding::Thumbprints(_) => {
                    Some(Self::SelfSignedTlsClientAuth(app.jwks.as_ref().map(certificates_of).unwrap_or_default()))
                }
                binding => Some(Self::TlsClientAuth(binding.clone())),
            },
        }
    }
}
