//! A store with organizations, and commands that are put to it in groups of a known make-up.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use landfall_domain::actor::Actor;
use landfall_domain::command::{Command, Envelope};
use landfall_domain::facts::Facts;
use landfall_domain::id::OrganizationId;
use landfall_domain::identity::RunKey;
use landfall_domain::outcome::Decision;
use landfall_domain::report::{ProjectChoice, Report, Subject};
use landfall_domain::sha::CommitSha;
use landfall_domain::status::Status;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::{Ambient, Caller, Engine, Options, Outbound};
use landfall_store::idempotency::Idempotency;
use landfall_store::rows::organization;
use landfall_store::{ReadPool, Stats, StoreError, Writer};

use crate::harness::{
    Directory, Queued, Record, memory_directory, noon, open_store, poll_once, wait_for_all,
};

/// A store, the engine over it, and ways around the engine.
pub(super) struct Fixture {
    pub(super) engine: Engine,
    pub(super) admin: Caller,
    pub(super) writer: Writer,
    pub(super) reader: ReadPool,
    pub(super) stats: Arc<Stats>,
    directory: Directory,
    reports: AtomicU64,
}

/// What the store makes of a command.
pub(super) type Answered = Result<Decision, StoreError>;

impl Fixture {
    pub(super) async fn new() -> Self {
        Self::open(memory_directory(), None).await
    }

    async fn open(directory: Directory, admin: Option<Caller>) -> Self {
        let store = open_store(directory.path());
        let (writer, reader) = (store.writer.clone(), store.reader.clone());
        let stats = Arc::clone(&store.stats);
        let ambient = Ambient::manual(noon());
        let outbound = Outbound::closed(&ambient);
        let engine = Engine::new(store, ambient, Options::default(), outbound);
        let admin = if let Some(admin) = admin {
            admin
        } else {
            let key = engine.ensure_first_organization().await.unwrap().unwrap();
            engine.authenticate(&key.text).await.unwrap()
        };
        // Numbers of a store that is opened again go on far from the ones before.
        let reports = AtomicU64::new(stored_events(&reader, &admin).await * 1_000);
        Self { engine, admin, writer, reader, stats, directory, reports }
    }

    /// Closes the store and opens it again.
    pub(super) async fn reopen(self) -> Self {
        let Self { engine, admin, writer, reader, directory, .. } = self;
        drop((writer, reader));
        engine.close();
        Self::open(directory, Some(admin)).await
    }

    pub(super) fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub(super) async fn record(&self, organization: OrganizationId) -> Record {
        self.reader.read(move |db| Record::read(db, organization)).await.unwrap()
    }

    /// Puts commands to the store as they would come in while it is busy: together, in this order.
    pub(super) async fn decide_together(
        &self,
        organization: OrganizationId,
        envelopes: Vec<(Envelope, Option<Idempotency>)>,
    ) -> Vec<Answered> {
        let (held, job) = Queued::behind(&self.writer).await;
        let mut waiting: Vec<Pin<Box<dyn Future<Output = Answered> + Send>>> = Vec::new();
        for (envelope, idempotency) in envelopes {
            let writer = self.writer.clone();
            waiting.push(Box::pin(async move {
                let decided = writer.decide(organization, envelope, idempotency).await;
                decided.map(|decided| decided.decision)
            }));
        }
        poll_once(&mut waiting).await;
        held.release();
        job.await;
        wait_for_all(waiting).await
    }

    /// The same for reports of the first organization, one second after the other.
    pub(super) async fn report_together(&self, reports: Vec<Report>) -> Vec<Answered> {
        let envelopes = reports.into_iter().map(|report| {
            let number = self.reports.fetch_add(1, Ordering::SeqCst);
            let at = noon() + Duration::from_secs(number);
            (envelope(number, at, Command::Report(Arc::new(report))), None)
        });
        self.decide_together(self.admin.organization, envelopes.collect()).await
    }

    /// Makes the store forget what it has in memory, as a failure does.
    pub(super) async fn forget(&self) {
        let failure = Box::new(|_: &mut landfall_store::Connection| Err(StoreError::Busy));
        assert!(self.writer.run_between_groups(failure).await.is_err());
    }
}

async fn stored_events(reader: &ReadPool, admin: &Caller) -> u64 {
    let id = admin.organization;
    let found = reader.read(move |db| organization::find(db, id)).await.unwrap();
    found.expect("the organization is there").next_sequence - 1
}

/// A command whose new ids follow from its number.
pub(super) fn envelope(number: u64, at: Timestamp, command: Command) -> Envelope {
    let mut entropy = [0; 16];
    entropy[..8].copy_from_slice(&number.to_be_bytes());
    Envelope { actor: Actor { key_id: "k1".to_owned() }, at, entropy, command }
}

pub(super) fn name<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

pub(super) fn build(application: &str, version: &str, sha: Option<&str>) -> Report {
    Report {
        subject: Subject::Build,
        project: ProjectChoice::Default,
        application: name(application),
        version: name(version),
        status: Status::Completed,
        key: RunKey::default(),
        told_at: None,
        facts: Facts {
            commit_sha: sha.map(|sha| CommitSha::parse(sha).unwrap()),
            ..Facts::default()
        }
        .into(),
    }
}

pub(super) fn deployment(application: &str, version: &str, environment: &str) -> Report {
    let subject = Subject::Deployment { environment: name(environment), target: None };
    Report { subject, ..build(application, version, None) }
}
