//! A bare connection, for clients that do not behave.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer takes longer; a test that waits in vain fails instead of hanging.
const DEADLINE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// An answer: its status, head and body.
    Answer(u16, String, String),
    /// The connection was closed without one.
    Closed,
}

/// A connection to a server.
pub(crate) struct Socket(TcpStream);

impl Socket {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Sends bytes; a server that has closed already is no failure of the test.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // The answer that is read next says what the server thought of it.
        drop(timeout(DEADLINE, self.0.write_all(bytes)).await.unwrap());
    }

    /// Sends nothing more, but listens on.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Reads one answer.
    pub(crate) async fn hear(&mut self) -> Heard {
        timeout(DEADLINE, self.read()).await.expect("the server answers or closes")
    }

    async fn read(&mut self) -> Heard {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some(answer) = whole_answer(&text) {
                return answer;
            }
            let mut piece = [0; 4_096];
            match self.0.read(&mut piece).await {
                Ok(0) | Err(_) => return Heard::Closed,
                Ok(count) => bytes.extend_from_slice(&piece[..count]),
            }
        }
    }
}

/// The answer, once all of it is there; an interim one is passed over.
fn whole_answer(text: &str) -> Option<Heard> {
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().unwrap();
    if status == 100 {
        return whole_answer(rest);
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    let body = rest.get(..length)?;
    Some(Heard::Answer(status, head.clone(), body.to_owned()))
}
