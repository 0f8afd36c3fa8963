//! What all nodes on one database must have in common.

use landfall_store::installation;

use crate::engine::Engine;
use crate::seal::hex_text;

/// Why a node can't work on a database.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// It would seal secrets that others can't open, and open none of theirs.
    #[error(
        "the secrets in this database are sealed with the master key {noted}, and this node has \
         {given}: give it the key that the other nodes have (LANDFALL_MASTER_KEY, or the file \
         master-key)"
    )]
    OtherMasterKey {
        /// The name of the key that was noted first.
        noted: String,
        /// The name of this node's.
        given: String,
    },
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] crate::error::EngineError),
}

impl Engine {
    /// Notes under which master key secrets are sealed, or refuses another one than was noted first.
    pub async fn claim_master_key(&self) -> Result<(), InstallationError> {
        let (id, given) = self.shared.sealer.key_name();
        let noted = self.write(move |db| installation::claim_master_key(db, &id)).await?;
        if noted == id {
            return Ok(());
        }
        Err(InstallationError::OtherMasterKey { noted: hex_text(&noted), given })
    }
}
