//! Which addresses the internet can reach, and which no stranger's URL may name.
//!
//! Everything that is not known to be global is closed: IPv4 by a list of what is not, IPv6 by
//! the one block that is, less the parts of it that lead elsewhere. Forms that carry an IPv4
//! address inside an IPv6 one (NAT64, 6to4, Teredo, ISATAP and others) are closed whatever they
//! carry, since a translator on the way would open them again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::{Ipv4Net, Ipv6Net};

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anybody's, on the internet.
    Public,
    /// This machine's, this network's, or nobody's.
    Closed,
    /// Hands the machine's credentials to whoever asks.
    Metadata,
}

/// IPv4 that is not global: the IANA special-purpose registry, multicast and the reserved end.
const CLOSED_V4: [&str; 15] = [
    "0.0.0.0/8",       // this network
    "10.0.0.0/8",      // private
    "100.64.0.0/10",   // carrier-grade NAT
    "127.0.0.0/8",     // loopback
    "169.254.0.0/16",  // link-local
    "172.16.0.0/12",   // private
    "192.0.0.0/24",    // protocol assignments
    "192.0.2.0/24",    // documentation
    "192.88.99.0/24",  // 6to4 relays
    "192.168.0.0/16",  // private
    "198.18.0.0/15",   // benchmarking
    "198.51.100.0/24", // documentation
    "203.0.113.0/24",  // documentation
    "224.0.0.0/4",     // multicast
    "240.0.0.0/4",     // reserved, and 255.255.255.255
];

/// The only IPv6 that is handed out for use on the internet. Outside lie loopback, mapped, NAT64,
/// unique local, link-local, site-local, segment-routing, discard-only and multicast addresses.
const GLOBAL_V6: &str = "2000::/3";

/// Parts of [`GLOBAL_V6`] that are not global.
const CLOSED_V6: [&str; 4] = [
    "2001::/23",     // protocol assignments, and in it Teredo, benchmarking and ORCHID
    "2001:db8::/32", // documentation
    "2002::/16",     // 6to4
    "3fff::/20",     // documentation
];

/// Cloud metadata and credential services. Most lie in closed ranges, and Azure's does not.
const METADATA: [&str; 14] = [
    "169.254.169.254",    // AWS, Google, Azure, Oracle, OpenStack and most others
    "169.254.170.2",      // AWS ECS task credentials
    "169.254.170.23",     // AWS EKS pod identity
    "169.254.42.42",      // Scaleway
    "169.254.0.23",       // Tencent
    "100.100.100.200",    // Alibaba
    "168.63.129.16",      // Azure wire server
    "192.0.0.192",        // Oracle classic
    "fd00:ec2::254",      // AWS
    "fd00:ec2::23",       // AWS EKS pod identity
    "fd20:ce::254",       // Google
    "fd00:c1::a9fe:a9fe", // Oracle
    "fd00:42::42",        // Scaleway
    "fe80::a9fe:a9fe",    // OpenStack
];

struct Ranges {
    closed_v4: Vec<Ipv4Net>,
    global_v6: Ipv6Net,
    closed_v6: Vec<Ipv6Net>,
    metadata: Vec<IpAddr>,
}

static RANGES: LazyLock<Ranges> = LazyLock::new(|| Ranges {
    closed_v4: CLOSED_V4.map(parsed).to_vec(),
    global_v6: parsed(GLOBAL_V6),
    closed_v6: CLOSED_V6.map(parsed).to_vec(),
    metadata: METADATA.map(parsed).to_vec(),
});

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("the constants of this module are addresses and networks")
}

/// How far an address reaches. IPv4 written as IPv6 (`::ffff:10.0.0.1`) is taken as IPv4.
pub(super) fn reach(address: IpAddr) -> Reach {
    let address = address.to_canonical();
    let inner = embedded(address);
    if is_metadata(address) || inner.is_some_and(|inner| is_metadata(inner.into())) {
        return Reach::Metadata;
    }
    let is_public = match address {
        IpAddr::V4(v4) => !RANGES.closed_v4.iter().any(|net| net.contains(&v4)),
        IpAddr::V6(v6) => inner.is_none() && is_global(v6),
    };
    if is_public { Reach::Public } else { Reach::Closed }
}

