//! Making, changing and removing webhooks. What may be a credential is sealed before it is stored.

mod deliveries;
mod draft;
mod glance;
mod kept;
mod load;
mod notices;
mod prepare;
mod range;
pub mod seen;
mod verbs;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::event::AuditEntry;
use landfall_domain::id::{IdSource, ProjectId, WebhookId};
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::Progress;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::retry::Schedule;
use landfall_domain::webhook::vendor::Vendor;
use landfall_domain::webhook::{Config, Disabled, Private, State, Webhook};
use landfall_store::StoreError;
use landfall_store::rows::lease::{self, Fence};
use landfall_store::rows::webhook;
use landfall_store::rows::webhook_change::{self, Change};
use landfall_store::rows::{audit, organization};

pub use self::deliveries::{
    DeliveryDetail, DeliveryItem, DeliveryPage, Explanation, PreviewOf, Request,
};
pub use self::draft::DraftPreview;
pub use self::glance::{Bucket, Day, Glance};
pub(crate) use self::load::bound_to;
pub use self::notices::Notice;
pub use self::verbs::{Resent, Rotated};
use crate::access::Caller;
use crate::dispatch::{Armed, Key as WebhookKey};
use crate::engine::Engine;
use crate::error::EngineError;

pub use crate::dispatch::Standing;

/// Deliveries are signed with the secret before for so long after it was rotated.
const PREVIOUS_SECRET_FOR: Duration = Duration::from_hours(24);

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// What it is set to.
    pub config: Config,
    /// Where to.
    pub url: String,
    /// Headers that every delivery carries.
    pub headers: BTreeMap<String, String>,
    /// The secret to sign with; one is made if absent.
    pub secret: Option<String>,
    /// The secret that a vendor's format sends or signs with.
    pub vendor_secret: Option<String>,
    /// Whether it sends from now on.
    pub is_enabled: bool,
}

/// What a webhook becomes; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct WebhookEdit {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Where to.
    pub url: Option<String>,
    /// Which events.
    pub filters: Option<Filters>,
    /// What it sends.
    pub format: Option<Format>,
    /// Headers that every delivery carries.
    pub headers: Option<BTreeMap<String, String>>,
    /// The project that it was made in.
    pub project: Option<Option<ProjectId>>,
    /// One by one.
    pub ordered: Option<bool>,
    /// Attempts at one time.
    pub concurrency: Option<u32>,
    /// Attempts per second.
    pub rate_per_second: Option<Option<u32>>,
    /// Bound of one attempt.
    pub timeout_ms: Option<u32>,
    /// When a failed delivery is tried again.
    pub retries: Option<Schedule>,
    /// The secret that a vendor's format sends or signs with.
    pub vendor_secret: Option<Option<String>>,
    /// What only the vendor's API that it was made through knows.
    pub vendor: Option<Vendor>,
    /// Whether it sends.
    pub state: Option<State>,
}

/// A webhook and how it is doing.
#[derive(Clone)]
pub struct WebhookNow {
    /// What it is set to, ready to send.
    pub armed: Arc<Armed>,
    /// How it is doing.
    pub standing: Standing,
    /// The number of the last event in the log.
    pub head: u64,
    /// Deliveries that failed for good.
    pub dead: u64,
    /// Deliveries that are to be tried again.
    pub retrying: u64,
}

impl Engine {
    /// Has webhooks look at the clock, after a manual one was set.
    pub async fn nudge_webhooks(&self) {
        self.shared.dispatcher.nudge().await;
    }

