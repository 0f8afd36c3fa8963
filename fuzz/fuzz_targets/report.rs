//! Bodies of reports, from each dialect's own parser through the decision into every format.
//!
//! Each line is a report to one ledger: a letter for the reader, then the body. What is read is read
//! again alike once it is written anew, what is refused changes nothing, what comes twice says nothing
//! new, and whatever is told of it can be packed, sent and read.

#![no_main]

use std::sync::Arc;
use std::time::Duration;

use landfall_api::shared::rejection::Rejection;
use landfall_api::{envtracker, native, versioner};
use landfall_domain::actor::Actor;
use landfall_domain::catalog::{Catalog, Organization};
use landfall_domain::command::{Command, Envelope};
use landfall_domain::decide::decide;
use landfall_domain::event::{Event, EventData};
use landfall_domain::facts::{Facts, JsonObject};
use landfall_domain::id::OrganizationId;
use landfall_domain::outcome::{Decision, Outcome, Reported, ReportedSubject};
use landfall_domain::report::{ProjectChoice, Report};
use landfall_domain::settings::Settings;
use landfall_domain::snapshot::Snapshot;
use landfall_domain::text::ProjectName;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_domain::webhook::format::humanitec::Payload;
use landfall_domain::webhook::format::template::Template;
use landfall_domain::webhook::format::{Format, Message};
use landfall_fuzz::rendering;
use landfall_store::{StoredEvent, fuzzing};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use uuid::Uuid;

type Reader = fn(&[u8]) -> Result<Report, Rejection>;

/// More reports do not lead to other places.
const REPORTS_MAX: usize = 12;
/// Between one report and the next, so that a dozen of them span a day and more than a repeat's five
/// minutes.
const STEP: Duration = Duration::from_mins(150);

fuzz_target!(|input: &[u8]| {
    let mut ledger = Ledger::new();
    for line in input.split(|byte| *byte == b'\n').take(REPORTS_MAX) {
        let Some((letter, body)) = line.split_first() else { continue };
        let Some(read) = reader(*letter) else { continue };
        if let Ok(report) = read(body) {
            check_reading(read, body, &report);
            ledger.take(report);
        }
    }
});

fn reader(letter: u8) -> Option<Reader> {
    Some(match letter {
        b'd' => versioner::READERS[0],
        b'b' => versioner::READERS[1],
        b'e' => envtracker::READER,
        b'D' => native::READERS[0],
        b'B' => native::READERS[1],
        _ => return None,
    })
}

/// Read and written anew, a body says the same.
fn check_reading(read: Reader, body: &[u8], report: &Report) {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
    let again = read(value.to_string().as_bytes()).expect("what was read once is read again");
    let (plain, metadata) = without_metadata(report);
    assert_eq!((plain, metadata), without_metadata(&again));
}

/// Metadata is kept as it was written, so its members are compared and not its text.
fn without_metadata(report: &Report) -> (Report, Option<Value>) {
    let metadata = report.facts.metadata.as_ref().map(JsonObject::as_str);
    let metadata = metadata.map(|text| serde_json::from_str(text).expect("metadata is JSON"));
    let facts = Arc::new(Facts { metadata: None, ..Facts::clone(&report.facts) });
    (Report { facts, ..report.clone() }, metadata)
}

struct Ledger {
    snapshot: Snapshot,
    now: Timestamp,
    commands: u8,
    formats: Vec<Format>,
}

impl Ledger {
    fn new() -> Self {
        let now = Timestamp::from_micros(1_772_366_400_000_000);
        let organization = Organization {
            id: OrganizationId::from_uuid(Uuid::nil()),
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            settings: Settings::default(),
            next_sequence: 1,
            created_at: now,
        };
        let snapshot = Snapshot::new(organization, Catalog::default());
        let mut ledger = Self { snapshot, now, commands: 0, formats: formats() };
        ledger.ensure("default");
        ledger
    }

    /// What refuses a report of an unknown project is of little interest.
    fn ensure(&mut self, project: &str) {
        let name = ProjectName::parse(project).expect("it was checked before");
        self.decide(Command::EnsureProject(name)).expect("a project can be made");
        self.snapshot.events.clear();
    }

    fn decide(&mut self, command: Command) -> Decision {
        self.commands += 1;
        let actor = Actor { key_id: "k1".to_owned() };
        let entropy = [self.commands; 16];
        decide(&mut self.snapshot, Envelope { actor, at: self.now, entropy, command })
    }

