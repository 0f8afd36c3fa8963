//! A server in this process, on a port of its own, with a clock that stands still.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use landfall::server::{self, Bounds};
use landfall_api::Limits;
use landfall_domain::access::Scope;
use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;
use landfall_engine::egress::{Egress, EgressOptions, Names};
use landfall_engine::keys::NewKey;
use landfall_engine::seal::{MasterKey, Sealer};
use landfall_engine::tasks::Tasks;
use landfall_engine::{Ambient, Caller, Engine, Options, Outbound};
use landfall_store::queries::Page;
use landfall_store::rows::refused::StoredRefused;
use landfall_store::{ReadPool, Writer};
use serde_json::Value;

use super::database::MASTER_KEY;
use super::{Answer, Call, Client, Directory, Record, memory_directory, open_store};

/// When the clock of a server in this process stands still.
pub(crate) fn noon() -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
}

/// What a test may want other than usual.
pub(crate) struct Setup {
    pub(crate) options: Options,
    pub(crate) limits: Limits,
    pub(crate) bounds: Bounds,
    /// What webhooks may reach that is not public.
    pub(crate) egress_allow: &'static str,
    /// What the names of receivers lead to.
    pub(crate) names: Names,
}

impl Default for Setup {
    fn default() -> Self {
        let bounds = Bounds { drain_time_max: Duration::from_secs(5), ..Bounds::default() };
        Self {
            options: Options::default(),
            limits: Limits::default(),
            bounds,
            egress_allow: "127.0.0.0/8",
            names: Names::default(),
        }
    }
}

/// A server that listens on 127.0.0.1 until it is stopped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) ambient: Ambient,
    pub(crate) engine: Engine,
    /// The way around the engine, to make the store busy.
    pub(crate) writer: Writer,
    pub(crate) admin: Caller,
    pub(crate) admin_key: String,
    reader: ReadPool,
    tasks: Tasks,
    directory: Arc<Directory>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    pub(crate) async fn start_with(setup: Setup) -> Self {
        Self::start_on(Arc::new(memory_directory()), Ambient::manual(noon()), None, setup).await
    }

    /// Another node on the same PostgreSQL, by the same clock.
    pub(crate) async fn start_beside(&self) -> Self {
        let (directory, key) = (Arc::clone(&self.directory), self.admin_key.clone());
        Self::start_on(directory, self.ambient.clone(), Some(key), Setup::default()).await
    }

    /// A server on data that is new, unless an admin key of it is known.
    async fn start_on(
        directory: Arc<Directory>,
        ambient: Ambient,
        known_key: Option<String>,
        setup: Setup,
    ) -> Self {
        let Setup { options, limits, bounds, egress_allow, names } = setup;
        let store = open_store(directory.path());
        let (reader, writer) = (store.reader.clone(), store.writer.clone());
        let outbound = outbound(egress_allow, names);
        let engine = Engine::new(store, ambient.clone(), options, outbound);
        let first_key = engine.ensure_first_organization().await.unwrap().map(|made| made.text);
        let admin_key = first_key.or(known_key).unwrap();
        let admin = engine.authenticate(&admin_key).await.unwrap();
        let router = landfall_api::router(engine.clone(), limits);
        let router = router.merge(landfall_dashboard::router(engine.clone()));
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = server::Server::bind(anywhere, router, bounds).await.unwrap();
        let address = server.address().unwrap();
        let tasks = Tasks::default();
        tasks.spawn(server.serve(tasks.stopping()));
        engine.start_dispatch(&tasks).await.unwrap();
        let client = Client::new(&format!("http://{address}"), &admin_key);
        Self {
            address,
            client,
            ambient,
            engine,
            writer,
            admin,
            admin_key,
            reader,
            tasks,
            directory,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its data is.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) async fn send(&self, call: Call) -> Answer {
        self.client.send(call).await
    }

    /// Posts JSON with the admin key.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Call::post(path, body.to_string())).await
    }

    /// A new key of the first organization.
    pub(crate) async fn key(&self, scopes: &[Scope], expires_at: Option<Timestamp>) -> String {
        let scopes = scopes.to_vec();
        let new = NewKey { name: "test".to_owned(), scopes, default_project: None, expires_at };
        self.engine.create_key(&self.admin, new).await.unwrap().text
    }

    /// Another organization: its admin key, and who holds it.
    pub(crate) async fn organization(&self, slug: &str) -> (String, Caller) {
        let made = self.engine.create_organization(&self.admin, slug, None).await.unwrap();
        let caller = self.engine.authenticate(&made.1.text).await.unwrap();
        (made.1.text, caller)
    }

    /// Everything that an organization has stored by now.
    pub(crate) async fn record(&self, organization: OrganizationId) -> Record {
        self.reader.read(move |db| Record::read(db, organization)).await.unwrap()
    }

    /// The reports that were refused, newest first.
    pub(crate) async fn refused(&self) -> Vec<StoredRefused> {
        self.engine.list_refused(&self.admin, Page::first(1_000)).await.unwrap()
    }

    /// Stops, after the requests under way; the data stays.
    pub(crate) async fn stop(self) -> Arc<Directory> {
        let Self { client, engine, writer, reader, tasks, directory, .. } = self;
        drop(client);
        tasks.stop();
        tasks.join().await;
        drop((writer, reader));
        engine.begin_close();
        engine.close();
        directory
    }
}

/// Reaches what is allowed, and seals with the key that all nodes have.
fn outbound(allow: &str, names: Names) -> Outbound {
    let allow = allow.parse().unwrap();
    let egress = Egress::new(EgressOptions { allow, names, ..EgressOptions::default() }).unwrap();
    Outbound { egress, sealer: Sealer::new(MasterKey::parse(MASTER_KEY).unwrap(), Vec::new()) }
}
