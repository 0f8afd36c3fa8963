//! What happens to a webhook between being asked for and being stored: checked, sealed, made ready.

use std::sync::Arc;

use landfall_domain::event::AuditEntry;
use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::refusal::Refusal;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::signature::Key;
use landfall_domain::webhook::{Config, Webhook};
use landfall_store::rows::organization;
use landfall_store::rows::webhook::StoredWebhook;

use super::{invalid, load};
use crate::access::Caller;
use crate::dispatch::Armed;
use crate::egress::check_headers;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Refuses what a webhook can't be set to.
    pub(super) fn check_webhook(&self, webhook: &Webhook) -> Result<(), EngineError> {
        let Webhook { config, private, .. } = webhook;
        self.shared.egress.check_url(&private.url).map_err(|why| invalid("url", why))?;
        check_headers(&private.headers).map_err(|why| invalid("headers", why))?;
        let key = Key::parse(&private.secret).map_err(|why| invalid("secret", why))?;
        if key.public_text().is_some() != config.is_asymmetric {
            let wanted = if config.is_asymmetric { "whsk_…" } else { "whsec_…" };
            return Err(invalid("secret", format!("must be {wanted} for this kind of signature")));
        }
        let sends = |secret: &String| config.format.can_send_secret(secret);
        if !private.vendor_secret.as_ref().is_none_or(sends) {
            let why = "must be printable ASCII without spaces around it, since a header carries it";
            return Err(invalid("vendor_secret", why));
        }
        if !config.filters.is_bounded() {
            let why = format!("must be lists of at most {} patterns", Filters::PATTERNS_MAX);
            return Err(invalid("filters", why));
        }
        let bounds = [
            ("concurrency", config.concurrency, 1, Config::CONCURRENCY_MAX),
            ("timeout_ms", config.timeout_ms, Config::TIMEOUT_MS_MIN, Config::TIMEOUT_MS_MAX),
            (
                "rate_per_second",
                config.rate_per_second.unwrap_or(1),
                1,
                Config::RATE_PER_SECOND_MAX,
            ),
        ];
        for (field, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(invalid(field, format!("must be {least} to {most}")));
            }
        }
        Ok(())
    }

    pub(super) fn seal_webhook(&self, webhook: &Webhook) -> StoredWebhook {
        let Webhook {
            organization,
            id,
            revision,
            config,
            private,
            state,
            state_at,
            created_at,
            updated_at,
        } = webhook.clone();
        let plain = serde_json::to_vec(&private).expect("texts and times always have a JSON");
        let mut nonce = [0; 24];
        self.ambient().fill(&mut nonce);
        let sealed = self.shared.sealer.seal(&plain, &load::bound_to(organization, id), nonce);
        StoredWebhook {
            organization,
            id,
            revision,
            config,
            sealed,
            state,
            state_at,
            created_at,
            updated_at,
        }
    }

    /// A new secret to sign with.
    pub(super) fn new_signing_secret(&self, is_asymmetric: bool) -> String {
        let mut random = [0; 32];
        self.ambient().fill(&mut random);
        if is_asymmetric { Key::asymmetric(random) } else { Key::symmetric(random) }
    }

    pub(super) fn webhook_entry(&self, caller: &Caller, action: &str, id: WebhookId) -> AuditEntry {
        AuditEntry {
            organization: caller.organization,
            at: self.ambient().now(),
            by: caller.key_id.clone(),
            action: action.to_owned(),
            subject: id.to_string(),
        }
    }

    pub(super) async fn organization_named(
        &self,
        id: OrganizationId,
    ) -> Result<Named, EngineError> {
        let found = self.shared.store.reader.read(move |db| organization::find(db, id)).await?;
        let found = found.ok_or_else(|| Refusal::not_found("organization", &id))?;
        Ok(Named { id: id.uuid(), name: found.slug })
    }

    pub(super) async fn arm(&self, webhook: Webhook) -> Result<Arc<Armed>, EngineError> {
        let organization = self.organization_named(webhook.organization).await?;
        Ok(Arc::new(self.armed(webhook, organization)))
    }

    /// Makes a webhook ready to send.
    pub(super) fn armed(&self, webhook: Webhook, organization: Named) -> Armed {
        let base_url = self.shared.options.public_url.clone();
        Armed::new(webhook, (organization, base_url), &self.shared.egress)
    }
}
