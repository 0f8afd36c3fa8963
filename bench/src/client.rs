//! One keep-alive connection with one request outstanding.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::response::{Head, Malformed, ResponseReader};
use crate::server::Server;

/// An answer that takes longer counts as an error, so that a hung server ends a run.
const ANSWER_S_MAX: u64 = 30;

/// One connection to a server.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    reader: ResponseReader,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("the connection broke")]
    Broken(#[from] io::Error),
    #[error("the server closed the connection before its answer was whole")]
    Closed,
    #[error("no answer within {ANSWER_S_MAX} s")]
    TimedOut,
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Client {
    pub(crate) async fn connect(server: &Server) -> Result<Self, ClientError> {
        let stream = TcpStream::connect(server.address()).await.map_err(ClientError::Connect)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, reader: ResponseReader::default() })
    }

    /// Sends one whole request and reads its response. After an error, or when the head says that
    /// the server closes, the connection is of no further use.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Head, ClientError> {
        let answer = timeout(Duration::from_secs(ANSWER_S_MAX), self.send_and_read(request));
        answer.await.unwrap_or(Err(ClientError::TimedOut))
    }

    /// The body of the last response.
    pub(crate) fn body(&self) -> &[u8] {
        self.reader.body()
    }

    async fn send_and_read(&mut self, request: &[u8]) -> Result<Head, ClientError> {
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(self.reader.space()).await? == 0 {
                return Err(ClientError::Closed);
            }
            if let Some(head) = self.reader.advance()? {
                return Ok(head);
            }
        }
    }
}

/// One GET on a connection of its own.
pub(crate) async fn get(server: &Server, path: &str) -> Result<(u16, Vec<u8>), ClientError> {
    let mut client = Client::connect(server).await?;
    let head = client.exchange(server.get(path).as_bytes()).await?;
    Ok((head.status, client.body().to_vec()))
}
