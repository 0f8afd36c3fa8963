//! Which webhooks were told of a deployment.

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::DeliveryState;
use landfall_engine::story::DeploymentStory;

use super::super::words::Sign;
use crate::filters::age;

/// One event that one webhook was told of.
pub(super) struct ShownNotice {
    pub sign: Sign,
    pub kind: String,
    pub webhook: String,
    pub webhook_href: String,
    pub attempts: u32,
    pub at: Option<Timestamp>,
    pub age: String,
    /// The page of the delivery; none while there is nothing to show.
    pub href: Option<String>,
}

/// The notices, in the order of the log.
pub(super) fn shown(story: &DeploymentStory, now: Timestamp) -> Vec<ShownNotice> {
    let notices = story.notices.iter().map(|notice| {
        let webhook_href = format!("/webhooks/{}", notice.webhook);
        let href = format!("{webhook_href}/deliveries/{}", notice.sequence);
        ShownNotice {
            sign: sign(notice.state),
            kind: notice.kind.to_string(),
            webhook: notice.name.clone(),
            attempts: notice.attempts,
            at: notice.last_at,
            age: notice.last_at.map_or(String::new(), |at| age(at, now)),
            href: notice.state.is_some().then_some(href),
            webhook_href,
        }
    });
    notices.collect()
}

const fn sign(state: Option<DeliveryState>) -> Sign {
    match state {
        None => Sign { shape: "○", word: "waiting", class: "pending" },
        Some(DeliveryState::Delivered) => {
            Sign { shape: "●", word: "delivered", class: "completed" }
        }
        Some(DeliveryState::Retrying) => Sign { shape: "◐", word: "retrying", class: "started" },
        Some(DeliveryState::Dead) => Sign { shape: "✕", word: "dead", class: "failed" },
        Some(DeliveryState::Skipped) => Sign { shape: "–", word: "skipped", class: "aborted" },
    }
}
