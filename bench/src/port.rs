//! A port of this machine that is held without listening, so that connections to it are refused.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// Nobody else can listen there, and what connects is refused until its holder listens.
pub(crate) struct Port {
    address: SocketAddr,
    socket: TcpSocket,
}

impl Port {
    /// Holds any port.
    pub(crate) fn hold() -> anyhow::Result<Self> {
        let hold = || -> std::io::Result<Self> {
            let socket = TcpSocket::new_v4()?;
            socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
            Ok(Self { address: socket.local_addr()?, socket })
        };
        hold().context("cannot hold a port for a receiver")
    }

    /// Bounds what a connection's sender can have written before its peer has read any of it.
    pub(crate) fn bound_unread(&self, bytes_max: u32) -> anyhow::Result<()> {
        self.socket.set_send_buffer_size(bytes_max).context("cannot bound a receiver's buffers")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        url_at(self.address, path)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens from now on.
    pub(crate) fn listen(self) -> anyhow::Result<TcpListener> {
        self.socket.listen(BACKLOG).context("a receiver cannot listen")
    }
}

pub(crate) fn url_at(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_held_port_refuses_until_its_holder_listens() {
        let port = Port::hold().unwrap();
        let address = port.address();
        assert!(TcpStream::connect(address).await.is_err());

        let _listener = port.listen().unwrap();

        assert!(TcpStream::connect(address).await.is_ok());
    }
}
