//! What a client says of itself (RFC 7591, section 2), as far as it is understood here. What is not known is ignored, as the standard has
//! it: the answer says what was understood.

use std::collections::BTreeSet;

use marque_sdk::{did::Did, primitives::RegistryId, token::JwkSet};
use serde_json::{Map, Value, json};

use super::{
    RegisteredCertificate, RegistrationError, certificate,
    keys::{read_certificates, read_keys, write_certificates},
    members::{Members, refused},
};
use crate::{CertificateBinding, GrantType, requested_scopes};

const NAME_CHARS_MAX: usize = 100;
const CONTACTS_MAX: usize = 8;
const CONTACT_CHARS_MAX: usize = 254;
const GRANT_TYPES_MAX: usize = 8;
/// The longest metadata as they are understood, in bytes: with what else an answer has, they can be sent back.
const UNDERSTOOD_BYTES_MAX: usize = 15 * 1024;
const SCOPE_CHARS_MAX: usize = 16 * 65;
const TEXT: &str = "client_name, software_id and software_version have 1 to 100 printable characters";
const FLAG: &str = "dpop_bound_access_tokens and tls_client_certificate_bound_access_tokens are true or false";
const BOUND: &str = "tls_client_certificate_bound_access_tokens must be false: choose dpop_bound_access_tokens";
const GRANT_TYPE: &str = "grant_types may have client_credentials and urn:ietf:params:oauth:grant-type:token-exchange";
const METHOD: &str = "token_endpoint_auth_method must be client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth or self_signed_tls_client_auth";

/// How a client says who it is at the token endpoint, with what that takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientAuthentication {
    /// `client_secret_basic`: with a secret that it is given, in the header.
    SecretBasic,
    /// `client_secret_post`: with a secret that it is given, in the form.
    SecretPost,
    /// `private_key_jwt`: with an assertion that one of these keys signed.
    PrivateKeyJwt(JwkSet),
    /// `tls_client_auth`: with a certificate of this name, which an authority vouches for.
    TlsClientAuth(CertificateBinding),
    /// `self_signed_tls_client_auth`: with one of these certificates.
    SelfSignedTlsClientAuth(Vec<RegisteredCertificate>),
}

impl ClientAuthentication {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::TlsClientAuth(_) => "tls_client_auth",
            Self::SelfSignedTlsClientAuth(_) => "self_signed_tls_client_auth",
        }
    }

    /// Whether the client is given a secret.
    pub const fn has_secret(&self) -> bool {
        matches!(self, Self::SecretBasic | Self::SecretPost)
    }
}

/// What a client says of itself, checked: each part is bounded, and they go together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientMetadata {
    /// `marque_device`: the device that it acts for.
    pub device: Did,
    /// `client_name`: what people call it, in 1 to 100 printable characters.
    pub client_name: Option<String>,
    /// `grant_types`: at least one; `client_credentials`, if left out.
    pub grant_types: BTreeSet<GrantType>,
    /// `token_endpoint_auth_method`; `client_secret_basic`, if left out.
    pub authentication: ClientAuthentication,
    /// `scope`: the scopes that it may ask for, in order, 1 to 16; left out, whatever policies give.
    pub scopes: Option<Vec<String>>,
    /// `dpop_bound_access_tokens` (RFC 9449, section 5.2): whether it asks for tokens with DPoP proofs alone. Tokens are bound to no
    /// certificate here: `tls_client_certificate_bound_access_tokens` (RFC 8705, section 3.4) is refused.
    pub is_dpop_bound: bool,
    /// `software_id`.
    pub software_id: Option<String>,
    /// `software_version`.
    pub software_version: Option<String>,
    /// `contacts`: up to 8, of 1 to 254 printable characters.
    pub contacts: Vec<String>,
}

impl ClientMetadata {
    /// Reads the body of a request. The device must be in this registry.
    ///
    /// # Errors
    /// [`RegistrationError::InvalidClientMetadata`] for what is no JSON object of at most 16 KiB;
    /// [`RegistrationError::InvalidRedirectUri`]; [`RegistrationError::InvalidClientMetadata`] for whatever else is refused.
    pub fn read(body: &[u8], registry: RegistryId) -> Result<Self, RegistrationError> {
        Self::of(&Members::read(body)?, registry)
    }

    pub(super) fn of(members: &Members, registry: RegistryId) -> Result<Self, RegistrationError> {
        ensure_no_redirects(members)?;
        if members.flag("tls_client_certificate_bound_access_tokens", FLAG)? {
            return Err(refused(BOUND));
        }
        let text = |name| Ok(members.text(name, NAME_CHARS_MAX, TEXT)?.map(str::to_owned));
        let contacts = "contacts has up to 8 texts, of 1 to 254 printable characters";
        let contacts = members.texts("contacts", CONTACTS_MAX, CONTACT_CHARS_MAX, contacts)?;
        let metadata = Self {
            device: device(members, registry)?,
            client_name: text("client_name")?,
            grant_types: grant_types(members)?,
            authentication: authentication(members)?,
            scopes: scopes(members)?,
            is_dpop_bound: members.flag("dpop_bound_access_tokens", FLAG)?,
            software_id: text("software_id")?,
            software_version: text("software_version")?,
            contacts: contacts.into_iter().map(str::to_owned).collect(),
        };
        if Value::from(metadata.to_json()).to_string().len() > UNDERSTOOD_BYTES_MAX {
            return Err(refused("a registration has at most 15360 bytes as it is understood: give fewer keys"));
        }
        Ok(metadata)
    }

