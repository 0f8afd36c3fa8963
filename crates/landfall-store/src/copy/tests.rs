//! Copies on this engine: to PostgreSQL and back where the tests have one, else to another file.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::Store;
use crate::checks::postgres::Schema;
use crate::driver::{Connection, Purpose, Value};
use crate::migrate::{found_schema, known, migrate_first};
use crate::open::data_file;

const ORGANIZATION: &str = "INSERT INTO organizations \
    (id, slug, name, settings, next_sequence, next_key, created_at) \
    VALUES (?1, 'acme', 'Ä', '{}', 1, 1, -5)";
const AUDIT: &str = "INSERT INTO audit_log (organization_id, id, at, key_id, action, subject) \
    VALUES (?1, ?2, ?3, 'k1', 'key.created', ?4)";
const REFUSED: &str = "INSERT INTO refused_reports \
    (organization_id, id, at, code, detail, dialect, request, key_id, body) \
    VALUES (?1, ?1, 1, 'c', 'd', 'e', 'f', 'g', ?2)";
const SIGNING_KEY: &str = "INSERT INTO signing_keys \
    (organization_id, key_id, name, sealed, allows_legacy, created_at, revoked_at) \
    VALUES (?1, 'w', 'n', ?2, ?3, 9223372036854775807, NULL)";

/// More than two pages.
const AUDITED: i64 = 1_001;

/// A place of one test, which goes at its end.
pub(crate) enum Held {
    Directory(TempDir),
    Schema(Schema),
}

impl Held {
    pub(crate) fn directory() -> Self {
        Self::Directory(tempfile::tempdir().unwrap())
    }

    /// A PostgreSQL where the tests have one, else another file.
    pub(crate) fn on_this_engine(test: &str) -> Self {
        if std::env::var_os("LANDFALL_TEST_POSTGRES").is_some() {
            return Self::Schema(Schema::new(test));
        }
        Self::directory()
    }

    fn place(&self) -> Place {
        match self {
            Self::Directory(directory) => Place::Directory(directory.path().to_owned()),
            Self::Schema(schema) => Place::Database(Arc::clone(&schema.own)),
        }
    }

    pub(crate) fn open(&self) -> Result<Store, StoreError> {
        match self.place() {
            Place::Directory(directory) => Store::open(&directory),
            Place::Database(address) => Store::connect((*address).clone()),
        }
    }

    pub(crate) fn connect(&self) -> Connection {
        let opened = match self.place() {
            Place::Directory(directory) => Connection::open_writer(&data_file(&directory)),
            Place::Database(address) => Connection::connect(&address, Purpose::Write),
        };
        opened.unwrap()
    }
}

/// A directory with something of every kind.
pub(crate) fn source() -> Held {
    let held = Held::directory();
    held.open().unwrap().close();
    let Place::Directory(directory) = held.place() else { unreachable!("it is one") };
    fill(&data_file(&directory));
    held
}

fn fill(file: &Path) {
    let mut db = Connection::open_writer(file).unwrap();
    let id = Value::Bytes(&[7; 16]);
    db.begin().unwrap();
    db.write_many(ORGANIZATION, [[id.clone()]]).unwrap();
    let audited = (0..AUDITED).map(|number| {
        let mut entry = [0; 16];
        entry[..8].copy_from_slice(&(number * 5 % AUDITED).to_be_bytes());
        let entry = Value::Id(uuid::Uuid::from_bytes(entry));
        [id.clone(), entry, number.into(), format!("subject {number}").into()]
    });
    db.write_many(AUDIT, audited).unwrap();
    db.write_many(REFUSED, [[id.clone(), "a\0b".into()]]).unwrap();
    db.write_many(SIGNING_KEY, [[id.clone(), Value::Bytes(b"\x01K1......sealed"), true.into()]])
        .unwrap();
    db.commit().unwrap();
}

fn key_of(sealed: &[u8]) -> Option<[u8; 8]> {
    sealed.get(1..9)?.try_into().ok()
}

fn copied(from: &Held, to: &Held) -> Result<Copied, StoreError> {
    copy(&from.place(), &to.place(), key_of, &mut |_| ())
}

