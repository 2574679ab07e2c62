//! Who is at the other end of the connection.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

/// Headers by which a proxy says that it stands in between.
const FORWARDING: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The address to count attempts by.
    pub address: IpAddr,
    /// On this machine, and no proxy stands in between.
    pub local: bool,
}

impl Client {
    /// Reads the connection's address. What a proxy adds is believed only if the proxy is on this machine, and then
    /// only its own, last, entry: the ones before are whatever the client wrote.
    pub fn of(extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let Some(peer) = peer else { return Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), local: false } };
        let forwarded = FORWARDING.iter().any(|name| headers.contains_key(*name));
        if !peer.is_loopback() || !forwarded {
            return Self { address: peer, local: peer.is_loopback() };
        }
        let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let address = last.and_then(|list| list.rsplit(',').next()).and_then(|entry| entry.trim().parse().ok()).unwrap_or(peer);
        Self { address, local: false }
    }

    /// The network to count attempts by: one household has a whole IPv6 /64.
    pub fn network(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: Option<&str>) -> Client {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().expect("an address"), 1)));
        let mut headers = HeaderMap::new();
        if let Some(value) = forwarded {
            headers.insert("x-forwarded-for", value.parse().expect("a header"));
        }
        Client::of(&extensions, &headers)
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed_and_only_its_own_entry() {
        for (peer, forwarded, address, local) in [
            ("127.0.0.1", None, "127.0.0.1", true),
            ("::ffff:127.0.0.1", None, "127.0.0.1", true),
            ("10.0.0.9", Some("127.0.0.1"), "10.0.0.9", false),
            ("127.0.0.1", Some("6.6.6.6, 10.0.0.7"), "10.0.0.7", false),
            ("127.0.0.1", Some("nonsense"), "127.0.0.1", false),
        ] {
            let expected = Client { address: address.parse().expect("an address"), local };
            assert_eq!(client(peer, forwarded), expected, "{peer} {forwarded:?}");
        }
        assert_eq!(client("2001:db8:1:2:3::4", None).network(), "2001:db8:1:2::".parse::<IpAddr>().expect("an address"));
        assert!(!Client::of(&Extensions::new(), &HeaderMap::new()).local);
    }
}
