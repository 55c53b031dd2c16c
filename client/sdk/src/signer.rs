//! Keys that sign transactions and off-chain operations.

use std::{fmt, str::FromStr};

use ed25519_dalek::Signer as _;
pub use marque_primitives::Scheme;
use marque_primitives::{AccountId, DeviceId, Domain, Envelope, PublicKey, Signature, SignedOperation, blake2b_256};
use rand::{RngCore, rngs::OsRng};
use subxt::{
    config::SubstrateConfig,
    utils::{AccountId32, MultiSignature},
};
use subxt_signer::{SecretUri, sr25519};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The longest secret URI that is read: a phrase of 24 words with derivations and a password.
const SECRET_URI_BYTES_MAX: usize = 1024;

/// Why a signature could not be made, or a key not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The text is no secret URI.
    #[error(
        "this is no secret URI: give `//Name`, a BIP-39 phrase, or 0x and 64 hexadecimal digits, with optional /derivations"
    )]
    InvalidSecretUri,
    /// The key's holder refused, or is not there.
    #[error("the key's holder did not sign: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// The envelope names another signer than the key that is to sign it.
    #[error("the operation names another signer than this key")]
    WrongSigner,
}

/// Whatever signs for an account: a key in memory ([`Account`]), or hardware that keeps it.
pub trait Signer: Send + Sync {
    /// The account that it signs for.
    fn account(&self) -> AccountId;

    /// Its scheme.
    fn scheme(&self) -> Scheme;

    /// Signs the bytes as they are.
    ///
    /// # Errors
    /// [`SignerError::Refused`] when the key's holder refuses or can't be reached.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError>;

    /// The public key.
    fn public_key(&self) -> PublicKey {
        match self.scheme() {
            Scheme::Ed25519 => PublicKey::Ed25519(self.account().0),
            Scheme::Sr25519 => PublicKey::Sr25519(self.account().0),
        }
    }

    /// Signs an operation for submission by somebody else.
    ///
    /// # Errors
    /// [`SignerError::WrongSigner`] when the envelope names another account; [`SignerError::Refused`].
    fn sign_operation(&self, domain: &Domain, envelope: Envelope) -> Result<SignedOperation, SignerError> {
        if envelope.signer != self.account() {
            return Err(SignerError::WrongSigner);
        }
        let signature = self.sign(&envelope.signed_bytes(domain, blake2b_256))?;
        Ok(SignedOperation { envelope, signature })
    }
}

/// The 32 secret bytes that a key is made from. They are wiped when it is dropped, and never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed(Box<[u8; 32]>);

impl Seed {
    /// A seed from the operating system's randomness.
    pub fn random() -> Self {
        let mut bytes = Box::new([0; 32]);
        OsRng.fill_bytes(bytes.as_mut_slice());
        Self(bytes)
    }

    /// A seed of these bytes.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Box::new(**bytes))
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seed(..)")
    }
}

/// A key in memory. Its secret is wiped when it is dropped, and never shown.
#[derive(Clone)]
pub struct Account(Secret);

#[derive(Clone)]
enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Sr25519(Box<sr25519::Keypair>),
}

impl Account {
    /// The Ed25519 key of this seed (RFC 8032, section 5.1.5).
    pub fn ed25519(seed: &Seed) -> Self {
        Self(Secret::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed.expose()))))
    }

    /// The Sr25519 key of this seed, expanded as Substrate does.
    ///
    /// # Errors
    /// [`SignerError::InvalidSecretUri`] when the bytes are no seed.
    pub fn sr25519(seed: &Seed) -> Result<Self, SignerError> {
        let pair = sr25519::Keypair::from_secret_key(*seed.expose()).map_err(|_| SignerError::InvalidSecretUri)?;
        Ok(Self(Secret::Sr25519(Box::new(pair))))
    }

    /// The key of this scheme and seed.
    ///
    /// # Errors
    /// [`SignerError::InvalidSecretUri`] when the bytes are no seed.
    pub fn from_seed(scheme: Scheme, seed: &Seed) -> Result<Self, SignerError> {
        match scheme {
            Scheme::Ed25519 => Ok(Self::ed25519(seed)),
            Scheme::Sr25519 => Self::sr25519(seed),
        }
    }

    /// A new Ed25519 key.
    pub fn generate() -> Self {
        Self::ed25519(&Seed::random())
    }

    /// The Sr25519 key of a secret URI, as Substrate's tools write it: `//Alice`, a BIP-39 phrase with or without derivations,
    /// or a hexadecimal seed.
    ///
    /// # Errors
    /// [`SignerError::InvalidSecretUri`].
    pub fn from_uri(uri: &str) -> Result<Self, SignerError> {
        let invalid = |_| SignerError::InvalidSecretUri;
        if uri.len() > SECRET_URI_BYTES_MAX {
            return Err(SignerError::InvalidSecretUri);
        }
        let uri = SecretUri::from_str(uri).map_err(|_| SignerError::InvalidSecretUri)?;
        Ok(Self(Secret::Sr25519(Box::new(sr25519::Keypair::from_uri(&uri).map_err(invalid)?))))
    }

    /// The device whose initial key this is; `None` for a key that can't be one, as it is not Ed25519.
    pub fn device_id(&self) -> Option<DeviceId> {
        (self.scheme() == Scheme::Ed25519).then(|| DeviceId(self.account().0))
    }
}

impl Signer for Account {
    fn account(&self) -> AccountId {
        AccountId(match &self.0 {
            Secret::Ed25519(key) => key.verifying_key().to_bytes(),
            Secret::Sr25519(pair) => pair.public_key().0,
        })
    }

