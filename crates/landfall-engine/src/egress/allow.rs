//! What an operator opens although it is not public.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::Host;

use super::addresses::{Reach, embedded, reach};

/// The addresses and authorities that are open although they are not public.
///
/// Written as `127.0.0.0/8,10.1.0.0/16,internal.example:8443,[fd00::1]:80`. A network opens its
/// addresses, for any name and port. An authority opens exactly that host and port, wherever the
/// name leads. A cloud metadata address is opened only by naming it: as a /32 or /128, or as an
/// authority. The default opens nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    networks: Vec<IpNet>,
    authorities: Vec<(String, u16)>,
}

/// Why a list of open addresses can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    /// The part after the slash, or before it, is not a network's.
    #[error("`{0}` is not a network such as 10.1.0.0/16 or fd00::/8")]
    Network(String),
    /// IPv4 addresses are compared as IPv4, so such a network would open nothing.
    #[error("`{0}` is IPv4 written as IPv6: write the IPv4 network itself")]
    Mapped(String),
    /// Neither a network nor an authority.
    #[error("`{0}` needs a prefix (10.1.0.5/32) or a port (internal.example:8443)")]
    Bare(String),
    /// The host is no name and no address, or the port is none.
    #[error("`{0}` is not a host and port such as internal.example:8443 or [fd00::1]:80")]
    Authority(String),
}

impl FromStr for Allow {
    type Err = AllowError;

    fn from_str(text: &str) -> Result<Self, AllowError> {
        let mut allow = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            if entry.contains('/') {
                allow.networks.push(parse_network(entry)?);
            } else {
                allow.authorities.push(parse_authority(entry)?);
            }
        }
        Ok(allow)
    }
}

impl Allow {
    /// Opens one address and port as well.
    #[must_use]
    pub fn with_authority(mut self, address: SocketAddr) -> Self {
        let host = match address.ip() {
            IpAddr::V4(ip) => Host::<String>::Ipv4(ip),
            IpAddr::V6(ip) => Host::Ipv6(ip),
        };
        self.authorities.push((host.to_string(), address.port()));
        self
    }

    /// Whether a connection may go to this address: it is public, or was opened.
    ///
    /// A network of translated addresses, such as NAT64's, opens only those that lead to an IPv4
    /// address which is open itself.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match reach(address) {
            Reach::Public => true,
            Reach::Metadata => self.names(address),
            Reach::Closed => self.names(address) || self.covers(address),
        }
    }

    /// Whether this host and port were opened, wherever the name leads.
    ///
    /// The host is as `url` writes it: lower case, IPv6 in brackets.
    pub(super) fn admits_authority(&self, host: &str, port: u16) -> bool {
        self.authorities.iter().any(|(name, number)| name == host && *number == port)
    }

    fn names(&self, address: IpAddr) -> bool {
        self.networks.contains(&IpNet::from(address))
    }

    fn covers(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
            && embedded(address).is_none_or(|inner| self.admits(inner.into()))
    }
}

fn parse_network(entry: &str) -> Result<IpNet, AllowError> {
    let network: IpNet = entry.parse().map_err(|_| AllowError::Network(entry.to_owned()))?;
    if network.prefix_len() >= 96 && network.addr().to_canonical() != network.addr() {
        return Err(AllowError::Mapped(entry.to_owned()));
    }
    Ok(network.trunc())
}