    /// Makes a webhook. It starts at the head of the log.
    pub async fn create_webhook(
        &self,
        caller: &Caller,
        new: NewWebhook,
    ) -> Result<Arc<Armed>, EngineError> {
        caller.require(Scope::Manage)?;
        let made = self.draft_webhook(caller, new);
        self.check_webhook(&made)?;
        let armed = self.arm(made).await?;
        let entry = self.webhook_entry(caller, "webhook.created", armed.webhook.id);
        self.detached(|engine| async move {
            let turn = engine.shared.webhook_edits.lock().await;
            engine.read_changes().await?;
            engine.check_chosen_id(&armed.webhook)?;
            let (progress, number) = engine.insert_webhook(&armed.webhook, entry).await?;
            let (dispatcher, id) = (&engine.shared.dispatcher, armed.webhook.id);
            dispatcher.define(&armed);
            let key = (armed.webhook.organization, id);
            if let Some(lease) = dispatcher.missing_lane(key) {
                dispatcher.start(key, &lease, progress).await?;
            }
            drop(turn);
            engine.wait_for_owner(id, number).await;
            Ok(armed)
        })
        .await
    }

    /// Refuses a webhook that [`Self::create_webhook`] would refuse, for callers who have something
    /// else to make before.
    pub fn check_new_webhook(&self, caller: &Caller, new: &NewWebhook) -> Result<(), EngineError> {
        caller.require(Scope::Manage)?;
        let draft = self.draft_webhook(caller, new.clone());
        self.check_webhook(&draft)?;
        self.check_chosen_id(&draft)
    }

    fn draft_webhook(&self, caller: &Caller, new: NewWebhook) -> Webhook {
        let NewWebhook { config, url, headers, secret, vendor_secret, is_enabled } = new;
        let now = self.ambient().now();
        let secret = secret.unwrap_or_else(|| self.new_signing_secret(config.is_asymmetric));
        let private = Private { url, headers, secret, previous_secret: None, vendor_secret };
        let by_hand = State::Disabled { reason: Disabled::ByHand };
        Webhook {
            organization: caller.organization,
            id: self.ambient().id(now),
            revision: 1,
            config,
            private,
            state: if is_enabled { State::Enabled } else { by_hand },
            state_at: now,
            created_at: now,
            updated_at: now,
        }
    }

    /// Refuses an id that its maker chose and that another webhook has.
    fn check_chosen_id(&self, webhook: &Webhook) -> Result<(), EngineError> {
        let chosen = |webhook: &Webhook| {
            let id = webhook.config.vendor.as_ref().and_then(Vendor::chosen_id);
            id.map(str::to_owned)
        };
        let Some(id) = chosen(webhook) else { return Ok(()) };
        let others = self.shared.dispatcher.list_all(webhook.organization)?;
        let is_taken = others.iter().any(|other| chosen(&other.webhook).as_ref() == Some(&id));
        if is_taken { Err(Refusal::name_taken("webhook", &id).into()) } else { Ok(()) }
    }

    /// Does something to its end, also when its caller goes away meanwhile: what is stored and what
    /// sends must not part.
    async fn detached<T, E, F>(&self, work: impl FnOnce(Self) -> F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<EngineError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let done = self.shared.dispatcher.context.tracker.spawn(work(self.clone()));
        done.await.map_err(|_| EngineError::from(StoreError::Closing))?
    }

    async fn insert_webhook(
        &self,
        made: &Webhook,
        entry: AuditEntry,
    ) -> Result<(Progress, u64), EngineError> {
        let row = self.seal_webhook(made);
        let entropy = self.ambient().entropy();
        self.write(move |db| {
            let found = organization::find(db, row.organization)?;
            let seen = found.map_or(0, |found| found.next_sequence - 1);
            let progress = Progress { seen, ..Progress::default() };
            webhook::insert(db, &row)?;
            webhook::put_progress(db, [(row.organization, row.id, &progress)])?;
            audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            let number = webhook_change::note(db, (row.organization, row.id), Change::Edited)?;
            Ok((progress, number))
        })
        .await
    }

    /// The webhooks of the caller's organization, oldest first.
    pub fn list_webhooks(&self, caller: &Caller) -> Result<Vec<Arc<Armed>>, EngineError> {
        caller.require(Scope::Read)?;
        Ok(self.shared.dispatcher.list(caller.organization))
    }

