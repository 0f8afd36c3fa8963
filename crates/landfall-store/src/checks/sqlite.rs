//! The checks on SQLite.

use super::schema::{check, gather};
use super::statements;
use crate::driver::Connection;
use crate::migrate::migrate;
use crate::rows::{build, deployment};

fn migrated() -> Connection {
    let mut db = Connection::open_writer(std::path::Path::new(":memory:")).unwrap();
    migrate(&mut db).unwrap();
    db
}

#[test]
fn every_statement_prepares_on_sqlite() {
    let mut db = migrated();
    for sql in statements::all().filter(|sql| !sql.ends_with("FOR UPDATE")) {
        let prepared = db.sqlite().unwrap().prepare(sql).map(|_| ());
        prepared.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// An environment holds a thousand times as many deployments as an application has there.
#[test]
fn what_is_of_an_application_is_not_looked_for_in_its_whole_environment() {
    let mut db = migrated();
    for sql in statements::all().filter(|sql| sql.contains("application_id = ?")) {
        let plan = plan(&mut db, sql);
        assert!(!plan.contains("deployments_by_environment"), "{sql}\n{plan}");
        let is_history = sql.contains(" d.environment_id BETWEEN ");
        assert!(!is_history || plan.contains("deployments_of_application"), "{sql}\n{plan}");
    }
}

/// By any other index each deployment that there is would be read, for minutes.
#[test]
fn what_is_known_is_read_from_the_indexes_of_identities() {
    let mut db = migrated();
    let of = |sql: &'static str| if sql.contains(" NOT NULL") { "ended" } else { "open" };
    for sql in deployment::IDENTITIES.into_iter().chain(build::IDENTITIES) {
        let table = if sql.contains("deployments") { "deployments" } else { "builds" };
        let plan = plan(&mut db, sql);
        assert!(plan.contains(&format!("{table}_{} ", of(sql))), "{sql}\n{plan}");
    }
}

fn plan(db: &mut Connection, sql: &str) -> String {
    let mut explaining =
        db.sqlite().unwrap().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = explaining.raw_query();
    let mut plan = String::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push_str(&row.get::<_, String>(3).unwrap());
        plan.push('\n');
    }
    plan
}

#[test]
fn keys_of_tenant_data_begin_with_the_organization_on_sqlite() {
    let mut db = migrated();
    let tables =
        db.read("SELECT name FROM sqlite_schema WHERE type = 'table'", &[], |row| row.text(0));
    let keys = "SELECT t.name, i.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, \
        pragma_index_info(i.name) c WHERE t.type = 'table' AND i.\"unique\" \
        ORDER BY t.name, i.name, c.seqno";
    let keys = db.read(keys, &[], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)));
    check(&tables.unwrap(), &gather(keys.unwrap()));
}
