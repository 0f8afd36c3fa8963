//! Starting the webhooks that are stored, and disabling one that its receiver wants no more.

use std::collections::HashMap;
use std::sync::Arc;

use landfall_domain::command::Command;
use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::view::Named;
use landfall_domain::webhook::{Disabled, Private, State, Webhook};
use landfall_store::rows::webhook::{self, StoredWebhook};

use crate::access::Caller;
use crate::dispatch::{Armed, Key, Start};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tasks::Tasks;

/// What a sealed part is bound to, so that it can't be moved to another webhook.
pub(super) fn bound_to(organization: OrganizationId, id: WebhookId) -> Vec<u8> {
    [organization.uuid().as_bytes().as_slice(), id.uuid().as_bytes()].concat()
}

impl Engine {
    /// Starts sending what is owed, until the tasks are told to stop.
    pub async fn start_dispatch(&self, tasks: &Tasks) -> Result<(), EngineError> {
        let dispatcher = &self.shared.dispatcher;
        dispatcher.run(&self.shared.store.writer, tasks);
        let (webhooks, progress) = self
            .shared
            .store
            .reader
            .read(|db| Ok((webhook::all(db)?, webhook::all_progress(db)?)))
            .await?;
        let mut progress: HashMap<_, _> = progress
            .into_iter()
            .map(|(organization, id, progress)| ((organization, id), progress))
            .collect();
        let mut names: HashMap<OrganizationId, Named> = HashMap::new();
        for stored in webhooks {
            let key = (stored.organization, stored.id);
            if let std::collections::hash_map::Entry::Vacant(name) = names.entry(key.0) {
                name.insert(self.organization_named(key.0).await?);
            }
            let webhook = self.open_webhook(stored)?;
            let armed = Armed::new(webhook, names[&key.0].clone(), &self.shared.egress);
            let progress = progress.remove(&key).unwrap_or_default();
            dispatcher.start(Start { armed: Arc::new(armed), progress }).await?;
        }
        self.resume_jobs().await
    }

    fn open_webhook(&self, stored: StoredWebhook) -> Result<Webhook, EngineError> {
        let StoredWebhook {
            organization,
            id,
            revision,
            config,
            sealed,
            state,
            state_at,
            created_at,
            updated_at,
        } = stored;
        let plain = self.shared.sealer.open(&sealed, &bound_to(organization, id));
        let plain = plain.map_err(|error| landfall_store::StoreError::corrupt("webhook", error))?;
        let private: Private = serde_json::from_slice(&plain)
            .map_err(|error| landfall_store::StoreError::corrupt("webhook", error))?;
        Ok(Webhook {
            organization,
            id,
            revision,
            config,
            private,
            state,
            state_at,
            created_at,
            updated_at,
        })
    }

    /// Disables a webhook for a reason that is not a person's, and tells so in the log.
    pub(crate) async fn disable_webhook(
        &self,
        (organization, id): Key,
        revision: u64,
        reason: Disabled,
    ) -> Result<(), EngineError> {
        let caller = Caller::system(organization);
        let disable = move |webhook: &mut Webhook, now| {
            // What the receiver of an older revision answered says nothing of this one. A second
            // try finds it disabled, and only tells the log.
            let is_meant = webhook.revision == revision && webhook.state.is_enabled();
            if is_meant {
                webhook.state = State::Disabled { reason };
                webhook.state_at = now;
            }
            Ok::<_, EngineError>(is_meant)
        };
        let armed = self.change_webhook(&caller, id, "webhook.disabled", disable).await?;
        if armed.webhook.state != (State::Disabled { reason }) {
            return Ok(());
        }
        let name = armed.webhook.config.name.clone();
        tracing::warn!(webhook.id = %id, webhook = name, "disabled: {}", reason.in_words());
        let webhook = Named { id: id.uuid(), name };
        let command = Command::NoteWebhookDisabled { webhook, reason };
        self.decide(&caller, command, None).await.map(|_| ())
    }
}