    /// The same for whoever would make or delete something for want of one that is there: an error if one
    /// of them can't be read.
    pub fn list_all_webhooks(&self, caller: &Caller) -> Result<Vec<Arc<Armed>>, EngineError> {
        caller.require(Scope::Read)?;
        Ok(self.shared.dispatcher.list_all(caller.organization)?)
    }

    /// A webhook of the caller's organization.
    pub fn find_webhook(&self, caller: &Caller, id: WebhookId) -> Result<Arc<Armed>, EngineError> {
        caller.require(Scope::Read)?;
        self.known_webhook((caller.organization, id))
    }

    fn known_webhook(&self, key: WebhookKey) -> Result<Arc<Armed>, EngineError> {
        let found = self.shared.dispatcher.find_readable(key)?;
        found.ok_or_else(|| Refusal::not_found("webhook", &key.1).into())
    }

    /// Changes a webhook. When this returns, no attempt starts with what it was before.
    ///
    /// `edit` is asked once no other change is under way, so what it reads is what it changes.
    pub async fn edit_webhook<E: From<EngineError> + Send + 'static>(
        &self,
        caller: &Caller,
        id: WebhookId,
        edit: impl FnOnce(&Webhook) -> Result<WebhookEdit, E> + Send + 'static,
    ) -> Result<Arc<Armed>, E> {
        caller.require(Scope::Manage)?;
        let edit = move |webhook: &mut Webhook, now| {
            let edit = edit(webhook)?;
            apply(webhook, edit, now);
            Ok(true)
        };
        self.change_webhook(caller, id, "webhook.updated", edit).await
    }

    /// Changes a webhook in any way, one change after the other, unless `change` says false.
    async fn change_webhook<E: From<EngineError> + Send + 'static>(
        &self,
        caller: &Caller,
        id: WebhookId,
        action: &str,
        change: impl FnOnce(&mut Webhook, Timestamp) -> Result<bool, E> + Send + 'static,
    ) -> Result<Arc<Armed>, E> {
        let key = (caller.organization, id);
        let entry = self.webhook_entry(caller, action, id);
        self.detached(move |engine| async move {
            let turn = engine.shared.webhook_edits.lock().await;
            engine.read_changes().await?;
            let (armed, number) = engine.change_alone(key, (entry, None), change).await?;
            drop(turn);
            engine.wait_for_owner(id, number).await;
            Ok(armed)
        })
        .await
    }

    /// Gives the webhook as it is then, and the number of the change for other nodes.
    async fn change_alone<E: From<EngineError>>(
        &self,
        key: WebhookKey,
        edit: (AuditEntry, Option<Fence>),
        change: impl FnOnce(&mut Webhook, Timestamp) -> Result<bool, E>,
    ) -> Result<(Arc<Armed>, u64), E> {
        let before = self.known_webhook(key)?;
        let (now, mut edited) = (self.ambient().now(), before.webhook.clone());
        if !change(&mut edited, now)? {
            return Ok((before, 0));
        }
        edited.revision += 1;
        edited.updated_at = now;
        Ok(self.put_edited(&before.webhook, edited, edit).await?)
    }

    async fn put_edited(
        &self,
        before: &Webhook,
        edited: Webhook,
        (entry, fence): (AuditEntry, Option<Fence>),
    ) -> Result<(Arc<Armed>, u64), EngineError> {
        let id = edited.id;
        let Webhook { config, private, .. } = before;
        if config.vendor.is_some() && config.project != edited.config.project {
            let why = "stays the one that the webhook was made in, where its vendor's API finds it";
            return Err(invalid("project", why));
        }
        // What was fine once may be forbidden now; it can be paused and disabled all the same.
        if *config != edited.config || *private != edited.private {
            self.check_webhook(&edited)?;
        }
        let armed = self.arm(edited).await?;
        let row = self.seal_webhook(&armed.webhook);
        let entropy = self.ambient().entropy();
        let updated = self.write(move |db| {
            if !lease::is_held(db, fence)? || !webhook::update(db, &row)? {
                return Ok(None);
            }
            audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            webhook_change::note(db, (row.organization, row.id), Change::Edited).map(Some)
        });
        let Some(number) = updated.await? else { return Err(self.overtaken(id).await) };
        self.shared.dispatcher.replace(Arc::clone(&armed)).await;
        Ok((armed, number))
    }

    /// Why an edit came too late: somebody deleted or changed the webhook through another node.
    async fn overtaken(&self, id: WebhookId) -> EngineError {
        if self.shared.nodes.is_none() {
            return Refusal::not_found("webhook", &id).into();
        }
        if let Err(error) = self.read_changes().await {
            return error;
        }
        let why = "the webhook was changed or deleted at the same moment; look at it and try again";
        Refusal::InUse(why.to_owned()).into()
    }

    /// Deletes a webhook. When this returns, no attempt of it starts any more.
    pub async fn delete_webhook(&self, caller: &Caller, id: WebhookId) -> Result<(), EngineError> {
        caller.require(Scope::Manage)?;
        let key = (caller.organization, id);
        let entry = self.webhook_entry(caller, "webhook.deleted", id);
        self.detached(move |engine| async move {
            let turn = engine.shared.webhook_edits.lock().await;
            engine.read_changes().await?;
            // One that can't be read can still go.
            if matches!(engine.shared.dispatcher.find_readable(key), Ok(None)) {
                return Err(Refusal::not_found("webhook", &id).into());
            }
            let number = engine.delete_alone(key, entry).await?;
            drop(turn);
            engine.wait_for_owner(id, number).await;
            // Its last outcomes may have stored its place once more.
            engine.write(move |db| webhook::delete(db, key.0, key.1).map(|_| ())).await
        })
        .await
    }

    /// Gives the number of the change for other nodes.
    async fn delete_alone(&self, key: WebhookKey, entry: AuditEntry) -> Result<u64, EngineError> {
        let entropy = self.ambient().entropy();
        let delete = self.write(move |db| {
            webhook::delete(db, key.0, key.1)?;
            audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            webhook_change::note(db, key, Change::Edited)
        });
        let number = delete.await?;
        self.shared.dispatcher.remove(key).await;
        self.shared.dispatcher.context.flush().await;
        Ok(number)
    }
}

