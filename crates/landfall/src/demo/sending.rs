//! The company's webhooks at work while the story is written: made, let send at each moment, paused.

use std::time::Duration;

use landfall_domain::webhook::State;
use landfall_engine::tasks::Tasks;
use landfall_engine::webhooks::{WebhookEdit, WebhookNow};
use landfall_engine::{Caller, Engine, EngineError};

use super::calendar::minutes;
use super::hooks;
use super::receiver::Receiver;

/// The story goes on after this, whatever a webhook still has to do.
const SETTLING_MAX: Duration = Duration::from_secs(5);

/// What sends.
pub(super) struct Sending<'a> {
    engine: &'a Engine,
    caller: &'a Caller,
    receiver: &'a Receiver,
    tasks: Tasks,
}

impl<'a> Sending<'a> {
    /// Starts without webhooks.
    pub(super) async fn start(
        engine: &'a Engine,
        caller: &'a Caller,
        receiver: &'a Receiver,
    ) -> Result<Self, EngineError> {
        let tasks = Tasks::default();
        engine.start_dispatch(&tasks).await?;
        Ok(Self { engine, caller, receiver, tasks })
    }

    /// Makes the webhooks, one minute after the other.
    pub(super) async fn connect(&self) -> Result<(), EngineError> {
        let ambient = self.engine.ambient();
        for new in hooks::all(self.receiver) {
            ambient.set(ambient.now() + minutes(1));
            self.engine.create_webhook(self.caller, new).await?;
        }
        Ok(())
    }

    /// Whether there is a webhook that may have something to send.
    pub(super) fn is_connected(&self) -> Result<bool, EngineError> {
        Ok(!self.engine.list_webhooks(self.caller)?.is_empty())
    }

    /// Pauses the one that is paused in the end.
    pub(super) async fn pause(&self) -> Result<(), EngineError> {
        let all = self.engine.list_webhooks(self.caller)?;
        for armed in all.iter().filter(|armed| armed.webhook.config.name == hooks::PAUSED) {
            let pause = WebhookEdit { state: Some(State::Paused), ..WebhookEdit::default() };
            let edit = move |_: &_| Ok::<_, EngineError>(pause);
            self.engine.edit_webhook(self.caller, armed.webhook.id, edit).await?;
        }
        Ok(())
    }

    /// Lets every webhook send what is due by the clock.
    pub(super) async fn settle(&self) -> Result<(), EngineError> {
        self.engine.nudge_webhooks().await;
        let settled = async {
            while !self.is_settled().await? {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        };
        tokio::time::timeout(SETTLING_MAX, settled).await.unwrap_or(Ok(()))
    }

    async fn is_settled(&self) -> Result<bool, EngineError> {
        for armed in self.engine.list_webhooks(self.caller)? {
            let now = self.engine.webhook_now(self.caller, armed.webhook.id).await?;
            if !is_quiet(&now) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Stores what came of everything, and ends.
    pub(super) async fn end(self) {
        self.tasks.stop();
        self.tasks.join().await;
    }
}

/// Whether a webhook does nothing before the clock moves.
fn is_quiet(now: &WebhookNow) -> bool {
    let WebhookNow { armed, standing, .. } = now;
    let waits = !armed.webhook.state.is_enabled() || standing.health.breaker.open_since().is_some();
    standing.in_flight == 0 && (waits || standing.is_caught_up)
}
