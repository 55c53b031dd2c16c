//! A certificate for development: of an authority of one's own, which signs it and is then forgotten, so that nobody can use it for others.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use marque_sdk::primitives::TimestampMs;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring,
    pki_types::{ServerName, UnixTime},
};
use zeroize::Zeroizing;

use super::tls::{Loaded, TlsConfig, certificates, roots};

/// What the certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long it is valid: no longer than browsers take.
const VALIDITY: Duration = Duration::from_secs(397 * 24 * 3600);

/// How long it is valid before it is made, for clocks that are behind.
const BACKDATED: Duration = Duration::from_secs(3600);

/// How long it must still be valid.
const LEFT_MIN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The latest time that it can be made at: certificates end with the year 9999 (RFC 5280, section 4.1.2.5).
const NOW_MS_MAX: TimestampMs = 253_000_000_000_000;

/// A certificate for development, in files.
#[derive(Clone, Debug)]
pub struct DevelopmentCertificate {
    /// The certificate of its authority, which clients are to trust.
    pub authority: PathBuf,
    /// What to serve with.
    pub tls: TlsConfig,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevelopmentError {
    /// The folder or a file in it can't be written.
    #[error("can't write {}: {source}; give a folder that this process may write", path.display())]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It can't be made.
    #[error("can't make a certificate for development: {0}; give one of your own")]
    Generate(#[from] rcgen::Error),
    /// The time is after any that a certificate can have.
    #[error("the time is too far in the future for a certificate: set the clock")]
    Time,
}

/// The certificate for `localhost`, `127.0.0.1` and `::1` in the folder: the one that is there, if it is good for 30 days more, or a new
/// one of a new authority, for 397 days. The key is for its owner alone; the key of the authority is not kept. For development only.
///
/// # Errors
/// [`DevelopmentError`], in the reverse order of its variants.
pub fn development_certificate(folder: &Path, now: TimestampMs) -> Result<DevelopmentCertificate, DevelopmentError> {
    if now > NOW_MS_MAX {
        return Err(DevelopmentError::Time);
    }
    let now = Duration::from_millis(now);
    let certificate = DevelopmentCertificate {
        authority: folder.join("ca.pem"),
        tls: TlsConfig {
            certificates: vec![folder.join("server.pem")],
            key: folder.join("server-key.pem"),
            client_authorities: None,
        },
    };
    if !is_good(&certificate, now) {
        let generated = Generated::new(UNIX_EPOCH + now)?;
        generated.write(folder, &certificate)?;
    }
    Ok(certificate)
}

/// Whether it can be served with, for each of its names, now and in 30 days, and nobody else can read its key.
fn is_good(certificate: &DevelopmentCertificate, now: Duration) -> bool {
    let is_served = Loaded::read(&certificate.tls).is_ok() && is_private(&certificate.tls.key);
    is_served && is_trusted(certificate, now).unwrap_or(false)
}

fn is_trusted(certificate: &DevelopmentCertificate, now: Duration) -> Option<bool> {
    let roots = Arc::new(roots(&certificate.authority).ok()?);
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build().ok()?;
    let chain = certificates(certificate.tls.certificates.first()?).ok()?;
    let leaf = chain.first()?;
    let mut is_trusted = true;
    for name in NAMES {
        let name = ServerName::try_from(name).ok()?;
        for time in [now, now + LEFT_MIN] {
            let time = UnixTime::since_unix_epoch(time);
            is_trusted &= verifier.verify_server_cert(leaf, &[], &name, &[], time).is_ok();
        }
    }
    Some(is_trusted)
}

#[cfg(unix)]
fn is_private(key: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(key).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}

/// What goes into the files.
struct Generated {
    authority: String,
    server: String,
    key: Zeroizing<String>,
}

impl Generated {
    fn new(now: SystemTime) -> Result<Self, DevelopmentError> {
        let mut authority = params(&[], "Marque development authority", now)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let mut server = params(&NAMES, "localhost", now)?;
        server.is_ca = IsCa::ExplicitNoCa;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let server = server.signed_by(&key, &authority)?;
        Ok(Self { authority: authority.pem(), server: server.pem(), key: Zeroizing::new(key.serialize_pem()) })
    }

    fn write(&self, folder: &Path, certificate: &DevelopmentCertificate) -> Result<(), DevelopmentError> {
        fs::create_dir_all(folder).map_err(|source| DevelopmentError::Write { path: folder.to_owned(), source })?;
        write(&certificate.tls.key, self.key.as_bytes(), 0o600)?;
        for path in &certificate.tls.certificates {
            write(path, self.server.as_bytes(), 0o644)?;
        }
        write(&certificate.authority, self.authority.as_bytes(), 0o644)
    }
}

fn params(names: &[&str], common_name: &str, now: SystemTime) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    let from = now - BACKDATED;
    (params.not_before, params.not_after) = (from.into(), (from + VALIDITY).into());
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, common_name);
    Ok(params)
}

/// Writes a file as a whole: whoever reads it sees the old one or the new one.
fn write(path: &Path, contents: &[u8], mode: u32) -> Result<(), DevelopmentError> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = remove(&new)
        .and_then(|()| options.open(&new))
        .and_then(|mut file| file.write_all(contents))
        .and_then(|()| fs::rename(&new, path));
    written.map_err(|source| DevelopmentError::Write { path: path.to_owned(), source })
}

/// Removes what an interrupted attempt left.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
