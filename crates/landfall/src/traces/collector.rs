//! The HTTP client for a collector: the one of the command line, so that no second one is built in.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

use crate::cli::{Http, http};

/// A collector answers with a few counts.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Sends on the server's runtime, since batches are made on a thread that has none.
pub(super) struct Collector {
    http: Http,
    runtime: Handle,
    deadline: Duration,
}

impl Collector {
    /// Connects when it is first needed.
    pub(super) fn new(runtime: Handle, deadline: Duration) -> Self {
        Self { http: http(), runtime, deadline }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl HttpClient for Collector {
    // The trait is made with `async_trait`, and this is what that writes.
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let (http, deadline) = (self.http.clone(), self.deadline);
        let sending = self.runtime.spawn(async move {
            tokio::time::timeout(deadline, async {
                let (head, body) = http.request(request.map(Full::new)).await?.into_parts();
                let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await?.to_bytes();
                Ok(Response::from_parts(head, body))
            })
            .await?
        });
        Box::pin(async move { sending.await? })
    }
}
