//! The state of a webhook in one shape and word, the most pressing first.

use landfall_domain::webhook::State;
use landfall_domain::webhook::delivery::DeliveryState;
use landfall_engine::webhooks::WebhookNow;

/// A state as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShownState {
    pub class: &'static str,
    pub shape: &'static str,
    pub word: &'static str,
}

const fn shown(class: &'static str, shape: &'static str, word: &'static str) -> ShownState {
    ShownState { class, shape, word }
}

impl ShownState {
    /// How a webhook is doing.
    pub(super) fn of(now: &WebhookNow) -> Self {
        let health = &now.standing.health;
        match &now.armed.webhook.state {
            State::Disabled { .. } => shown("aborted", "–", "disabled"),
            State::Paused => shown("pending", "○", "paused"),
            State::Enabled if health.breaker.open_since().is_some() => {
                shown("failed", "✕", "receiver sick")
            }
            State::Enabled if health.failing_since.is_some() => shown("failed", "✕", "failing"),
            State::Enabled => shown("completed", "●", "enabled"),
        }
    }

    /// Where a delivery stands.
    pub(super) const fn of_delivery(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Delivered => shown("completed", "●", "delivered"),
            DeliveryState::Retrying => shown("pending", "○", "retrying"),
            DeliveryState::Dead => shown("failed", "✕", "dead"),
            DeliveryState::Skipped => shown("aborted", "–", "skipped"),
        }
    }

    /// What became of an attempt.
    pub(super) const fn of_attempt(is_delivered: bool) -> Self {
        if is_delivered {
            shown("completed", "●", "delivered")
        } else {
            shown("failed", "✕", "failed")
        }
    }

    /// Whether it is as it should be.
    pub(super) fn is_good(&self) -> bool {
        self.class == "completed"
    }

    /// Whether a filter holds.
    pub(super) const fn of_check(holds: bool) -> Self {
        if holds {
            shown("completed", "●", "holds")
        } else {
            shown("failed", "✕", "does not hold")
        }
    }
}
