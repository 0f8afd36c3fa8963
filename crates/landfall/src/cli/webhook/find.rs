//! Finding a webhook by what people call it.

use landfall_domain::id::WebhookId;
use serde::de::DeserializeOwned;

use super::super::api::{Api, parse};
use super::super::failure::Failure;
use super::super::path::Path;
use super::super::session::Session;
use super::super::shapes::Page;
use super::shapes::Webhook;

/// The server gives no longer pages.
const LIMIT: u16 = 500;

/// The webhooks of a server.
pub(super) struct Webhooks<'a> {
    /// The server.
    pub api: &'a Api<'a>,
    /// Where to print, and the clock.
    pub session: &'a Session,
}

impl Webhooks<'_> {
    /// The path of the one webhook that has this name or id.
    pub(super) async fn at(&self, word: &str) -> Result<Path, Failure> {
        let path = |id: &str| Path::new("/webhooks").below(id);
        if word.parse::<WebhookId>().is_ok() {
            return Ok(path(word));
        }
        let all: Vec<Webhook> = self.all().await?;
        let named = all.into_iter().filter(|webhook| webhook.name == word);
        let ids: Vec<String> = named.map(|webhook| webhook.id).collect();
        match ids.as_slice() {
            [id] => Ok(path(id)),
            [] => Err(Failure::Refused(format!(
                "no webhook is called `{word}`; `landfall webhook list` shows them"
            ))),
            several => Err(Failure::local(format!(
                "{} webhooks are called `{word}`; give one of their ids: {}",
                several.len(),
                several.join(", ")
            ))),
        }
    }

    /// All webhooks, page after page.
    pub(super) async fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Failure> {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let path = Path::new("/webhooks").with("limit", Some(LIMIT)).with("cursor", cursor);
            let page: Page<T> = parse(&self.api.get(path).await?)?;
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    /// Prints the server's JSON, or what a person would rather read.
    pub(super) fn print(
        &self,
        body: &str,
        json: bool,
        words: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let output = &self.session.output;
        if json { output.verbatim(body) } else { output.text(&words()?) }
    }
}
