//! Starting the webhooks that are stored, and disabling one that its receiver wants no more.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use landfall_domain::command::{Command, WebhookNotice};
use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::view::Named;
use landfall_domain::webhook::{Disabled, Private, State, Webhook};
use landfall_store::StoreError;
use landfall_store::rows::webhook::{self, FoundWebhook, StoredWebhook};

use crate::access::Caller;
use crate::dispatch::{Armed, Key};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::nodes::Lease;
use crate::tasks::Tasks;

/// What a sealed part is bound to, so that it can't be moved to another webhook.
pub(crate) fn bound_to(organization: OrganizationId, id: WebhookId) -> Vec<u8> {
    [organization.uuid().as_bytes().as_slice(), id.uuid().as_bytes()].concat()
}

impl Engine {
    /// Starts sending what is owed, until the tasks are told to stop.
    pub async fn start_dispatch(&self, tasks: &Tasks) -> Result<(), EngineError> {
        let recorded = self.shared.dispatcher.run(tasks);
        if let Some(nodes) = &self.shared.nodes {
            // Those that are there already are changes that were never read.
            return self.join_nodes(nodes, tasks, recorded).await;
        }
        let read = |db: &mut _| Ok((webhook::all(db)?, webhook::all_progress(db)?));
        let (webhooks, progress) = self.shared.store.reader.read(read).await?;
        let progress = progress.into_iter();
        let mut progress: HashMap<Key, _> =
            progress.map(|(organization, id, progress)| ((organization, id), progress)).collect();
        for armed in self.armed_all(webhooks).await? {
            let key = (armed.webhook.organization, armed.webhook.id);
            self.shared.dispatcher.define(&armed);
            if let Some(lease) = self.shared.dispatcher.missing_lane(key) {
                let progress = progress.remove(&key).unwrap_or_default();
                self.shared.dispatcher.start(key, &lease, progress).await?;
            }
        }
        self.resume_jobs().await
    }

    /// Webhooks as they are stored, ready to send. One that can't be read is left out, and no other waits for
    /// it.
    pub(crate) async fn armed_all(
        &self,
        found: Vec<FoundWebhook>,
    ) -> Result<Vec<Arc<Armed>>, EngineError> {
        let mut names: HashMap<OrganizationId, Named> = HashMap::new();
        let mut all = Vec::with_capacity(found.len());
        for FoundWebhook { organization, id, stored } in found {
            let webhook = match stored.and_then(|stored| self.open_webhook(stored)) {
                Ok(webhook) => webhook,
                Err(error) => {
                    self.leave_out((organization, id), &error).await;
                    continue;
                }
            };
            if let Entry::Vacant(name) = names.entry(organization) {
                name.insert(self.organization_named(organization).await?);
            }
            all.push(Arc::new(self.armed(webhook, names[&organization].clone())));
        }
        Ok(all)
    }

    async fn leave_out(&self, key: Key, error: &StoreError) {
        let why = "what it is owed waits for who can read it";
        tracing::error!(error = error as &dyn std::error::Error, webhook.id = %key.1, "{why}");
        self.shared.dispatcher.leave_out(key).await;
    }

    fn open_webhook(&self, stored: StoredWebhook) -> Result<Webhook, StoreError> {
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
        let plain = plain.map_err(|error| StoreError::corrupt("webhook", error))?;
        let private: Private = serde_json::from_slice(&plain)
            .map_err(|error| StoreError::corrupt("webhook", error))?;
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
        (revision, reason): (u64, Disabled),
        lease: &Arc<Lease>,
    ) -> Result<(), EngineError> {
        let entry = self.webhook_entry(&Caller::system(organization), "webhook.disabled", id);
        let fence = lease.fence();
        self.detached(move |engine| async move {
            let _turn = engine.shared.webhook_edits.lock().await;
            let key = (organization, id);
            // What the receiver of an older revision answered says nothing of this one.
            let is_meant = engine.shared.dispatcher.find(key).is_some_and(|armed| {
                armed.webhook.revision == revision && armed.webhook.state.is_enabled()
            });
            if !is_meant {
                return Ok(());
            }
            // Told first: after a crash in between it fails again and is told again, never untold.
            engine.tell_of_webhook(key, WebhookNotice::Disabled(reason)).await?;
            let disable = |webhook: &mut Webhook, now| {
                webhook.state = State::Disabled { reason };
                webhook.state_at = now;
                Ok::<_, EngineError>(true)
            };
            engine.change_alone(key, (entry, fence), disable).await.map(|_| ())
        })
        .await
    }

    /// Tells the log, and the server's own, what became of a webhook.
    pub(crate) async fn tell_of_webhook(
        &self,
        (organization, id): Key,
        notice: WebhookNotice,
    ) -> Result<(), EngineError> {
        let Some(armed) = self.shared.dispatcher.find((organization, id)) else { return Ok(()) };
        let name = armed.webhook.config.name.clone();
        tracing::warn!(webhook.id = %id, webhook = name, "{notice:?}");
        let webhook = Named { id: id.uuid(), name };
        let command = Command::NoteWebhook { webhook, notice };
        self.decide(&Caller::system(organization), command, None).await.map(|_| ())
    }
}
