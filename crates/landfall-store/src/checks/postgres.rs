//! The checks on PostgreSQL, and what only the connection to it has.

use std::fmt::Write as _;
use std::sync::Arc;

use super::schema::{check, gather};
use super::statements;
use crate::copy::tables::{Kind, OF_DATABASE, tables};
use crate::driver::{Address, Connection, Purpose, Reading, Value};
use crate::error::StoreError;
use crate::migrate::migrate_shared;
use crate::rows::lease::{self, Fence};
use crate::rows::node::{self, Node};

/// A schema of its own on the PostgreSQL of the tests, dropped at the end.
pub(crate) struct Schema {
    server: Arc<Address>,
    name: String,
    pub(crate) own: Arc<Address>,
}

impl Schema {
    pub(crate) fn new(test: &str) -> Self {
        let server = std::env::var_os("LANDFALL_TEST_POSTGRES");
        let server = server.expect("./test starts a PostgreSQL and names it here");
        let server = server.into_string().unwrap();
        let name = format!("store_{test}_{}", std::process::id());
        let joint = if server.contains('?') { '&' } else { '?' };
        let own = format!("{server}{joint}options=-c%20search_path%3D{name}");
        let [server, own] = [server, own].map(|url| Arc::new(Address::parse(&url).unwrap()));
        let schema = Self { server, name, own };
        schema.run_outside(&format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::connect(&self.own, Purpose::Write).unwrap()
    }

    fn migrated(&self) -> Connection {
        let mut db = self.connect();
        migrate_shared(&mut db).unwrap();
        db
    }

    fn run_outside(&self, sql: &str) {
        let mut db = Connection::connect(&self.server, Purpose::Write).unwrap();
        db.postgres().unwrap().run(sql).unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.run_outside(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

#[test]
fn every_statement_prepares_for_one_and_for_many() {
    let schema = Schema::new("prepares");
    let mut db = schema.migrated();
    for sql in statements::all() {
        let prepared = db.postgres().unwrap().prepare_every_form(sql);
        prepared.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[test]
fn statements_that_are_asked_together_may_find_more_than_the_line_holds() {
    let schema = Schema::new("together");
    let mut db = schema.connect();
    // A megabyte for each one of the key.
    let sql = "SELECT repeat('x', 1024) FROM generate_series(1, 1000 * CAST(?1 AS BIGINT))";
    let reading = |keys: &[i64]| Reading {
        sql,
        keys: keys.iter().map(|key| vec![Value::Int(*key)]).collect(),
        is_in_turn: true,
    };
    let mut found = [0, 0, 0];
    db.begin_reading().unwrap();
    let read = db.read_together(&[reading(&[1, 2]), reading(&[]), reading(&[2])], |number, row| {
        found[number] += row.text(0)?.len();
        Ok(())
    });
    read.unwrap();
    assert_eq!(found, [3_072_000, 0, 2_048_000]);
}

#[test]
fn every_table_and_column_is_copied() {
    let schema = Schema::new("copied");
    let mut db = schema.migrated();
    let columns = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT) \
        FROM information_schema.columns WHERE table_schema = current_schema()";
    let found = db.read(columns, &[], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)));
    let mut found: Vec<_> = found.unwrap();
    found.retain(|(table, ..)| !OF_DATABASE.contains(&table.as_str()));
    found.sort();
    let mut copied = Vec::new();
    for table in tables().unwrap() {
        assert!(!table.key.is_empty(), "{} has no key", table.name);
        for sql in [&table.page, &table.insert, &table.count] {
            db.postgres().unwrap().prepare_every_form(sql).unwrap();
        }
        copied.extend(table.columns.iter().map(|(column, kind)| {
            let kind = match kind {
                Kind::Bytes => "bytea",
                Kind::Text => "text",
                Kind::Int => "bigint",
                Kind::Truth => "boolean",
            };
            (table.name.clone(), column.clone(), kind.to_owned())
        }));
    }
    copied.sort();
    assert_eq!(copied, found);
}

#[test]
fn keys_of_tenant_data_begin_with_the_organization() {
    let schema = Schema::new("keys");
    let mut db = schema.migrated();
    let tables = "SELECT CAST(t.relname AS TEXT) FROM pg_class t \
        JOIN pg_namespace n ON n.oid = t.relnamespace \
        WHERE n.nspname = current_schema() AND t.relkind = 'r'";
    let tables = db.read(tables, &[], |row| row.text(0));
    let keys = "SELECT CAST(t.relname AS TEXT), CAST(i.relname AS TEXT), CAST(a.attname AS TEXT) \
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid \
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
        CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(number, place) \
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number \
        WHERE n.nspname = current_schema() AND x.indisunique ORDER BY 1, 2, k.place";
    let keys = db.read(keys, &[], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)));
    check(&tables.unwrap(), &gather(keys.unwrap()));
}

#[test]
fn nodes_that_start_together_migrate_once() {
    let schema = Schema::new("together");
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| schema.migrated())).collect();
        for start in starts {
            start.join().unwrap();
        }
    });
    let mut db = schema.connect();
    let found =
        db.read("SELECT number FROM schema_migrations ORDER BY number", &[], |row| row.int(0));
    let found = found.unwrap();
    assert_eq!(found, (1_i64..).take(found.len()).collect::<Vec<_>>());
}

