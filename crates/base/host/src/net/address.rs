//! Decides which addresses belong to the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is one of the public internet: not of this machine, its networks, or some special use, and not an
/// IPv6 spelling of such an IPv4 address. In doubt it is not.
#[must_use]
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By IANA's registry of special-purpose addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..) // this network, private, loopback
            | (100, 64..=127, _) // between carriers and their customers
            | (169, 254, _) // link-local: among them the metadata services of clouds
            | (172, 16..=31, _) // private
            | (192, 0, 0 | 2) // protocol assignments, documentation
            | (192, 88, 99) // relays of 6to4
            | (192, 168, _) // private
            | (198, 18..=19, _) // benchmarks
            | (198, 51, 100) // documentation
            | (203, 0, 113) // documentation
            | (224..=255, ..) // multicast, reserved, broadcast
    )
}

/// What is not global unicast is not public; of that, what carries an IPv4 address is as public as that is.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        (0x64, 0xff9b) => [c, d, e, f] == [0; 4] && v4(g, h), // NAT64
        (0x2002, _) => v4(b, c),                              // 6to4
        (0x2001, 0..=0x1ff | 0xdb8) => false,                 // protocol assignments, Teredo, documentation
        (0x3fff, 0..=0xfff) => false,                         // documentation
        (0x2000..=0x3fff, _) => !matches!((e, f), (0 | 0x200, 0x5efe)) || v4(g, h), // the latter is ISATAP
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    // threat G7
    #[test]
    fn only_public_addresses_are_public() {
        let public = ["1.1.1.1", "8.8.8.8", "100.63.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::808:808"];
        for address in public.into_iter().chain(["2002:808:808::1", "::ffff:8.8.8.8", "2a00::5efe:808:808"]) {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        let special = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 \
                       172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 \
                       203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::2 ::127.0.0.1 ::8.8.8.8 \
                       ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8 \
                       64:ff9b:0:0:1::8.8.8.8 100::1 2001::1 2001:0:0:0:0:0:f5ff:fffe 2001:20::1 2001:db8::1 2002:7f00:1::1 \
                       2002:a00:1::1 2002:a9fe:a9fe::1 3fff::1 4000::1 5f00::1 fc00::1 fd00::1 fe80::1 fec0::1 ff02::1 \
                       2a00::5efe:127.0.0.1 2a00::200:5efe:10.0.0.1";
        for address in special.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
