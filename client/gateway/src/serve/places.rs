//! Places for connections: how many there are, in all and of each address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex},
};

use super::{metrics::Metrics, unpoisoned};

/// The bits of an IPv6 address that tell networks apart: the others are the peer's to choose.
const NETWORK_BITS: u128 = !0 << 64;

/// Which bound a connection was refused by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bound {
    /// There are too many in all.
    Total,
    /// There are too many of its address.
    Address,
}

impl Bound {
    /// Its name in the metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Address => "address",
        }
    }
}

/// All places.
pub(super) struct Places {
    total_max: usize,
    per_address_max: usize,
    taken: Mutex<Taken>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Taken {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place, which is free again when this is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    pub(super) fn new(total_max: usize, per_address_max: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { total_max, per_address_max, taken: Mutex::default(), metrics })
    }

    /// Takes a place for a connection of the address, or counts that there was none.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Bound> {
        let address = network(address);
        let taken = unpoisoned(&self.taken).take(address, self.total_max, self.per_address_max);
        match taken {
            Ok(()) => self.metrics.connection_opened(),
            Err(bound) => self.metrics.connection_refused(bound),
        }
        taken.map(|()| Place { places: self.clone(), address })
    }
}

impl Taken {
    fn take(&mut self, address: IpAddr, total_max: usize, per_address_max: usize) -> Result<(), Bound> {
        if self.total >= total_max {
            return Err(Bound::Total);
        }
        if self.by_address.get(&address).copied().unwrap_or_default() >= per_address_max {
            return Err(Bound::Address);
        }
        self.total += 1;
        *self.by_address.entry(address).or_default() += 1;
        Ok(())
    }

    fn give_back(&mut self, address: IpAddr) {
        self.total = self.total.saturating_sub(1);
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        unpoisoned(&self.places.taken).give_back(self.address);
        self.places.metrics.connection_closed();
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK_BITS)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(total_max: usize, per_address_max: usize) -> Arc<Places> {
        Places::new(total_max, per_address_max, Arc::new(Metrics::new()))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_address_has_its_places_and_all_together_too() {
        let places = places(3, 2);
        let first = places.take(address("10.0.0.1")).ok().unwrap();
        let _second = places.take(address("10.0.0.1")).ok().unwrap();
        assert_eq!(places.take(address("10.0.0.1")).err(), Some(Bound::Address));
        let _third = places.take(address("10.0.0.2")).ok().unwrap();
        assert_eq!(places.take(address("10.0.0.3")).err(), Some(Bound::Total));
        drop(first);
        assert!(places.take(address("10.0.0.1")).is_ok());
    }

    #[test]
    fn nothing_is_remembered_of_addresses_without_connections() {
        let places = places(10, 10);
        for last in 0..=255 {
            drop(places.take(IpAddr::from([10, 0, 0, last])));
        }
        let taken = unpoisoned(&places.taken);
        assert_eq!((taken.total, taken.by_address.len()), (0, 0));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_a_mapped_address_as_ipv4() {
        let places = places(10, 1);
        let _one = places.take(address("2001:db8::1")).ok().unwrap();
        assert_eq!(places.take(address("2001:db8::ffff:2")).err(), Some(Bound::Address));
        let _other = places.take(address("2001:db8:0:1::1")).ok().unwrap();
        let _mapped = places.take(address("::ffff:10.0.0.1")).ok().unwrap();
        assert_eq!(places.take(address("10.0.0.1")).err(), Some(Bound::Address));
    }
}
