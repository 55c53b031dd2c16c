//! How a gateway's connections are protected.

use std::{net::SocketAddr, path::PathBuf};

use marque_gateway::serve::TlsConfig;

use crate::{
    failure::{Failure, Outcome},
    shown,
};

/// TLS.
#[derive(clap::Args, Debug)]
pub struct TlsArgs {
    /// The certificate and what leads from it to its authority, in PEM; repeatable where these are several files
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Vec<PathBuf>,
    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The authorities, in PEM, whose certificates clients may prove themselves with (RFC 8705)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// Serves other machines in the clear: only where a proxy before it does TLS
    #[arg(long, conflicts_with = "tls_cert")]
    plain_http: bool,
}

impl TlsArgs {
    /// Whether there is TLS.
    pub const fn is_on(&self) -> bool {
        self.tls_key.is_some()
    }

    /// TLS for this address, or none.
    ///
    /// # Errors
    /// When secrets would go over a network in the clear.
    pub fn config(&self, listen: SocketAddr) -> Outcome<Option<TlsConfig>> {
        for path in self.tls_cert.iter().chain(&self.tls_key).chain(&self.client_ca) {
            shown::ensure_path("the certificate or its key", path)?;
        }
        if let Some(key) = &self.tls_key {
            let (certificates, client_authorities) = (self.tls_cert.clone(), self.client_ca.clone());
            return Ok(Some(TlsConfig { certificates, key: key.clone(), client_authorities }));
        }
        if listen.ip().is_loopback() || self.plain_http {
            return Ok(None);
        }
        Err(Failure::usage(format!("secrets and tokens would go to {listen} in the clear"))
            .hint("give a certificate with --tls-cert and --tls-key; or --plain-http, if a proxy before it does TLS"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_over_a_network_in_the_clear_unless_asked_for() {
        let none = TlsArgs { tls_cert: vec![], tls_key: None, client_ca: None, plain_http: false };
        let here = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(none.config(here("127.0.0.1:1")).unwrap().is_none() && none.config(here("[::1]:1")).unwrap().is_none());
        for text in ["0.0.0.0:1", "10.0.0.1:1", "[::]:1"] {
            assert!(none.config(here(text)).is_err(), "{text}");
        }
        let plain = TlsArgs { plain_http: true, ..none };
        assert!(plain.config(here("0.0.0.0:1")).unwrap().is_none());
    }
}
