//! From one release to the next: what the one before left is all there, and nodes of both may share
//! the data as far as the migrations say so.

use std::sync::Arc;

use landfall_domain::actor::Actor;
use landfall_domain::catalog::Organization;
use landfall_domain::command::{Command, Envelope};
use landfall_domain::facts::Facts;
use landfall_domain::id::{DeploymentId, OrganizationId};
use landfall_domain::identity::RunKey;
use landfall_domain::report::{ProjectChoice, Report, Subject};
use landfall_domain::status::Status;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;

use crate::copy::rows::{each_page, write_page};
use crate::copy::tables::{Table, read};
use crate::copy::tests::{Held, source};
use crate::driver::Connection;
use crate::error::StoreError;
use crate::migrate::{known, migrate_first};
use crate::queries::{Page, deployments, status};
use crate::rows::{event, organization};
use crate::{CopiedTable, Store};

/// The organization whose slug tells it from that of the tests of copies.
fn founded() -> Organization {
    Organization {
        id: OrganizationId::from_uuid(uuid::Uuid::from_u128(9)),
        slug: "reporting".to_owned(),
        name: "Reporting".to_owned(),
        settings: serde_json::from_str("{}").unwrap(),
        next_sequence: 1,
        created_at: Timestamp::from_micros(1),
    }
}

fn name<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

