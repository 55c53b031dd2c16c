//! Where issuers beyond the chain are.

use url::{Host, Url};

/// The longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 512;

/// Where an address leads to, as far as that matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// A host that proves who it is.
    Https,
    /// This machine, without TLS: for development.
    Loopback,
}

/// The place of an address: absolute, `https` or `http` on the loopback host, without credentials or a fragment. `None` for others.
pub(super) fn place(text: &str) -> Option<Place> {
    if text.len() > ADDRESS_BYTES_MAX || text.contains('*') || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return None;
    }
    let is_loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => Some(Place::Https),
        "http" if is_loopback => Some(Place::Loopback),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_hosts_that_prove_who_they_are_or_are_this_one() {
        for (text, expected) in [
            ("https://idp.example", Some(Place::Https)),
            ("https://idp.example:8443/keys?policy=x", Some(Place::Https)),
            ("http://127.0.0.1:8080/keys", Some(Place::Loopback)),
            ("http://[::1]/keys", Some(Place::Loopback)),
            ("http://localhost/keys", Some(Place::Loopback)),
            ("http://localhost.example/keys", None),
            ("http://idp.example/keys", None),
            ("http://127.0.0.1@idp.example/keys", None),
            ("https://user@idp.example/keys", None),
            ("https://:secret@idp.example/keys", None),
            ("https://idp.example/keys#part", None),
            ("https://*.example/keys", None),
            ("https://idp.example/a b", None),
            ("file:///etc/keys", None),
            ("ftp://idp.example/keys", None),
            ("idp.example/keys", None),
            ("", None),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
        let long = |count: usize| place(&format!("https://idp.example/{}", "x".repeat(count)));
        assert!(long(ADDRESS_BYTES_MAX - 20).is_some());
        assert!(long(ADDRESS_BYTES_MAX - 19).is_none());
    }
}
