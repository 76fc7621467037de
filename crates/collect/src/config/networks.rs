//! Which addresses a connector may talk to.
//!
//! Invariant: an address that is not of the public internet is asked only where the source's settings name its network. Whoever can
//! write a source, or answer for a name, could else have Tickmark read what only this machine can reach (server-side request forgery).

use std::net::IpAddr;

use ipnet::IpNet;

/// Networks that are not of the public internet (IANA special-purpose address registries, RFC 6890, and multicast).
const NOT_PUBLIC: [&str; 28] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// Networks beside the public internet that a source may talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads `10.2.0.0/16` and the like; the one that is none is the error.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, String> {
        let network = |text: &String| text.parse::<IpNet>().map_err(|_| text.clone());
        texts.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a connection to the address may be opened.
    pub(crate) fn allow(&self, address: IpAddr) -> bool {
        // An IPv4 address in the clothes of an IPv6 one is judged as what it is.
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address)) || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    let networks = NOT_PUBLIC.iter().map(|text| text.parse::<IpNet>());
    // A network that cannot be read would let its addresses through.
    networks.into_iter().all(|network| network.is_ok_and(|network| !network.contains(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_networks_are_asked_beside_the_public_internet() {
        let none = Networks::default();
        for public in ["93.184.216.34", "2606:2800:220:1::1", "1.1.1.1", "172.32.0.1"] {
            assert!(none.allow(public.parse().unwrap()), "{public}");
        }
        for inner in [
            "127.0.0.1",
            "10.0.0.8",
            "169.254.169.254",
            "192.168.1.1",
            "172.31.255.255",
            "100.100.0.1",
            "0.0.0.0",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "224.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!none.allow(inner.parse().unwrap()), "{inner}");
        }
        let loopback = Networks::parse(&["127.0.0.0/8".to_owned(), "10.2.0.0/16".to_owned()]).unwrap();
        assert!(loopback.allow("127.0.0.1".parse().unwrap()) && loopback.allow("10.2.9.9".parse().unwrap()));
        assert!(!loopback.allow("10.3.0.1".parse().unwrap()) && !loopback.allow("::1".parse().unwrap()));
        assert_eq!(Networks::parse(&["10.2.0.0/33".to_owned()]), Err("10.2.0.0/33".to_owned()));
    }
}
