//! How the database is reached. Its URL has a password: nothing here shows it.

use std::net::IpAddr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::super::StoreError;

/// The parameters that count in a URL. Others would be left out without a word.
const PARAMETERS: [&str; 9] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "user", "dbname", "application_name"];

/// Reads a URL. Where it does not say `sslmode`, a database on another machine must prove who it is (`verify-full`).
pub(super) fn read(url: &str) -> Result<PgConnectOptions, StoreError> {
    let parsed = Url::parse(url).map_err(|_| StoreError::Url)?;
    let is_postgres = ["postgres", "postgresql"].contains(&parsed.scheme());
    if !is_postgres || !parsed.query_pairs().all(|(name, _)| PARAMETERS.contains(&&*name)) {
        return Err(StoreError::Url);
    }
    let options: PgConnectOptions = parsed.as_str().parse().map_err(|_| StoreError::Url)?;
    let says_mode = parsed.query_pairs().any(|(name, _)| name == "sslmode");
    Ok(if says_mode || is_here(&options) { options } else { options.ssl_mode(PgSslMode::VerifyFull) })
}

fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_socket = options.get_socket().is_some() || host.starts_with('/');
    is_socket || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_must_prove_who_it_is() {
        for (url, expected) in [
            ("postgres://marque:secret@db.example/marque", PgSslMode::VerifyFull),
            ("postgresql://marque:secret@192.0.2.7:5432/marque?application_name=one", PgSslMode::VerifyFull),
            ("postgres://marque:secret@localhost/marque?host=db.example", PgSslMode::VerifyFull),
            ("postgres://marque:secret@127.0.0.1.example/marque", PgSslMode::VerifyFull),
            ("postgres://marque:secret@db.example/marque?sslmode=require", PgSslMode::Require),
        ] {
            let mode = read(url).unwrap().get_ssl_mode();
            assert_eq!(format!("{mode:?}"), format!("{expected:?}"), "{url}");
        }
        for url in [
            "postgres://marque:secret@localhost/marque",
            "postgres://marque:secret@127.0.0.1:5432/marque",
            "postgres://marque:secret@[::1]/marque",
            "postgres://marque:secret@%2Frun%2Fpostgresql/marque",
            "postgres://marque:secret@x/marque?host=/run/postgresql",
        ] {
            assert!(matches!(read(url).unwrap().get_ssl_mode(), PgSslMode::Prefer), "{url}");
        }
    }

    #[test]
    fn a_url_that_is_not_understood_is_refused_and_not_shown() {
        for url in [
            "",
            "secret",
            "mysql://marque:secret@localhost/marque",
            "postgres://marque:secret@localhost:port/marque",
            "postgres://marque:secret@localhost/marque?sslmode=secret",
            "postgres://marque@localhost/marque?passwort=secret",
            "postgres://marque:secret@localhost/marque?options=-c%20synchronous_commit=off",
        ] {
            let refused = read(url).unwrap_err();
            assert!(matches!(refused, StoreError::Url), "{url}");
            assert!(!format!("{refused} {refused:?}").contains("secret"), "{url}");
        }
    }
}
