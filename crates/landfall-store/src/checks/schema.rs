//! The keys of all tables: those of tenant data begin with the organization, so that the data can be
//! divided by it.

use std::collections::BTreeMap;

/// The tables that are no tenant's, and why.
const OF_NO_TENANT: [(&str, &str); 9] = [
    ("organizations", "the tenants themselves"),
    ("users", "a person may be in several organizations"),
    ("sessions", "a person's, found by a token that does not tell the organization"),
    ("installation", "what is true of a database as a whole"),
    ("leases", "what is true of a database as a whole"),
    ("nodes", "what is true of a database as a whole"),
    ("schema_migrations", "what is true of a database as a whole"),
    ("webhook_changes", "what nodes tell each other, in the one order in which it happened"),
    ("webhook_changes_head", "what is true of a database as a whole"),
];

pub(super) fn is_of_tenants(table: &str) -> bool {
    !OF_NO_TENANT.iter().any(|(known, _)| *known == table)
}

/// The columns of each unique key of each table.
pub(super) type Keys = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Gathers rows of table, key and column, in the order of the columns.
pub(super) fn gather(rows: Vec<(String, String, String)>) -> Keys {
    let mut keys = Keys::new();
    for (table, key, column) in rows {
        keys.entry(table).or_default().entry(key).or_default().push(column);
    }
    keys
}

/// Panics unless every table of tenants has a key, and each of its unique keys begins with the
/// organization.
pub(super) fn check(tables: &[String], keys: &Keys) {
    assert!(tables.len() > 20, "only {tables:?}");
    for table in tables.iter().filter(|table| is_of_tenants(table)) {
        let unique = keys.get(table).unwrap_or_else(|| panic!("{table} has no key"));
        for (key, columns) in unique {
            assert_eq!(columns[0], "organization_id", "{key} of {table} is {columns:?}");
        }
    }
}
