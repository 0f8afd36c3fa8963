//! What can go wrong on the way out.

use std::error::Error;
use std::net::IpAddr;

/// Why a client can't be made from its options.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The proxy's URL can't be used. Its text may hold a password and is not repeated.
    #[error("the proxy is not a URL such as http://user:password@proxy.example:3128: {0}")]
    Proxy(String),
    /// The extra certificates can't be read.
    #[error("the extra certificate authorities can't be used: {0}")]
    Certificates(String),
    /// TLS can't be set up.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
}

/// Why a request was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The host leads to an address that is neither public nor opened. Nothing was connected to.
    #[error(
        "{host} leads to an address that is not public; \
         an operator can open it with LANDFALL_EGRESS_ALLOW"
    )]
    Forbidden {
        /// The URL's host.
        host: String,
        /// The first address that was refused.
        address: IpAddr,
    },
    /// The name has no address.
    #[error("the name can't be resolved: {0}")]
    Resolve(String),
    /// No address answered.
    #[error("can't connect: {0}")]
    Connect(String),
    /// The TLS handshake failed.
    #[error("the TLS handshake failed: {0}")]
    Tls(String),
    /// There was no whole answer before the deadline.
    #[error("there was no whole answer before the deadline")]
    Timeout,
    /// The connection broke, or what came was no HTTP, or its headers were too large.
    #[error("the exchange failed: {0}")]
    Protocol(String),
    /// The proxy can't be reached, or opened no tunnel.
    #[error("the proxy failed: {0}")]
    Proxy(String),
}

impl SendError {
    /// A stable word for the attempt's record and for metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Forbidden { .. } => "forbidden_address",
            Self::Resolve(_) => "dns",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout => "timeout",
            Self::Protocol(_) => "protocol",
            Self::Proxy(_) => "proxy",
        }
    }

    /// What an HTTP client's error means: what our own connector said, or else the exchange broke.
    pub(super) fn of_client(error: &(dyn Error + 'static)) -> Self {
        let mut words = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(known) = error.downcast_ref::<Self>() {
                return known.clone();
            }
            words = format!("{words}: {error}");
            cause = error.source();
        }
        Self::Protocol(words)
    }
}
