//! One connection that posts reports, and is made anew after it broke.

use std::io::Write as _;
use std::time::Instant;

use crate::body::Template;
use crate::client::{Client, ClientError};
use crate::plan::Deployment;
use crate::response::Head;
use crate::server::Server;
use crate::tally::Tally;

/// So many reports in a row without an answer, and the connection gives up: the server is gone.
const ERRORS_IN_A_ROW_MAX: u32 = 10;

/// One connection and its buffers.
pub(crate) struct Sender {
    server: Server,
    request_head: String,
    client: Option<Client>,
    tally: Tally,
    body: Vec<u8>,
    request: Vec<u8>,
    errors_in_a_row: u32,
}

impl Sender {
    /// Opens the connection, so that only reports are measured.
    pub(crate) async fn connect(server: &Server, path: &str) -> Result<Self, ClientError> {
        Ok(Self {
            server: server.clone(),
            request_head: server.post_until_length(path),
            client: Some(Client::connect(server).await?),
            tally: Tally::default(),
            body: Vec::new(),
            request: Vec::new(),
            errors_in_a_row: 0,
        })
    }

    /// False once the server seems to be gone.
    pub(crate) fn is_hopeful(&self) -> bool {
        self.errors_in_a_row < ERRORS_IN_A_ROW_MAX
    }

    /// What became of everything that was sent.
    pub(crate) fn into_tally(self) -> Tally {
        self.tally
    }

    /// Makes the request that [`Self::send`] sends.
    pub(crate) fn render(
        &mut self,
        template: &Template,
        deployment: &Deployment<'_>,
        status: &str,
    ) {
        self.body.clear();
        template.render(deployment, status, &mut self.body);
        self.request.clear();
        self.request.extend_from_slice(self.request_head.as_bytes());
        write!(self.request, "{}\r\n\r\n", self.body.len()).expect("a Vec takes every write");
        self.request.extend_from_slice(&self.body);
    }

    /// Sends it, and counts what comes of it; the status, if there was an answer.
    pub(crate) async fn send(&mut self) -> Option<u16> {
        let sent_at = Instant::now();
        match self.exchange().await {
            Ok((client, head)) => {
                self.errors_in_a_row = 0;
                self.tally.answered(head.status, sent_at.elapsed(), client.body());
                self.client = (!head.closes).then_some(client);
                Some(head.status)
            }
            Err(error) => {
                self.errors_in_a_row += 1;
                self.tally.failed(error);
                None
            }
        }
    }

    /// Takes the connection, or makes a new one, and gives it back only when it is still good.
    async fn exchange(&mut self) -> Result<(Client, Head), ClientError> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => Client::connect(&self.server).await?,
        };
        let head = client.exchange(&self.request).await?;
        Ok((client, head))
    }
}
