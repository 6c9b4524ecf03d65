//! The other end of a connection, by its address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many bits of an IPv6 address say whose it is: the smallest network that a provider hands out, and one holder has many
/// of the smaller ones (RFC 6177).
const HOLDER_BITS: u32 = 56;

/// The other end of a connection, among the extensions of every request that comes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(IpAddr);

/// The part of an address that one holder has: all of an IPv4 address, the first 56 bits of an IPv6 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(Ipv6Addr);

impl Peer {
    /// This machine.
    pub const LOOPBACK: Self = Self(IpAddr::V4(Ipv4Addr::LOCALHOST));

    /// Somebody at an address.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// Whether it is this machine. Behind that may be anybody, such as everybody whom a proxy lets through.
    #[must_use]
    pub const fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }

    /// Whose address it is.
    #[must_use]
    pub fn network(self) -> Network {
        match self.0 {
            IpAddr::V4(address) => Network(address.to_ipv6_mapped()),
            IpAddr::V6(address) => {
                Network(Ipv6Addr::from_bits(address.to_bits() >> (128 - HOLDER_BITS) << (128 - HOLDER_BITS)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_has_one_network() {
        let network = |address: &str| Peer::at(address.parse().unwrap()).network();
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("2001:db8:0:a00::1"), network("2001:db8:0:aff:ffff::2"));
        assert_ne!(network("2001:db8:0:a00::1"), network("2001:db8:0:b00::1"));
    }

    #[test]
    fn this_machine_is_known_in_every_form() {
        for address in ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"] {
            assert!(Peer::at(address.parse().unwrap()).is_loopback(), "{address}");
        }
        assert!(!Peer::at("192.0.2.1".parse().unwrap()).is_loopback());
    }
}