    fn scheme(&self) -> Scheme {
        match &self.0 {
            Secret::Ed25519(_) => Scheme::Ed25519,
            Secret::Sr25519(_) => Scheme::Sr25519,
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        Ok(match &self.0 {
            Secret::Ed25519(key) => Signature::Ed25519(key.sign(message).to_bytes()),
            Secret::Sr25519(pair) => Signature::Sr25519(pair.sign(message).0),
        })
    }
}

/// So that subxt's own submission functions take an account too.
impl subxt::tx::Signer<SubstrateConfig> for Account {
    fn account_id(&self) -> AccountId32 {
        AccountId32(Signer::account(self).0)
    }

    fn sign(&self, signer_payload: &[u8]) -> MultiSignature {
        match &self.0 {
            Secret::Ed25519(key) => MultiSignature::Ed25519(key.sign(signer_payload).to_bytes()),
            Secret::Sr25519(pair) => MultiSignature::Sr25519(pair.sign(signer_payload).0),
        }
    }
}

pub(crate) const fn multi_signature(signature: &Signature) -> MultiSignature {
    match signature {
        Signature::Ed25519(bytes) => MultiSignature::Ed25519(*bytes),
        Signature::Sr25519(bytes) => MultiSignature::Sr25519(*bytes),
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Account({:?}, {})", self.scheme(), crate::account::format(&Signer::account(self)))
    }
}

#[cfg(test)]
mod tests {
    use marque_primitives::{Operation, verify_ed25519};

    use super::*;

    fn seed(byte: u8) -> Seed {
        Seed::from_bytes(&Zeroizing::new([byte; 32]))
    }

    fn envelope(signer: AccountId) -> Envelope {
        Envelope {
            device: DeviceId([1; 32]),
            operation: Operation::Suspend,
            signer,
            submitter: None,
            lane: 3,
            nonce: 4,
            deadline_ms: 5,
        }
    }

    const DOMAIN: Domain = Domain { genesis_hash: [7; 32], contract: AccountId([8; 32]) };

    #[test]
    fn rfc_8032_test_1_gives_its_key_and_signature() {
        let bytes = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let account = Account::ed25519(&Seed::from_bytes(&Zeroizing::new(bytes.try_into().unwrap())));
        let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(hex::encode(Signer::account(&account).0), key);
        let Signature::Ed25519(signature) = Signer::sign(&account, b"").unwrap() else {
            panic!("the scheme is Ed25519")
        };
        assert_eq!(
            hex::encode(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
    }

    #[test]
    fn alice_is_the_alice_of_every_substrate_tool() {
        let alice = Account::from_uri("//Alice").unwrap();
        assert_eq!(
            crate::account::format(&Signer::account(&alice)),
            "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
        );
        assert_eq!(alice.device_id(), None, "an Sr25519 key is no device's initial key");
    }

    #[test]
    fn what_is_signed_off_chain_is_fixed() {
        let account = Account::ed25519(&seed(9));
        let signed = account.sign_operation(&DOMAIN, envelope(Signer::account(&account))).unwrap();
        let bytes = signed.envelope.signed_bytes(&DOMAIN, blake2b_256);
        assert_eq!(hex::encode(bytes), SIGNED_BYTES);
        let Signature::Ed25519(signature) = signed.signature else { panic!("the scheme is Ed25519") };
        assert!(verify_ed25519(&signed.envelope.signer.0, &bytes, &signature));
        assert_eq!(hex::encode(signature), SIGNATURE);
    }

    // Computed by another implementation (RFC 8032's reference in Python, and its BLAKE2b) from the SCALE encoding by hand.
    const SIGNED_BYTES: &str =
        "6d61727175653a6f703a763123335970d7308a64ba736927d4768ff5fcddbba0aa2ba691045a85b09b032e3e";
    const SIGNATURE: &str = "70d9ed19f8ec09ade8fe223d61cc43e0fcaf45658d01f5dd76b1a785789c421c\
        ff8e4dc004276942e9c52dd9e923daa335d0592cdb7717a947d413cb7ac43304";

    #[test]
    fn sr25519_signs_operations_in_its_own_variant() {
        let account = Account::from_uri("//Alice").unwrap();
        let signed = account.sign_operation(&DOMAIN, envelope(Signer::account(&account))).unwrap();
        let Signature::Sr25519(signature) = signed.signature else { panic!("the scheme is Sr25519") };
        let message = signed.envelope.signed_bytes(&DOMAIN, blake2b_256);
        let key = sr25519::PublicKey(signed.envelope.signer.0);
        assert!(sr25519::verify(&sr25519::Signature(signature), message, &key));
    }

    #[test]
    fn an_envelope_of_another_signer_is_not_signed() {
        let refused = Account::generate().sign_operation(&DOMAIN, envelope(AccountId([0; 32])));
        assert_eq!(refused, Err(SignerError::WrongSigner));
    }

    #[test]
    fn debug_shows_no_secret() {
        let account = Account::ed25519(&seed(0x5a));
        let shown = format!("{account:?} {:?}", seed(0x5a));
        assert!(!shown.contains("5a5a") && !shown.contains("90, 90"), "{shown}");
    }

    #[test]
    fn what_is_no_secret_uri_is_refused() {
        let long = "a".repeat(100_000);
        for uri in ["not a phrase", "0x12", "0xzz", &long] {
            assert_eq!(Account::from_uri(uri).err(), Some(SignerError::InvalidSecretUri), "{uri:.20}");
        }
    }
}
