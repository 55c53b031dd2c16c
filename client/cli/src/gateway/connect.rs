//! Which gateway is asked, and with which token.

use std::{fs::File, io::Read, path::Path};

use reqwest::Certificate;
use zeroize::Zeroizing;

use super::{Address, Client, args::Connection, token};
use crate::{
    context::Context,
    failure::{Failure, Outcome},
    shown,
};

/// The largest file of certificates that is read, in bytes.
const AUTHORITY_BYTES_MAX: u64 = 1024 * 1024;

impl Connection {
    /// The client of the gateway that is meant.
    ///
    /// # Errors
    /// When none is known, or no token for it, or a file of these can't be read.
    pub fn client(&self, context: &Context) -> Outcome<Client> {
        let address = self.address(context)?;
        // What is remembered for one gateway is never sent to another.
        let remembered = context.gateway().filter(|remembered| address.is_at(&remembered.url));
        let token = match &self.token_file {
            Some(path) => token::from_file(path)?,
            None => match std::env::var(token::VARIABLE).map(Zeroizing::new) {
                Ok(text) => token::parse(&text)?,
                Err(_) if remembered.is_some() => remembered_token(&context.gateway_token_path())?,
                Err(_) => return Err(no_token(&address)),
            },
        };
        let ca = self.ca.as_deref().or(remembered.and_then(|remembered| remembered.ca.as_deref()));
        Client::new(address, &token, ca.map(authority).transpose()?, context.output)
    }

    /// The address of the gateway that is meant.
    ///
    /// # Errors
    /// When none is known, or the text is none.
    pub fn address(&self, context: &Context) -> Outcome<Address> {
        let remembered = || context.gateway().map(|remembered| remembered.url.as_str());
        let text = self.gateway.as_deref().or_else(remembered).ok_or_else(|| {
            Failure::usage("which gateway? None is remembered")
                .hint("say where it is with --gateway or MARQUE_GATEWAY, or remember it: `marque gateway login --gateway <url>`")
        })?;
        Address::parse(text)
    }
}

fn remembered_token(path: &Path) -> Outcome<Zeroizing<String>> {
    token::from_file(path).map_err(|failure| {
        Failure::local(format!("the token that is remembered in {} is of no use: {failure}", path.display()))
            .hint("`marque gateway login` takes another one")
    })
}

fn no_token(address: &Address) -> Failure {
    Failure::local(format!("no operator's token is known for {address}"))
        .hint("`marque gateway login` remembers one; or name its file with --token-file, or set MARQUE_GATEWAY_TOKEN")
}

/// Reads the certificates of an authority.
///
/// # Errors
/// When the file can't be read, or has no certificates.
pub fn authority(path: &Path) -> Outcome<Vec<Certificate>> {
    shown::ensure_path("--ca", path)?;
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| file.take(AUTHORITY_BYTES_MAX + 1).read_to_end(&mut pem));
    read.map_err(|error| Failure::file("read", path, &error))?;
    let certificates = Certificate::from_pem_bundle(&pem).ok();
    let certificates = certificates.filter(|found| !found.is_empty() && pem.len() as u64 <= AUTHORITY_BYTES_MAX);
    certificates.ok_or_else(|| {
        Failure::local(format!("{} has no certificates in PEM", path.display()))
            .hint("--ca is the file with the certificate of the authority, `-----BEGIN CERTIFICATE-----` and so on")
    })
}
