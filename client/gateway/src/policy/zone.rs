//! Network zones (Okta's IP zones): names for networks, so that rules need not list them.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv6Net};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::is_name;

/// The most networks that a zone may have.
const GATEWAYS_MAX: usize = 256;

/// Networks under one name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its name: 1 to 64 printable characters.
    pub name: String,
    /// Whether it is looked at. Nobody is in one that is not.
    pub is_active: bool,
    /// Its networks, IPv4 and IPv6, in the notation of RFC 4632, such as `10.1.0.0/16`: 1 to 256.
    #[schema(value_type = Vec<String>, example = json!(["10.1.0.0/16", "2001:db8::/32"]))]
    pub gateways: Vec<IpNet>,
}

/// Why a zone is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// The name is empty, too long, or has characters that can't be printed.
    #[error("a zone is named in 1 to 64 printable characters")]
    InvalidName,
    /// There are no networks, or too many.
    #[error("zone `{zone}` must have 1 to 256 networks")]
    InvalidCount {
        /// The zone.
        zone: String,
    },
    /// A network is written with an address that is not its first, so that it may be meant to be smaller.
    #[error("network {network} of zone `{zone}` begins at {first}: write it so, or give it a longer prefix")]
    NotFirstAddress {
        /// The zone.
        zone: String,
        /// The network.
        network: IpNet,
        /// Its first address.
        first: IpAddr,
    },
    /// A network is of IPv4 addresses that are written as IPv6.
    #[error("network {network} of zone `{zone}` is one of IPv4: write it as such")]
    Ipv4Mapped {
        /// The zone.
        zone: String,
        /// The network.
        network: IpNet,
    },
}

impl Zone {
    /// Checks a zone.
    ///
    /// # Errors
    /// [`ZoneError`]: the name, the number of networks, and then what is wrong with the first network that is.
    pub fn validate(&self) -> Result<(), ZoneError> {
        if !is_name(&self.name) {
            return Err(ZoneError::InvalidName);
        }
        if !(1..=GATEWAYS_MAX).contains(&self.gateways.len()) {
            return Err(ZoneError::InvalidCount { zone: self.name.clone() });
        }
        self.gateways.iter().try_for_each(|network| self.validate_network(*network))
    }

    fn validate_network(&self, network: IpNet) -> Result<(), ZoneError> {
        let zone = self.name.clone();
        let first = network.network();
        if first != network.addr() {
            return Err(ZoneError::NotFirstAddress { zone, network, first });
        }
        let is_mapped = matches!(network, IpNet::V6(network) if ipv4_mapped().contains(&network));
        if is_mapped { Err(ZoneError::Ipv4Mapped { zone, network }) } else { Ok(()) }
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.is_active && self.gateways.iter().any(|network| network.contains(&address))
    }
}

/// The names of the active zones that an address is in. An IPv4-mapped IPv6 address, as sockets for both have it, counts as IPv4.
pub fn zones_of(zones: &[Zone], address: IpAddr) -> BTreeSet<String> {
    let address = address.to_canonical();
    zones.iter().filter(|zone| zone.contains(address)).map(|zone| zone.name.clone()).collect()
}

/// `::ffff:0:0/96` (RFC 4291, section 2.5.5.2).
const fn ipv4_mapped() -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn zone(name: &str, gateways: &[&str]) -> Zone {
        let gateways = gateways.iter().map(|text| text.parse().unwrap()).collect();
        Zone { name: name.into(), is_active: true, gateways }
    }

    fn names(zones: &[Zone], address: &str) -> Vec<String> {
        zones_of(zones, address.parse().unwrap()).into_iter().collect()
    }

    #[test]
    fn an_address_is_in_each_active_zone_that_has_its_network() {
        let zones = [
            zone("all", &["10.0.0.0/8", "2001:db8::/32"]),
            zone("plant", &["192.0.2.7/32", "10.1.0.0/16"]),
            Zone { is_active: false, ..zone("off", &["10.0.0.0/8"]) },
            zone("world", &["::/0"]),
        ];
        assert_eq!(names(&zones, "10.1.2.3"), ["all", "plant"]);
        assert_eq!(names(&zones, "10.2.2.3"), ["all"]);
        assert_eq!(names(&zones, "192.0.2.7"), ["plant"]);
        assert_eq!(names(&zones, "192.0.2.8"), [""; 0]);
        assert_eq!(names(&zones, "2001:db8::1"), ["all", "world"]);
        assert_eq!(names(&zones, "::ffff:10.1.2.3"), ["all", "plant"], "never in a zone of IPv6");
    }

    #[test]
    fn a_zone_is_named_bounded_and_meant_as_it_is_written() {
        assert_eq!(zone("plant", &["10.0.0.0/8", "::/0", "0.0.0.0/0"]).validate(), Ok(()));
        assert_eq!(zone("", &["10.0.0.0/8"]).validate(), Err(ZoneError::InvalidName));
        assert_eq!(zone(&"z".repeat(65), &["10.0.0.0/8"]).validate(), Err(ZoneError::InvalidName));
        let counted = ZoneError::InvalidCount { zone: "z".into() };
        assert_eq!(zone("z", &[]).validate(), Err(counted.clone()));
        assert_eq!(zone("z", &["10.0.0.0/8"; 256]).validate(), Ok(()));
        assert_eq!(zone("z", &["10.0.0.0/8"; 257]).validate(), Err(counted));
        for sloppy in ["10.0.0.1/24", "2001:db8::1/64"] {
            assert!(matches!(zone("z", &[sloppy]).validate(), Err(ZoneError::NotFirstAddress { .. })), "{sloppy}");
        }
        for mapped in ["::ffff:10.0.0.0/104", "::ffff:0:0/96"] {
            assert!(matches!(zone("z", &[mapped]).validate(), Err(ZoneError::Ipv4Mapped { .. })), "{mapped}");
        }
    }

    #[test]
    fn a_document_has_networks_as_text() {
        let document = json!({ "name": "z", "is_active": true, "gateways": ["10.0.0.0/8", "2001:db8::/32"] });
        let zone: Zone = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&zone).unwrap(), document);
        for gateway in ["10.0.0.0", "10.0.0.0/33", "anywhere", ""] {
            let bad = json!({ "name": "z", "is_active": true, "gateways": [gateway] });
            assert!(serde_json::from_value::<Zone>(bad).is_err(), "{gateway}");
        }
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_where_the_ipv4_address_is(bits: u32, network: u32, prefix in 0..=32_u8) {
            let address = Ipv4Addr::from_bits(bits);
            let network = ipnet::Ipv4Net::new(Ipv4Addr::from_bits(network), prefix).unwrap().trunc();
            let zones = [Zone { name: "z".into(), is_active: true, gateways: vec![network.into()] }];
            let plain = zones_of(&zones, address.into());
            prop_assert_eq!(&plain, &zones_of(&zones, address.to_ipv6_mapped().into()));
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            prop_assert_eq!(!plain.is_empty(), bits & mask == network.addr().to_bits());
        }
    }
}