/// The IPv4 address that a translated or tunnelled IPv6 address leads to.
///
/// Of the local NAT64 prefix `64:ff9b:1::/48` only the usual form is read, with the address in
/// the last 32 bits.
pub(super) fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    let segments = v6.segments();
    let last = joined(segments[6], segments[7]);
    // Two bits of an ISATAP address's fifth segment may be set, and say nothing about the rest.
    let is_isatap = segments[4] & !0x0300 == 0 && segments[5] == 0x5efe;
    match segments {
        [0x2002, high, low, ..] => Some(joined(high, low)),
        [0x2001, 0, ..] => Some(joined(!segments[6], !segments[7])),
        // NAT64, SIIT, and the compatible form, which `::` and `::1` are not.
        [0x64, 0xff9b, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0, 0, 0, 0, 0, 0, 1..=u16::MAX, _] => {
            Some(last)
        }
        _ => is_isatap.then_some(last),
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

fn is_metadata(address: IpAddr) -> bool {
    RANGES.metadata.contains(&address)
}

fn is_global(v6: Ipv6Addr) -> bool {
    RANGES.global_v6.contains(&v6) && !RANGES.closed_v6.iter().any(|net| net.contains(&v6))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One address at least for every class: `reach, address, why`.
    const TABLE: &[(Reach, &str, &str)] = &[
        (Reach::Public, "1.1.1.1", "public"),
        (Reach::Public, "9.255.255.255", "just below private"),
        (Reach::Public, "11.0.0.0", "just above private"),
        (Reach::Public, "100.63.255.255", "just below carrier-grade NAT"),
        (Reach::Public, "100.128.0.0", "just above carrier-grade NAT"),
        (Reach::Public, "172.32.0.0", "just above private"),
        (Reach::Public, "223.255.255.255", "just below multicast"),
        (Reach::Public, "::ffff:1.1.1.1", "mapped public"),
        (Reach::Public, "2606:4700:4700::1111", "public"),
        (Reach::Public, "2a00:1450:4001::1", "public"),
        (Reach::Closed, "0.0.0.0", "this network"),
        (Reach::Closed, "0.1.2.3", "this network"),
        (Reach::Closed, "10.1.2.3", "private"),
        (Reach::Closed, "100.64.0.1", "carrier-grade NAT"),
        (Reach::Closed, "127.0.0.1", "loopback"),
        (Reach::Closed, "127.255.255.254", "loopback"),
        (Reach::Closed, "169.254.1.1", "link-local"),
        (Reach::Closed, "172.16.0.1", "private"),
        (Reach::Closed, "172.31.255.255", "private"),
        (Reach::Closed, "192.0.0.1", "protocol assignments"),
        (Reach::Closed, "192.0.2.1", "documentation"),
        (Reach::Closed, "192.88.99.1", "6to4 relay"),
        (Reach::Closed, "192.168.1.1", "private"),
        (Reach::Closed, "198.19.255.255", "benchmarking"),
        (Reach::Closed, "198.51.100.1", "documentation"),
        (Reach::Closed, "203.0.113.1", "documentation"),
        (Reach::Closed, "224.0.0.1", "multicast"),
        (Reach::Closed, "240.0.0.1", "reserved"),
        (Reach::Closed, "255.255.255.255", "broadcast"),
        (Reach::Closed, "::", "unspecified"),
        (Reach::Closed, "::1", "loopback"),
        (Reach::Closed, "::ffff:127.0.0.1", "mapped loopback"),
        (Reach::Closed, "::ffff:10.0.0.1", "mapped private"),
        (Reach::Closed, "::127.0.0.1", "compatible loopback"),
        (Reach::Closed, "::1.1.1.1", "compatible"),
        (Reach::Closed, "::ffff:0:1.1.1.1", "translated (SIIT)"),
        (Reach::Closed, "64:ff9b::1.1.1.1", "NAT64"),
        (Reach::Closed, "64:ff9b::127.0.0.1", "NAT64 loopback"),
        (Reach::Closed, "64:ff9b:1::7f00:1", "local NAT64"),
        (Reach::Closed, "100::1", "discard-only"),
        (Reach::Closed, "2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        (Reach::Closed, "2001:2::1", "benchmarking"),
        (Reach::Closed, "2001:20::1", "ORCHIDv2"),
        (Reach::Closed, "2001:db8::1", "documentation"),
        (Reach::Closed, "2002:7f00:1::", "6to4 loopback"),
        (Reach::Closed, "2002:101:101::1", "6to4"),
        (Reach::Closed, "3fff::1", "documentation"),
        (Reach::Closed, "5f00::1", "SRv6"),
        (Reach::Closed, "4000::1", "not handed out"),
        (Reach::Closed, "2a00:1450::5efe:127.0.0.1", "ISATAP"),
        (Reach::Closed, "2a00:1450::200:5efe:1.1.1.1", "ISATAP"),
        (Reach::Closed, "fc00::1", "unique local"),
        (Reach::Closed, "fd12:3456::1", "unique local"),
        (Reach::Closed, "fe80::1", "link-local"),
        (Reach::Closed, "fec0::1", "site-local"),
        (Reach::Closed, "ff02::1", "multicast"),
        (Reach::Metadata, "169.254.169.254", "metadata"),
        (Reach::Metadata, "169.254.170.2", "metadata"),
        (Reach::Metadata, "100.100.100.200", "metadata"),
        (Reach::Metadata, "168.63.129.16", "metadata, though public"),
        (Reach::Metadata, "fd00:ec2::254", "metadata"),
        (Reach::Metadata, "::ffff:169.254.169.254", "mapped metadata"),
        (Reach::Metadata, "::169.254.169.254", "compatible metadata"),
        (Reach::Metadata, "64:ff9b::169.254.169.254", "NAT64 metadata"),
        (Reach::Metadata, "2002:a9fe:a9fe::", "6to4 metadata"),
        (Reach::Metadata, "2001:0:1:2:3:4:5601:5601", "Teredo metadata"),
        (Reach::Metadata, "2a00:1450::5efe:169.254.169.254", "ISATAP metadata"),
    ];

    #[test]
    fn every_class_of_address_has_its_reach() {
        for (expected, text, why) in TABLE {
            assert_eq!(reach(text.parse().unwrap()), *expected, "{text}: {why}");
        }
    }

    #[test]
    fn every_listed_range_is_closed_from_its_first_address_to_its_last() {
        for net in CLOSED_V4.map(parsed::<Ipv4Net>) {
            assert_eq!(reach(net.network().into()), Reach::Closed, "{net}");
            assert_eq!(reach(net.broadcast().into()), Reach::Closed, "{net}");
        }
        for net in CLOSED_V6.map(parsed::<Ipv6Net>) {
            assert_eq!(reach(net.network().into()), Reach::Closed, "{net}");
            assert_eq!(reach(net.broadcast().into()), Reach::Closed, "{net}");
        }
        for text in METADATA {
            assert_eq!(reach(parsed(text)), Reach::Metadata, "{text}");
        }
    }
}