    /// The metadata as they were understood, which [`read`](Self::read) reads as the same.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("marque_device", self.device.to_string().into());
        put("grant_types", self.grant_types.iter().map(|grant_type| grant_type.name()).collect());
        put("token_endpoint_auth_method", self.authentication.name().into());
        match &self.authentication {
            ClientAuthentication::SecretBasic | ClientAuthentication::SecretPost => {}
            ClientAuthentication::PrivateKeyJwt(keys) => {
                put("jwks", keys.to_json());
            }
            ClientAuthentication::TlsClientAuth(name) => {
                if let Some((member, name)) = certificate::member(name) {
                    put(member, name.into());
                }
            }
            ClientAuthentication::SelfSignedTlsClientAuth(certificates) => {
                put("jwks", write_certificates(certificates));
            }
        }
        put("redirect_uris", json!([]));
        put("response_types", json!([]));
        put("dpop_bound_access_tokens", self.is_dpop_bound.into());
        put("tls_client_certificate_bound_access_tokens", false.into());
        let scope = self.scopes.as_ref().map(|scopes| scopes.join(" "));
        let texts = [
            ("client_name", &self.client_name),
            ("scope", &scope),
            ("software_id", &self.software_id),
            ("software_version", &self.software_version),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                put(name, text.as_str().into());
            }
        }
        if !self.contacts.is_empty() {
            put("contacts", json!(self.contacts));
        }
        members
    }
}

fn ensure_no_redirects(members: &Members) -> Result<(), RegistrationError> {
    if !members.is_empty_list("redirect_uris") {
        return Err(RegistrationError::InvalidRedirectUri);
    }
    if !members.is_empty_list("response_types") {
        return Err(refused("response_types must be empty: there is no authorization endpoint"));
    }
    Ok(())
}

fn device(members: &Members, registry: RegistryId) -> Result<Did, RegistrationError> {
    let did: Option<Did> = members.get("marque_device").and_then(Value::as_str).and_then(|text| text.parse().ok());
    did.filter(|did| did.registry == registry)
        .ok_or(refused("marque_device must be the DID of the device of this registry that the client acts for"))
}

fn grant_types(members: &Members) -> Result<BTreeSet<GrantType>, RegistrationError> {
    if members.get("grant_types").is_none() {
        return Ok(BTreeSet::from([GrantType::ClientCredentials]));
    }
    let names = members.texts("grant_types", GRANT_TYPES_MAX, NAME_CHARS_MAX, GRANT_TYPE)?;
    let known: Option<BTreeSet<_>> = names.into_iter().map(GrantType::from_name).collect();
    known.filter(|grant_types| !grant_types.is_empty()).ok_or(refused(GRANT_TYPE))
}

fn authentication(members: &Members) -> Result<ClientAuthentication, RegistrationError> {
    if members.get("jwks_uri").is_some() {
        return Err(refused("jwks_uri is not supported: give the keys themselves in jwks"));
    }
    let method = members.text("token_endpoint_auth_method", NAME_CHARS_MAX, METHOD)?;
    let name = certificate::read(members)?;
    let authentication = match (method.unwrap_or("client_secret_basic"), &name) {
        ("client_secret_basic", _) => ClientAuthentication::SecretBasic,
        ("client_secret_post", _) => ClientAuthentication::SecretPost,
        ("private_key_jwt", _) => ClientAuthentication::PrivateKeyJwt(read_keys(members)?),
        ("self_signed_tls_client_auth", _) => {
            ClientAuthentication::SelfSignedTlsClientAuth(read_certificates(members)?)
        }
        ("tls_client_auth", Some(name)) => ClientAuthentication::TlsClientAuth(name.clone()),
        ("tls_client_auth", None) => {
            return Err(refused("tls_client_auth needs the name of the certificate: give one tls_client_auth name"));
        }
        _ => return Err(refused(METHOD)),
    };
    ensure_fits(&authentication, members, name.is_some())?;
    Ok(authentication)
}

/// What is of another way of authentication would look as if it counted.
fn ensure_fits(
    authentication: &ClientAuthentication,
    members: &Members,
    has_name: bool,
) -> Result<(), RegistrationError> {
    let (takes_keys, takes_name) = match authentication {
        ClientAuthentication::SecretBasic | ClientAuthentication::SecretPost => (false, false),
        ClientAuthentication::PrivateKeyJwt(_) | ClientAuthentication::SelfSignedTlsClientAuth(_) => (true, false),
        ClientAuthentication::TlsClientAuth(_) => (false, true),
    };
    if !takes_keys && members.get("jwks").is_some() {
        return Err(refused("jwks is for private_key_jwt and self_signed_tls_client_auth"));
    }
    if !takes_name && has_name {
        return Err(refused("a tls_client_auth name is for tls_client_auth"));
    }
    Ok(())
}

fn scopes(members: &Members) -> Result<Option<Vec<String>>, RegistrationError> {
    const REFUSAL: &str = "scope has 1 to 16 names such as resource:action, separated by one space";
    let text = members.text("scope", SCOPE_CHARS_MAX, REFUSAL)?;
    text.map(|text| requested_scopes(Some(text), &[]).map_err(|_| refused(REFUSAL))).transpose()
}
