//! Who counts as one, of all addresses.

use std::net::IpAddr;

/// An address for the counting: an IPv4 address for itself, also where it is written as IPv6, and an IPv6 address by its first 64 bits, as
/// anybody who has one has all of that network.
pub(super) fn counted(address: Option<IpAddr>) -> Vec<u8> {
    match address.map(|address| address.to_canonical()) {
        None => Vec::new(),
        Some(IpAddr::V4(address)) => address.octets().to_vec(),
        Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_each_address_of_ipv4_for_itself() {
        let counted = |text: &str| counted(Some(text.parse().unwrap()));
        assert_eq!(counted("2001:db8::1"), counted("2001:db8::ffff:0:0:1"));
        assert_ne!(counted("2001:db8::1"), counted("2001:db8:0:1::1"));
        assert_ne!(counted("192.0.2.1"), counted("192.0.2.2"));
        assert_eq!(counted("192.0.2.1"), counted("::ffff:192.0.2.1"));
        assert_ne!(counted("::1"), super::counted(None));
    }
}