fn apply(webhook: &mut Webhook, edit: WebhookEdit, now: Timestamp) {
    let WebhookEdit {
        name,
        description,
        url,
        filters,
        format,
        headers,
        project,
        ordered,
        concurrency,
        rate_per_second,
        timeout_ms,
        retries,
        vendor_secret,
        vendor,
        state,
    } = edit;
    let Webhook { config, private, .. } = webhook;
    set(&mut config.name, name);
    set(&mut config.description, description);
    set(&mut private.url, url);
    set(&mut config.filters, filters);
    set(&mut config.format, format);
    set(&mut private.headers, headers);
    set(&mut config.project, project);
    set(&mut config.ordered, ordered);
    set(&mut config.concurrency, concurrency);
    set(&mut config.rate_per_second, rate_per_second);
    set(&mut config.timeout_ms, timeout_ms);
    set(&mut config.retries, retries);
    set(&mut private.vendor_secret, vendor_secret);
    config.vendor = vendor.or(config.vendor.take());
    if let Some(state) = state.filter(|state| *state != webhook.state) {
        webhook.state = state;
        webhook.state_at = now;
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

#[expect(clippy::needless_pass_by_value, reason = "callers give what they have just made")]
pub(crate) fn invalid(field: &str, why: impl ToString) -> EngineError {
    Refusal::Invalid { field: field.to_owned(), reason: why.to_string() }.into()
}