#[test]
fn a_newer_schema_is_taken_if_it_says_that_it_may_be() {
    let schema = Schema::new("newer");
    let mut db = schema.migrated();
    let note = "INSERT INTO schema_migrations (number, compatible_from) VALUES (?1, ?2)";
    db.write_many(note, [[Value::Int(1_000), Value::Int(1)]]).unwrap();
    migrate_shared(&mut db).unwrap();
    db.write_many(note, [[Value::Int(1_001), Value::Int(1_000)]]).unwrap();
    let refused = migrate_shared(&mut db);
    assert!(matches!(refused, Err(StoreError::Newer { found: 1_001, .. })), "{refused:?}");
}

fn with_numbers(schema: &Schema) -> Connection {
    let mut db = schema.connect();
    let table = "CREATE TABLE numbers (kind TEXT NOT NULL, n BIGINT NOT NULL, odd BOOLEAN, \
        PRIMARY KEY (kind, n))";
    db.postgres().unwrap().run(table).unwrap();
    db
}

const PUT: &str = "INSERT INTO numbers (kind, n, odd) VALUES (?1, ?2, ?3) \
    ON CONFLICT (kind, n) DO UPDATE SET odd = excluded.odd";
const INSERT: &str = "INSERT INTO numbers (kind, n, odd) VALUES (?1, ?2, ?3)";
const FIND: &str = "SELECT kind, n, odd FROM numbers WHERE kind = ?1 ORDER BY n DESC";

fn shown(db: &mut Connection, kinds: &[&str]) -> String {
    let mut shown = String::new();
    let keys = kinds.iter().map(|kind| [Value::from(*kind)]);
    db.read_many(FIND, keys, |row| {
        let odd = if row.truth(2)? { "!" } else { "" };
        write!(shown, "{}{}{odd} ", row.str(0)?, row.int(1)?).unwrap();
        Ok(())
    })
    .unwrap();
    shown
}

#[test]
fn many_keys_are_read_in_their_order_in_one_round_trip() {
    let schema = Schema::new("read_many");
    let mut db = with_numbers(&schema);
    let rows = [("a", 1), ("a", 3), ("b", 2), ("b", 1), ("c", 9)];
    let rows = rows.map(|(kind, n): (&str, i64)| [kind.into(), n.into(), (n % 2 == 1).into()]);
    assert_eq!(db.write_many(PUT, rows).unwrap(), 5);
    assert_eq!(shown(&mut db, &["b", "none", "a", "b"]), "b2 b1! a3! a1! b2 b1! ");
    db.take_round_trips();
    shown(&mut db, &["c", "b", "a"]);
    assert_eq!(db.take_round_trips(), 1);
}

#[test]
fn rows_under_the_same_key_are_written_one_after_the_other_in_one_round_trip() {
    let schema = Schema::new("waves");
    let mut db = with_numbers(&schema);
    let rows = [("a", true), ("b", true), ("a", false), ("b", false), ("a", true)];
    let rows = rows.map(|(kind, odd): (&str, bool)| [kind.into(), 1_i64.into(), odd.into()]);
    db.write_many(PUT, &rows).unwrap();
    db.take_round_trips();
    db.write_many(PUT, &rows).unwrap();
    assert_eq!(db.take_round_trips(), 1);
    assert_eq!(shown(&mut db, &["a", "b"]), "a1! b1 ");
}

#[test]
fn what_is_written_later_goes_out_with_the_commit_which_says_if_it_failed() {
    let schema = Schema::new("later");
    let mut db = with_numbers(&schema);
    let row = || [[Value::from("a"), 1_i64.into(), true.into()]];
    db.write_many(PUT, row()).unwrap();
    db.take_round_trips();
    db.begin().unwrap();
    db.write_later(PUT, row()).unwrap();
    assert_eq!(db.take_round_trips(), 0);
    db.commit().unwrap();
    assert_eq!(db.take_round_trips(), 1);

    db.begin().unwrap();
    db.write_later(INSERT, [[Value::from("z"), 1_i64.into(), true.into()]]).unwrap();
    db.write_later(INSERT, row()).unwrap();
    let refused = db.commit();
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    db.rollback().unwrap();
    assert_eq!(shown(&mut db, &["a", "z"]), "a1! ", "all or nothing");
}