fn parse_authority(entry: &str) -> Result<(String, u16), AllowError> {
    let malformed = || AllowError::Authority(entry.to_owned());
    if entry.parse::<IpAddr>().is_ok() {
        return Err(AllowError::Bare(entry.to_owned()));
    }
    let (host, port) = entry.rsplit_once(':').ok_or_else(|| AllowError::Bare(entry.to_owned()))?;
    let port = port.parse().map_err(|_| malformed())?;
    let host = Host::parse(host).map_err(|_| malformed())?;
    Ok((host.to_string(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(allow: &str, address: &str) -> bool {
        allow.parse::<Allow>().unwrap().admits(address.parse().unwrap())
    }

    #[test]
    fn nothing_but_the_public_is_open_by_default() {
        assert!(admits("", "1.1.1.1"));
        assert!(!admits("", "127.0.0.1"));
        assert!(!admits("", "fd00::1"));
    }

    #[test]
    fn a_network_opens_its_addresses_in_every_form() {
        assert!(admits("127.0.0.0/8", "127.0.0.1"));
        assert!(admits("127.0.0.0/8", "::ffff:127.0.0.1"));
        assert!(admits("10.1.2.3/16", "10.1.200.1"), "host bits are ignored");
        assert!(admits("::1/128", "::1"));
        assert!(admits("fd00::/8", "fd12::1"));
        assert!(!admits("127.0.0.0/8", "::1"));
        assert!(!admits("10.1.0.0/16", "10.2.0.1"));
    }

    #[test]
    fn metadata_is_opened_by_its_name_only() {
        for wide in ["0.0.0.0/0,::/0", "169.254.0.0/16", "169.254.169.254/31", "168.63.128.0/17"] {
            for address in ["169.254.169.254", "168.63.129.16", "64:ff9b::169.254.169.254"] {
                assert!(!admits(wide, address), "{address} by {wide}");
            }
        }
        assert!(admits("169.254.169.254/32", "169.254.169.254"));
        assert!(admits("168.63.129.16/32", "168.63.129.16"));
        assert!(admits("fd00:ec2::254/128", "fd00:ec2::254"));
        assert!(!admits("fd00::/8", "fd00:ec2::254"));
    }

    #[test]
    fn a_translated_network_opens_only_what_is_open_behind_it() {
        assert!(admits("64:ff9b::/96", "64:ff9b::1.1.1.1"));
        assert!(!admits("64:ff9b::/96", "64:ff9b::10.0.0.1"));
        assert!(admits("64:ff9b::/96,10.0.0.0/8", "64:ff9b::10.0.0.1"));
    }

    #[test]
    fn an_authority_is_one_host_and_one_port() {
        let allow: Allow = "Internal.Example:8443, [FD00:0::1]:80 ,0x7f.1:81".parse().unwrap();
        assert!(allow.admits_authority("internal.example", 8443));
        assert!(allow.admits_authority("[fd00::1]", 80));
        assert!(allow.admits_authority("127.0.0.1", 81));
        assert!(!allow.admits_authority("internal.example", 443));
        assert!(!allow.admits_authority("an.internal.example", 8443));
    }

    #[test]
    fn an_address_can_be_opened_beside_what_was_read() {
        let allow: Allow = "internal.example:8443".parse().unwrap();
        let allow = allow.with_authority("127.0.0.1:81".parse().unwrap());
        let allow = allow.with_authority("[::1]:82".parse().unwrap());
        assert!(allow.admits_authority("internal.example", 8443));
        assert!(allow.admits_authority("127.0.0.1", 81) && allow.admits_authority("[::1]", 82));
        assert!(!allow.admits_authority("127.0.0.1", 82));
    }

    #[test]
    fn what_can_not_be_read_is_refused_with_its_text() {
        let refusal = |text: &str| text.parse::<Allow>().unwrap_err().to_string();
        assert!(refusal("10.0.0.0/33").contains("`10.0.0.0/33` is not a network"));
        assert!(refusal("127.0.0.0/8,example").contains("`example` needs a prefix"));
        assert!(refusal("10.0.0.1").contains("`10.0.0.1` needs a prefix"));
        assert!(refusal("fd00::1").contains("`fd00::1` needs a prefix"));
        assert!(refusal("example:http").contains("`example:http` is not a host and port"));
        assert!(refusal("::ffff:10.0.0.0/104").contains("write the IPv4 network itself"));
    }
}
