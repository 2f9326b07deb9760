//! `NO_PROXY`: the hosts and networks to which the library connects without a proxy.

use std::net::IpAddr;

use url::Host;

/// The list of the environment variable.
#[derive(Debug, Default)]
pub(super) struct NoProxy(Vec<Entry>);

impl NoProxy {
    /// Parses the list. Commas or spaces separate its entries. Invalid entries are ignored.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.split([',', ' ']).filter_map(Entry::parse).collect())
    }

    /// Whether the list contains this host.
    pub(super) fn contains(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.iter().any(|entry| entry.matches(&host, port))
    }
}

/// One host or network of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    All,
    /// A network: its address, its prefix length (RFC 4632), and the port, if the entry has one.
    Network(IpAddr, u32, Option<u16>),
    /// A name and all its subdomains, and the port, if the entry has one.
    Name(String, Option<u16>),
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "*" {
            return Some(Self::All);
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = strip_brackets(address).parse().ok()?;
            let bits = bits.parse().ok().filter(|bits| *bits <= address_bits(address))?;
            return Some(Self::Network(address, bits, None));
        }
        if let Ok(address) = strip_brackets(&text).parse::<IpAddr>() {
            return Some(Self::Network(address, address_bits(address), None));
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (text.as_str(), None),
        };
        if let Ok(address) = strip_brackets(name).parse::<IpAddr>() {
            return Some(Self::Network(address, address_bits(address), port));
        }
        let name = name.strip_prefix("*.").unwrap_or(name);
        let name = name.trim_start_matches('.').trim_end_matches('.');
        // Non-ASCII names are compared in their ASCII form.
        let name = match Host::parse(name) {
            Ok(Host::Domain(name)) => name,
            _ => return None,
        };
        Some(Self::Name(name, port))
    }

    fn matches(&self, host: &str, port: u16) -> bool {
        let port_matches = |entry: &Option<u16>| entry.is_none_or(|entry| entry == port);
        match self {
            Self::All => true,
            Self::Network(network, bits, entry_port) => {
                let address = host.parse::<IpAddr>();
                port_matches(entry_port)
                    && address.is_ok_and(|address| in_network(address, *network, *bits))
            }
            Self::Name(name, entry_port) => {
                let rest = host.strip_suffix(name.as_str());
                let name_matches = rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                port_matches(entry_port) && name_matches
            }
        }
    }
}

fn strip_brackets(address: &str) -> &str {
    address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address)
}

fn address_bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let address = address.to_canonical();
    let host_bits = address_bits(network).saturating_sub(bits);
    let prefix = |address| number(address).checked_shr(host_bits).unwrap_or(0);
    address.is_ipv4() == network.is_ipv4() && prefix(address) == prefix(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_match_subdomains_addresses_networks_and_ports() {
        let is_direct = |list: &str, host: &str, port| NoProxy::parse(list).contains(host, port);
        for (list, host, port, expected) in [
            ("*", "anything", 80, true),
            ("example.com", "example.com", 80, true),
            ("example.com", "API.Example.com.", 443, true),
            ("example.com", "badexample.com", 80, false),
            (".example.com, other", "api.example.com", 80, true),
            ("*.example.com", "api.example.com", 80, true),
            ("example.com:8080", "example.com", 80, false),
            ("example.com:8080", "example.com", 8080, true),
            ("10.0.0.0/8", "10.200.1.1", 80, true),
            ("10.0.0.0/8", "11.0.0.1", 80, false),
            ("10.0.0.0/8", "10.example.com", 80, false),
            ("127.0.0.1", "127.0.0.1", 80, true),
            ("127.0.0.1:1", "127.0.0.1", 80, false),
            ("::1", "[::1]", 80, true),
            ("fd00::/8 ,x", "[fd12::1]", 80, true),
            ("fd00::/8", "[fe80::1]", 80, false),
            ("0.0.0.0/0", "8.8.8.8", 80, true),
            ("bücher.example", "xn--bcher-kva.example", 80, true),
            ("", "h", 80, false),
            ("10.0.0.0/99,,/", "10.0.0.1", 80, false),
        ] {
            assert_eq!(is_direct(list, host, port), expected, "{list:?} and {host}:{port}");
        }
    }
}
