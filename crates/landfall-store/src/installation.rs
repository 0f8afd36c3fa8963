//! What is true of a database as a whole, whoever uses it.

use crate::driver::{Connection, Value};
use crate::error::StoreError;

const CLAIM: &str = "INSERT INTO installation (id, master_key_id) VALUES (1, ?1) \
    ON CONFLICT (id) DO NOTHING";
const NOTE: &str = "INSERT INTO installation (id, master_key_id) VALUES (1, ?1) \
    ON CONFLICT (id) DO UPDATE SET master_key_id = excluded.master_key_id";
const SECRET_OF_WEBHOOK: &str = "SELECT sealed FROM webhooks ORDER BY organization_id, id LIMIT 1";
const SECRET_OF_KEY: &str =
    "SELECT sealed FROM signing_keys ORDER BY organization_id, key_id LIMIT 1";
const MASTER_KEY: &str = "SELECT master_key_id FROM installation WHERE id = 1";

/// Notes under which master key secrets are sealed, unless that was noted before; gives the name of
/// the key that holds.
pub fn claim_master_key(db: &mut Connection, key_id: &[u8; 8]) -> Result<Vec<u8>, StoreError> {
    db.write_later(CLAIM, [[Value::from(key_id)]])?;
    Ok(master_key(db)?.unwrap_or_default())
}

/// The name of the master key that was noted.
pub fn master_key(db: &mut Connection) -> Result<Option<Vec<u8>>, StoreError> {
    db.read_one(MASTER_KEY, &[], |row| Ok(row.bytes(0)?.to_vec()))
}

/// Notes another master key than before.
pub fn note_master_key(db: &mut Connection, key_id: &[u8]) -> Result<(), StoreError> {
    db.write_later(NOTE, [[Value::from(key_id)]])
}

/// A secret as it is sealed, if there is any.
pub fn any_secret(db: &mut Connection) -> Result<Option<Vec<u8>>, StoreError> {
    for sql in [SECRET_OF_WEBHOOK, SECRET_OF_KEY] {
        let found = db.read_one(sql, &[], |row| Ok(row.bytes(0)?.to_vec()))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[CLAIM, NOTE, SECRET_OF_WEBHOOK, SECRET_OF_KEY, MASTER_KEY];
