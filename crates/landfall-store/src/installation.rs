//! What is true of a database as a whole, whoever uses it.

use crate::driver::{Connection, Value};
use crate::error::StoreError;

const CLAIM: &str = "INSERT INTO installation (id, master_key_id) VALUES (1, ?1) \
    ON CONFLICT (id) DO NOTHING";
const MASTER_KEY: &str = "SELECT master_key_id FROM installation WHERE id = 1";

/// Notes under which master key secrets are sealed, unless that was noted before; gives the name of
/// the key that holds.
pub fn claim_master_key(db: &mut Connection, key_id: &[u8; 8]) -> Result<Vec<u8>, StoreError> {
    db.write_later(CLAIM, [[Value::from(key_id)]])?;
    let noted = db.read_one(MASTER_KEY, &[], |row| Ok(row.bytes(0)?.to_vec()))?;
    Ok(noted.unwrap_or_default())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[CLAIM, MASTER_KEY];
