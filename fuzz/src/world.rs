//! A whole server in this process, with its data in memory and a clock that stands still.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use landfall_api::Limits;
use landfall_domain::signing;
use landfall_domain::time::Timestamp;
use landfall_engine::egress::{Egress, EgressOptions, Names};
use landfall_engine::seal::{MasterKey, Sealer};
use landfall_engine::sessions::Client;
use landfall_engine::tasks::Tasks;
use landfall_engine::{Ambient, Caller, Engine, Options, Outbound};
use landfall_store::Store;
use tempfile::TempDir;

/// A server, of which each input gets an organization of its own.
pub struct World {
    /// Everything that listens.
    pub router: Router,
    /// The use cases behind it.
    pub engine: Engine,
    admin: Caller,
    tasks: Tasks,
    made: AtomicU64,
    _directory: TempDir,
}

/// What a request may be given in place of the word.
pub struct Tenant {
    /// Who holds its key.
    pub caller: Caller,
    /// Its API key, for `$KEY`.
    pub key: String,
    /// The id of its signing key, for `$SIGNER`.
    pub signing_key: String,
    /// What it signs with, for `$SIGNATURE`.
    pub signing_secret: String,
}

impl World {
    /// Starts a server on new data.
    pub async fn start() -> Self {
        let directory = directory();
        let noon = Timestamp::from_micros(1_772_366_400_000_000);
        let (ambient, store) = (Ambient::manual(noon), Store::open(directory.path()));
        let store = store.expect("new data can be made");
        let engine = Engine::new(store, ambient, Options::default(), outbound());
        let made = engine.ensure_first_organization().await.expect("it is the first");
        let key = made.expect("new data has no organization").text;
        let admin = engine.authenticate(&key).await.expect("the key was just made");
        let router = landfall_api::router(engine.clone(), Limits::default());
        let router = router.merge(landfall_dashboard::router(engine.clone()));
        let tasks = Tasks::default();
        engine.start_dispatch(&tasks).await.expect("new data has no webhooks");
        Self { router, engine, admin, tasks, made: AtomicU64::new(0), _directory: directory }
    }

    /// Makes an organization, so that an input finds the same whatever came before it.
    pub async fn tenant(&self) -> Tenant {
        let slug = format!("t{}", self.made.fetch_add(1, Ordering::Relaxed));
        let made = self.engine.create_organization(&self.admin, &slug, None).await;
        let key = made.expect("the slug is new").1.text;
        let caller = self.engine.authenticate(&key).await.expect("the key was just made");
        let made = self.engine.create_signing_key(&caller, "fuzz".to_owned(), true).await;
        let made = made.expect("an admin makes signing keys");
        Tenant { caller, key, signing_key: made.key.key_id, signing_secret: made.secret }
    }

    /// The cookie of a session that the tenant's key opened, and what its forms carry.
    pub async fn sign_in(&self, tenant: &Tenant) -> (String, String) {
        let opened = self.engine.sign_in_with_key(&tenant.key, &Client::default()).await;
        let opened = opened.expect("an admin's key opens a session");
        (format!("landfall_session={}", opened.token), opened.session.csrf())
    }

    /// The seconds since 1970 by its clock.
    pub fn seconds(&self) -> i64 {
        signing::seconds(self.engine.ambient().now())
    }

    /// The number of the tenant's next event.
    pub async fn next_sequence(&self, tenant: &Tenant) -> u64 {
        let own = self.engine.own_organization(&tenant.caller).await;
        own.expect("the store answers").next_sequence
    }

    /// Ends the server, and with it its data.
    pub async fn stop(self) {
        let Self { router, engine, tasks, .. } = self;
        drop(router);
        tasks.stop();
        tasks.join().await;
        engine.begin_close();
        engine.close();
    }
}

/// In memory where the machine has such a place: a disk would only be slow.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a directory can be made")
}

/// Nothing leads out of it: names have no address, and what is one goes to a proxy that is not there.
fn outbound() -> Outbound {
    let no_address = Names::told_by(|_| Err(io::Error::other("there are no names here")));
    let proxy = Some("http://127.0.0.1:1".to_owned());
    let options = EgressOptions { names: no_address, proxy, ..EgressOptions::default() };
    let egress = Egress::new(options).expect("the proxy's address is one");
    Outbound { egress, sealer: Sealer::new(MasterKey::from_bytes([7; 32]), Vec::new()) }
}
