//! Bodies of webhooks, as each API that makes some reads them: URLs, headers, filters, templates,
//! secrets, schedules.
//!
//! The first letter chooses the reader. What is read is stored and read back alike, its filters say yes
//! exactly if each of them says yes, and whatever it sends is bounded JSON.

#![no_main]

use std::sync::LazyLock;

use landfall_api::shared::rejection::Rejection;
use landfall_api::{akinon, humanitec, native, qovery};
use landfall_domain::event::EventData;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::Subject;
use landfall_domain::webhook::format::{Message, sample};
use landfall_domain::webhook::signature::Key;
use landfall_domain::webhook::{Config, Private};
use landfall_engine::egress::{Egress, EgressOptions, check_headers};
use landfall_engine::webhooks::NewWebhook;
use landfall_fuzz::rendering;
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

static EGRESS: LazyLock<Egress> = LazyLock::new(|| {
    Egress::new(EgressOptions::default()).expect("options that name no file always work")
});
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(samples);

fuzz_target!(|input: &[u8]| {
    let Some((letter, body)) = input.split_first() else { return };
    let Ok(new) = read(*letter, body) else { return };
    check_storing(&new);
    check_ways_out(&new);
    for sample in SAMPLES.iter() {
        check_filters(&new.config, sample);
        rendering::check(&new.config.format, &sample.message(&new));
    }
});

fn read(letter: u8, body: &[u8]) -> Result<NewWebhook, Rejection> {
    match letter {
        b'a' => akinon::read(body),
        b'h' => humanitec::read(body),
        b'q' => qovery::read(body),
        _ => native::WEBHOOK_READER(body),
    }
}

/// A webhook that can't be read back would stop its whole organization's.
fn check_storing(new: &NewWebhook) {
    let text = serde_json::to_string(&new.config).expect("it has a JSON");
    let config: Config = serde_json::from_str(&text).expect("what was stored can be read");
    assert_eq!(config, new.config);
    let private = Private {
        url: new.url.clone(),
        headers: new.headers.clone(),
        secret: new.secret.clone().unwrap_or_default(),
        previous_secret: None,
        vendor_secret: new.vendor_secret.clone(),
    };
    let text = serde_json::to_string(&private).expect("it has a JSON");
    let read: Private = serde_json::from_str(&text).expect("what was stored can be read");
    assert!(read == private, "what is private is read back otherwise");
    check_redaction(&private);
}

/// The path of a URL may be a credential, and its query.
fn check_redaction(private: &Private) {
    if EGRESS.check_url(&private.url).is_ok() {
        let shown = private.url_redacted();
        assert!(shown.split('/').count() <= 4 && !shown.contains('?'), "{shown}");
    }
}

fn check_ways_out(new: &NewWebhook) {
    if let Ok(headers) = check_headers(&new.headers) {
        assert!(headers.len() <= new.headers.len());
    }
    if let Some(secret) = &new.secret {
        let key = Key::parse(secret).expect("a secret is checked when its kind is found");
        assert_eq!(key.public_text().is_some(), new.config.is_asymmetric);
    }
}

fn check_filters(config: &Config, sample: &Sample) {
    let (interest, subject) = (config.interest(), sample.subject());
    let all_hold = interest.explain(&subject).iter().all(|check| check.holds);
    assert_eq!(interest.matches(&subject), all_hold, "{interest:?} {subject:?}");
}

struct Sample {
    kind: &'static str,
    event: EventData,
    data: String,
    organization: Named,
}

fn samples() -> Vec<Sample> {
    let organization = Named { id: Uuid::from_u128(7), name: "acme".to_owned() };
    let sample = |kind: &&'static str| {
        let event = sample::sample(kind, &organization, Timestamp::MAX)?;
        let data = serde_json::to_string(&event).ok()?;
        Some(Sample { kind, event, data, organization: organization.clone() })
    };
    sample::KINDS.iter().filter_map(sample).collect()
}

impl Sample {
    fn message<'a>(&'a self, new: &'a NewWebhook) -> Message<'a> {
        let format = &new.config.format;
        Message {
            id: "evt_1",
            sequence: u64::MAX,
            kind: self.kind,
            at: Timestamp::MAX,
            organization: &self.organization,
            data: &self.data,
            base_url: None,
            // One that can't be sent is refused when the webhook is made.
            vendor_secret: new.vendor_secret.as_deref().filter(|it| format.can_send_secret(it)),
            app_id: Some("shop"),
        }
    }

    fn subject(&self) -> Subject<'_> {
        let EventData { project, application, environment, backfill, .. } = &self.event;
        let environment = environment.as_ref();
        Subject {
            kind: self.kind,
            project: project.as_ref().map(|named| named.name.as_str()),
            project_id: project.as_ref().map(|named| named.id),
            application: application.as_ref().map(|named| named.name.as_str()),
            environment: environment.map(|environment| environment.code.as_str()),
            environment_name: environment.map(|environment| environment.name.as_str()),
            environment_type: environment.map(|environment| environment.kind),
            backfill: *backfill,
        }
    }
}