#[test]
fn a_text_with_a_nul_finds_nothing_and_is_kept_without_it() {
    let schema = Schema::new("nul");
    let mut db = with_numbers(&schema);
    assert_eq!(shown(&mut db, &["a\0b"]), "");
    db.write_many(PUT, [["a\0b".into(), 1_i64.into(), false.into()]]).unwrap();
    assert_eq!(shown(&mut db, &["a\u{fffd}b"]), "a\u{fffd}b1 ");
}

#[test]
fn a_connection_that_was_ended_is_opened_again_with_the_next_transaction() {
    let schema = Schema::new("ended");
    let mut db = with_numbers(&schema);
    let own = db.read_one("SELECT CAST(pg_backend_pid() AS BIGINT)", &[], |row| row.int(0));
    db.begin().unwrap();
    db.write_many(PUT, [["a".into(), 1_i64.into(), false.into()]]).unwrap();
    schema.run_outside(&format!("SELECT pg_terminate_backend({})", own.unwrap().unwrap()));
    let lost = loop {
        // Until the end has come.
        if let Err(error) = db.read_one(FIND, &["a".into()], |row| row.int(1)) {
            break error;
        }
    };
    assert!(matches!(lost, StoreError::Lost(_)), "{lost:?}");
    db.rollback().unwrap();
    db.begin().unwrap();
    assert_eq!(shown(&mut db, &["a"]), "", "nothing of it was stored");
    db.commit().unwrap();
}

const TEN: std::time::Duration = std::time::Duration::from_secs(10);

fn join(db: &mut Connection, number: u128) -> Node {
    let id = landfall_domain::id::NodeId::from_uuid(uuid::Uuid::from_u128(number));
    let node = Node { id, name: number.to_string() };
    node::join(db, &node, "1", (TEN, 0)).unwrap();
    node
}

#[test]
fn a_node_whose_time_has_passed_is_removed_by_others_and_can_not_live_on() {
    let schema = Schema::new("dead");
    let mut db = schema.migrated();
    let (late, other) = (join(&mut db, 1), join(&mut db, 2));
    let now = node::renew(&mut db, other.id, 2 * TEN).unwrap().unwrap();
    assert_eq!(node::bury(&mut db, now).unwrap(), [late.clone(), other.clone()]);
    assert!(node::renew(&mut db, late.id, TEN).unwrap().is_some(), "its time is not over");
    assert_eq!(node::bury(&mut db, now + TEN + TEN / 2).unwrap(), [other]);
    assert_eq!(node::renew(&mut db, late.id, TEN).unwrap(), None);
}

#[test]
fn a_node_that_lives_on_at_the_moment_of_its_removal_is_not_removed() {
    let schema = Schema::new("renewing");
    let mut db = schema.migrated();
    let node = join(&mut db, 1);
    let now = node::renew(&mut db, node.id, std::time::Duration::ZERO).unwrap().unwrap();
    let later = now + TEN;
    db.begin().unwrap();
    node::renew(&mut db, node.id, 10 * TEN).unwrap();
    let alive = std::thread::scope(|scope| {
        let burying = scope.spawn(|| node::bury(&mut schema.connect(), later).unwrap());
        // It waits for the renewal, or comes after it: both are to spare the node.
        db.commit().unwrap();
        burying.join().unwrap()
    });
    assert_eq!(alive, [node]);
}

#[test]
fn a_slot_is_taken_once_and_fences_off_who_had_it() {
    let schema = Schema::new("fence");
    let mut db = schema.migrated();
    lease::make(&mut db, 4).unwrap();
    lease::make(&mut db, 4).unwrap();
    let (first, second) = (join(&mut db, 1), join(&mut db, 2));
    let at = |epoch| [0, 1].map(|slot| Fence { slot, epoch });
    let take = |db: &mut Connection, node: &Node, epoch| {
        db.begin().unwrap();
        lease::take(db, node.id, &at(epoch)).unwrap();
        db.commit().unwrap();
        lease::all(db).unwrap().into_iter().filter(|lease| lease.node == Some(node.id)).count()
    };
    assert_eq!(take(&mut db, &first, 0), 2);
    assert_eq!(take(&mut db, &second, 0), 0, "somebody took them since they were looked at");
    assert_eq!(lease::lock(&mut db, &at(1)).unwrap().len(), 2);
    assert_eq!(take(&mut db, &second, 1), 2);
    assert!(lease::lock(&mut db, &at(1)).unwrap().is_empty());
    assert!(!lease::is_held(&mut db, Some(at(1)[0])).unwrap());
    assert!(lease::is_held(&mut db, None).unwrap(), "where there is nothing to be fenced off");
    db.begin().unwrap();
    lease::give_back(&mut db, &at(2)).unwrap();
    db.commit().unwrap();
    assert!(lease::lock(&mut db, &at(2)).unwrap().is_empty(), "what was given back");
}
