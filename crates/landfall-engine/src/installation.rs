//! What all nodes on one database must have in common.

use landfall_store::installation;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::seal::{hex_text, key_of};

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
    /// What is sealed would not open.
    #[error(
        "the secrets in this data are sealed with the master key {sealed}, and the key here is {given}: \
         put that one into the file master-key beside the data, or LANDFALL_MASTER_KEY"
    )]
    KeyMissing {
        /// The name of the key that secrets are sealed with.
        sealed: String,
        /// The name of the key that is here.
        given: String,
    },
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Refuses a master key that does not open the secrets there are: for data that nobody shares, of
    /// which a copy may have come without its key.
    pub async fn check_master_key(&self) -> Result<(), InstallationError> {
        let (id, given) = self.shared.sealer.key_name();
        let found = self.shared.store.reader.read(installation::any_secret).await;
        let sealed = found.map_err(EngineError::from)?.and_then(|sealed| key_of(&sealed));
        match sealed {
            Some(other) if other != id => {
                Err(InstallationError::KeyMissing { sealed: hex_text(&other), given })
            }
            _ => Ok(()),
        }
    }

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