    fn take(&mut self, report: Report) {
        self.now = self.now + STEP;
        if let ProjectChoice::Existing(project) = &report.project {
            self.ensure(project.as_str());
        }
        let before = self.state();
        let report = Arc::new(report);
        let Some(first) = self.report(&report) else {
            assert_eq!(self.state(), before, "a refused report changed something");
            return;
        };
        let events = std::mem::take(&mut self.snapshot.events);
        assert_eq!(first.sequence.is_none(), events.is_empty());
        self.check_events(&events);
        self.check_repeat(&report, &first);
    }

    fn report(&mut self, report: &Arc<Report>) -> Option<Reported> {
        match self.decide(Command::Report(Arc::clone(report))) {
            Ok(Outcome::Reported(reported)) => Some(*reported),
            Ok(other) => panic!("a report was answered with {other:?}"),
            Err(_) => None,
        }
    }

    /// The head of the log, and all that a report may add.
    fn state(&self) -> (u64, usize, usize, usize) {
        let Snapshot { organization, events, audit, .. } = &self.snapshot;
        (organization.next_sequence, events.len(), audit.len(), self.snapshot.rows_loaded())
    }

    /// A client that heard no answer sends the same again.
    fn check_repeat(&mut self, report: &Arc<Report>, first: &Reported) {
        let again = self.report(report).expect("what was taken in once is taken in again");
        assert_eq!(id_of(&again), id_of(first), "a repeat went elsewhere");
        assert!(again.repeated && again.sequence.is_none(), "a repeat was news: {report:?}");
        assert!(self.snapshot.events.is_empty(), "a repeat was told");
    }

    fn check_events(&self, events: &[Event]) {
        let stored: Vec<StoredEvent> = events.iter().map(stored).collect();
        check_blocks(&stored);
        let organization = Named { id: Uuid::nil(), name: "acme".to_owned() };
        for event in &stored {
            let message = message(event, &organization);
            self.formats.iter().for_each(|format| rendering::check(format, &message));
        }
    }
}

fn id_of(reported: &Reported) -> Uuid {
    match &reported.subject {
        ReportedSubject::Build(view) => view.run.id,
        ReportedSubject::Deployment(view) => view.run.id,
    }
}

/// The event as it is stored; its data survives that.
fn stored(event: &Event) -> StoredEvent {
    let Event { sequence, kind, at, recorded_at, data } = event;
    let text = serde_json::to_string(data).expect("data always has a JSON");
    let read: EventData = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(read, *data);
    let (kind, data) = (kind.to_string().as_str().into(), text.as_str().into());
    StoredEvent { sequence: *sequence, kind, at: *at, recorded_at: *recorded_at, data }
}

fn check_blocks(events: &[StoredEvent]) {
    let mut unpacked = Vec::new();
    for block in fuzzing::pack(events) {
        let first = events[unpacked.len()].sequence;
        unpacked.extend(fuzzing::unpack(&block, first).expect("what was packed can be unpacked"));
    }
    assert_eq!(unpacked, events);
}

fn message<'a>(event: &'a StoredEvent, organization: &'a Named) -> Message<'a> {
    Message {
        id: "evt_1",
        sequence: event.sequence,
        kind: &event.kind,
        at: event.at,
        organization,
        data: &event.data,
        base_url: Some("https://landfall.example"),
        vendor_secret: Some("secret"),
        app_id: None,
    }
}

/// Every format, with placeholders that reports have a say in.
fn formats() -> Vec<Format> {
    let places = json!({
        "${environment.code}": "${deployment.metadata.a.b} ${build.metadata.a}",
        "data": "${data}",
        "all": ["${deployment}", "${build}", "${previous.version}", "${comment}", "x${deployment}"],
    });
    let Value::Object(payload) = json!({"a": "${comment} ${delta_id}", "b": "${triggered_by}"})
    else {
        unreachable!("an object was written")
    };
    let payload = Payload::parse(payload).expect("it is short");
    vec![
        Format::Standard,
        Format::Slack,
        Format::Qovery,
        Format::Akinon,
        Format::Versioner,
        Format::Humanitec { payload: None },
        Format::Humanitec { payload: Some(payload) },
        Format::Template { template: Template::parse(places).expect("its placeholders are known") },
    ]
}