#[test]
fn data_that_is_copied_there_and_back_is_the_same() {
    let (first, there, back) = (source(), Held::on_this_engine("copy_there"), Held::directory());
    let mut heard = Vec::new();
    let went = copy(&first.place(), &there.place(), key_of, &mut |at| heard.push(*at)).unwrap();
    let came = copied(&there, &back).unwrap();
    assert_eq!(went, came);
    assert_eq!(went.master_key.as_deref(), Some(b"K1......".as_slice()));
    let rows = |name| went.tables.iter().find(|table| table.name == name).unwrap().rows;
    assert_eq!([rows("audit_log"), rows("signing_keys"), rows("cells")], [1_001, 1, 0]);
    let last = heard.last().unwrap();
    assert_eq!((last.stage, last.rows, last.rows_total), (Stage::Checking, 1_004, 1_004));
    // Both are whole: servers open them, and a copy of a copy is one.
    for held in [&there, &back] {
        held.open().unwrap().close();
    }
    let again = Held::on_this_engine("copy_again");
    assert_eq!(copied(&there, &again).unwrap(), went);
}

#[test]
fn a_row_that_is_not_as_it_was_is_found_and_its_table_named() {
    for (sql, told) in [
        ("UPDATE audit_log SET subject = 'other' WHERE at = 600", "audit_log (another checksum)"),
        ("DELETE FROM audit_log WHERE at = 600", "audit_log (1000 rows instead of 1001)"),
    ] {
        let (from, to) = (source(), Held::on_this_engine("copy_differs"));
        let mut is_changed = false;
        let outcome = copy(&from.place(), &to.place(), key_of, &mut |at| {
            if at.stage == Stage::Checking && !is_changed {
                assert_eq!(to.connect().write_many(sql, [[]]).unwrap(), 1);
                is_changed = true;
            }
        });
        let Err(StoreError::Differs(found)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(found, told);
        assert!(matches!(to.open().map(Store::close), Err(StoreError::Incomplete)));
    }
}

#[test]
fn a_copy_that_broke_off_opens_to_nobody_and_begins_afresh() {
    let (from, to) = (source(), Held::on_this_engine("copy_broken"));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        copy(&from.place(), &to.place(), key_of, &mut |at| {
            assert!(at.rows < 600, "the process ends here");
        })
    }));
    assert!(outcome.is_err());
    let refused = to.open().map(Store::close);
    assert!(matches!(refused, Err(StoreError::Incomplete)), "{refused:?}");
    let further = copied(&to, &Held::directory());
    assert!(matches!(further, Err(StoreError::Incomplete)), "{further:?}");

    let copied = copied(&from, &to).unwrap();
    assert_eq!(copied.tables.iter().map(|table| table.rows).sum::<u64>(), 1_004);
    to.open().unwrap().close();
}

#[test]
fn data_is_never_written_over() {
    let (from, to) = (source(), Held::on_this_engine("copy_over"));
    copied(&from, &to).unwrap();
    let refused = copied(&from, &to);
    assert!(matches!(refused, Err(StoreError::NotEmpty(_))), "{refused:?}");
    to.open().unwrap().close();
}

#[test]
fn an_older_source_is_refused_and_left_as_it_is() {
    let (from, to) = (Held::on_this_engine("copy_older"), Held::directory());
    let mut db = from.connect();
    migrate_first(&mut db, known() - 1).unwrap();
    let before = found_schema(&mut db).unwrap();
    let refused = copied(&from, &to);
    let Err(StoreError::Older { found, known }) = refused else { panic!("{refused:?}") };
    assert_eq!((found, known), (before, before + 1));
    assert_eq!(found_schema(&mut db).unwrap(), before);
    assert!(!matches!(to.place(), Place::Directory(at) if data_file(&at).exists()));
}

#[test]
fn a_directory_that_a_server_has_open_is_not_copied() {
    let from = source();
    let server = from.open().unwrap();
    let refused = copied(&from, &Held::directory());
    assert!(matches!(refused, Err(StoreError::InUse(_))), "{refused:?}");
    server.close();
}