/// Takes a report in and gives the number of the last event afterwards.
fn deploy(store: &Store, number: u8, environment: &str) -> u64 {
    let report = Report {
        subject: Subject::Deployment { environment: name(environment), target: None },
        project: ProjectChoice::Default,
        application: name("shop"),
        version: name(&format!("1.{number}")),
        status: Status::Completed,
        key: RunKey::default(),
        told_at: None,
        facts: Facts::default().into(),
    };
    let envelope = Envelope {
        actor: Actor { key_id: "k1".to_owned() },
        at: Timestamp::from_micros(1_772_000_000_000_000 + i64::from(number)),
        entropy: [number; 16],
        command: Command::Report(Arc::new(report)),
    };
    let id = founded().id;
    wait(async {
        store.writer.decide(id, envelope, None).await.unwrap().decision.unwrap();
        store.reader.read(move |db| Ok(organization::find(db, id)?.unwrap())).await.unwrap()
    })
    .next_sequence
        - 1
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Everything that code of this release makes of the ledger, as text to compare.
fn seen(store: &Store) -> String {
    let id = founded().id;
    let read = store.reader.read(move |db| {
        let mut cells = Vec::new();
        status::all(db, id, |cell| {
            cells.push(cell.shown.to_owned());
        })?;
        let all = deployments::Filter::default();
        let deployments = deployments::list(db, id, &all, Page::first(1_000))?;
        let events = event::after(db, id, 0, 1_000)?;
        Ok(format!("{cells:?} {deployments:?} {events:?}"))
    });
    wait(read).unwrap()
}

/// What each of the tables holds.
fn content(db: &mut Connection, tables: &'static [Table]) -> Vec<CopiedTable> {
    tables.iter().map(|table| each_page(db, table, |_| Ok(())).unwrap()).collect()
}

#[test]
fn what_the_release_before_left_is_all_there_and_goes_on() {
    // Data of this release, brought into tables of the one before, which its migrations made.
    let present = source();
    let store = present.open().unwrap();
    wait(store.writer.run(Box::new(|db| organization::insert(db, &founded()).map(|_| ()))))
        .unwrap();
    for (number, environment) in [(1, "staging"), (2, "staging"), (3, "production")] {
        deploy(&store, number, environment);
    }
    let before = seen(&store);
    store.close();
    let steps = known() - 1;
    let tables: &'static [Table] = Box::leak(read(steps).unwrap().into());
    let previous = Held::on_this_engine("upgrade");
    let (mut from, mut to) = (present.connect(), previous.connect());
    migrate_first(&mut to, steps).unwrap();
    for table in tables {
        each_page(&mut from, table, |page| write_page(&mut to, table, page)).unwrap();
    }
    let left = content(&mut to, tables);
    assert!(left.iter().filter(|table| table.rows > 0).count() >= 9, "{left:?}");

    let store = previous.open().unwrap();
    assert_eq!(seen(&store), before);
    assert_eq!(content(&mut to, tables), left);
    let head = deploy(&store, 4, "production");
    assert!(before.contains(&format!("sequence: {}", head - 1)), "{head} follows: {before}");
    store.close();
}

#[test]
fn a_file_of_a_newer_release_is_refused() {
    let held = Held::directory();
    held.open().unwrap().close();
    let refused = migrate_first(&mut held.connect(), known() - 1);
    assert!(matches!(refused, Err(StoreError::Newer { .. })), "{refused:?}");
}

mod postgres {
    use super::*;
    use crate::migrate::compatible_from;

    fn number(steps: usize) -> i64 {
        i64::try_from(steps).unwrap()
    }

    #[test]
    fn a_node_of_an_older_release_starts_beside_a_newer_one_if_every_later_step_lets_it() {
        let held = Held::on_this_engine("rolling");
        held.open().unwrap().close();
        let mut db = held.connect();
        for older in 1..known() {
            let later = (older + 1..=known()).map(compatible_from);
            let may_go_on = later.max().is_none_or(|oldest| oldest <= older);
            let started = migrate_first(&mut db, older);
            if may_go_on {
                started.unwrap();
                continue;
            }
            let Err(StoreError::Newer { found, known: knows }) = started else {
                panic!("{older} started: {started:?}")
            };
            assert_eq!((found, knows), (number(known()), number(older)));
        }
    }

    /// The step that makes an index while others write.
    const ONLINE: usize = 10;
    const DEPLOYMENT: &str = "INSERT INTO deployments (organization_id, id, application_id, \
        environment_id, target, version_id, identity, status, reports) \
        VALUES (?1, ?2, ?1, ?1, '', ?1, ?1, 'started', '[]')";
    const MAKING: &str = "SELECT COUNT(*) FROM pg_stat_progress_create_index \
        WHERE relid = CAST('deployments' AS regclass)";
    const INDEX: &str = "SELECT pg_get_indexdef(indexrelid) FROM pg_index \
        WHERE indisvalid AND indexrelid = CAST('deployments_of_application' AS regclass)";

    fn insert(db: &mut Connection, id: u128) {
        let id = DeploymentId::from_uuid(uuid::Uuid::from_u128(id));
        db.write_many(DEPLOYMENT, [[founded().id.into(), id.into()]]).unwrap();
    }

    #[test]
    fn others_write_while_an_index_is_made() {
        let held = Held::on_this_engine("online");
        migrate_first(&mut held.connect(), ONLINE - 1).unwrap();
        let (mut before, mut meanwhile) = (held.connect(), held.connect());
        before.begin().unwrap();
        insert(&mut before, 1);
        std::thread::scope(|scope| {
            let opening = scope.spawn(|| held.open().unwrap().close());
            while meanwhile.read_one(MAKING, &[], |row| row.int(0)).unwrap() == Some(0) {
                assert!(!opening.is_finished(), "it waits for nobody");
                std::thread::yield_now();
            }
            meanwhile.begin().unwrap();
            insert(&mut meanwhile, 2);
            meanwhile.commit().unwrap();
            assert!(!opening.is_finished(), "it waits for who wrote before it began");
            before.commit().unwrap();
            opening.join().unwrap();
        });
        let count = "SELECT COUNT(*) FROM deployments";
        assert_eq!(meanwhile.read_one(count, &[], |row| row.int(0)).unwrap(), Some(2));
    }

    #[test]
    fn an_index_that_was_begun_is_made_again() {
        let held = Held::on_this_engine("begun");
        let mut db = held.connect();
        migrate_first(&mut db, ONLINE - 1).unwrap();
        insert(&mut db, 1);
        insert(&mut db, 2);
        // It fails halfway, and PostgreSQL keeps what there is of it.
        let left = "CREATE UNIQUE INDEX CONCURRENTLY deployments_of_application \
            ON deployments (target)";
        db.postgres().unwrap().run(left).unwrap_err();
        assert_eq!(db.read_one(INDEX, &[], |row| row.text(0)).unwrap(), None, "it is invalid");
        held.open().unwrap().close();
        let made = db.read_one(INDEX, &[], |row| row.text(0)).unwrap().unwrap();
        assert!(made.contains("environment_id, version_id)"), "{made}");
    }

    #[test]
    fn nodes_that_start_together_make_an_index_once() {
        let held = Held::on_this_engine("onlines");
        migrate_first(&mut held.connect(), ONLINE - 1).unwrap();
        std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..4).map(|_| scope.spawn(|| held.open().unwrap().close())).collect();
            for start in starts {
                start.join().unwrap();
            }
        });
        let made = held.connect().read_one(INDEX, &[], |row| row.text(0)).unwrap();
        assert!(made.is_some());
    }
}
