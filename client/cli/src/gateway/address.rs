//! Where a gateway is.

use std::fmt;

use url::{Host, Url};

use crate::{
    failure::{Failure, Outcome},
    shown,
};

/// A gateway's URL: https, or http on this machine alone, because an operator's token goes with each request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address(Url);

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is none that a token may be sent to.
    pub fn parse(text: &str) -> Outcome<Self> {
        let shown = shown::url(text);
        let url = Url::parse(text).map_err(|_| {
            Failure::usage(format!("`{shown}` is not the URL of a gateway"))
                .hint("give one such as https://gateway.example")
        })?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        match url.scheme() {
            "https" if is_plain && url.has_host() => Ok(Self(url)),
            "http" if is_plain && is_this_machine(&url) => Ok(Self(url)),
            "http" if is_plain => Err(Failure::usage(format!("{shown} would get the token in the clear"))
                .hint("give an https URL; http is for this machine alone")),
            _ => Err(Failure::usage(format!(
                "{shown} is not the URL of a gateway: it is https, without user, query and fragment"
            ))),
        }
    }

    /// Whether it is on this machine.
    pub fn is_this_machine(&self) -> bool {
        is_this_machine(&self.0)
    }

    /// Whether a URL is this one.
    pub fn is_at(&self, url: &str) -> bool {
        Self::parse(url).is_ok_and(|other| other.to_string() == self.to_string())
    }

    /// The URL of something that the gateway has.
    ///
    /// # Errors
    /// When a part of the path would change which thing is meant.
    pub fn join(&self, path: &[&str], query: &[(&str, &str)]) -> Outcome<Url> {
        let mut url = self.0.clone();
        if path.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(Failure::usage("a name or an id is empty, or nothing but dots"));
        }
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend(path),
            // No https URL is without a path.
            Err(()) => return Err(Failure::usage("that is not the URL of a gateway")),
        };
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// As it is remembered and shown.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_to_nobody_in_the_clear() {
        for text in [
            "https://gateway.example",
            "https://gateway.example:8443/marque/",
            "http://127.0.0.1:8443",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "gateway.example",
            "http://gateway.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "ftp://gateway.example",
            "https://user@gateway.example",
            "https://:password@gateway.example",
            "https://gateway.example?token=x",
            "https://gateway.example#x",
            "https://",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_stays_one_part_of_a_path() {
        let address = Address::parse("https://gateway.example/marque/").unwrap();
        let joined = address.join(&["api", "v1", "a/../b?c#d e%2f"], &[("q", "a&b=c")]).unwrap();
        assert_eq!(joined.as_str(), "https://gateway.example/marque/api/v1/a%2F..%2Fb%3Fc%23d%20e%252f?q=a%26b%3Dc");
        for part in ["", ".", ".."] {
            assert!(address.join(&["api", part], &[]).is_err(), "{part:?}");
        }
        assert_eq!(address.to_string(), "https://gateway.example/marque");
        let bare = Address::parse("https://gateway.example").unwrap();
        assert_eq!(bare.to_string(), "https://gateway.example");
        assert!(bare.is_at("https://GATEWAY.example:443/") && !bare.is_at("https://gateway.example:8443"));
    }
}
