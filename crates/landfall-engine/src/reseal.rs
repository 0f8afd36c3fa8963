//! Replacing the master key: every secret is sealed anew, in one transaction with the note of which
//! key holds. So whenever that breaks off, either the old key opens everything or the new one does.

use landfall_store::rows::node;
use landfall_store::rows::secret::{self, Owner, Resealed};
use landfall_store::{Connection, Store, StoreError, installation};
use tokio::sync::oneshot;

use crate::ambient::Ambient;
use crate::seal::{MasterKey, Sealer, hex_text};
use crate::{signing_keys, webhooks};

/// Why secrets were not sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The data is sealed with neither of the keys.
    #[error(
        "nothing was changed: the secrets in this data are sealed with the master key {noted}, and \
         the present key here is {given}"
    )]
    OtherMasterKey {
        /// The name of the key that was noted.
        noted: String,
        /// The name of the key that was given as the present one.
        given: String,
    },
    /// Servers of this data would go on with the old key.
    #[error(
        "nothing was changed: {} on this database: stop every node first (one that was killed is \
         forgotten after 10 seconds)", running(.0)
    )]
    NodesRun(Vec<String>),
    /// The database refused, or a secret does not open.
    #[error("nothing was changed")]
    NotDone(#[source] StoreError),
    /// The database was lost at the end.
    #[error("nobody knows whether the secrets are sealed anew; run it again")]
    Unknown(#[source] StoreError),
}

impl From<StoreError> for ResealError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OutcomeUnknown | StoreError::Closing | StoreError::NotSynced => {
                Self::Unknown(error)
            }
            _ => Self::NotDone(error),
        }
    }
}

fn running(names: &[String]) -> String {
    let verb = if names.len() == 1 { "runs" } else { "run" };
    format!("{} {verb}", names.join(", "))
}

/// What was sealed anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Webhooks.
    pub webhooks: usize,
    /// Signing keys.
    pub signing_keys: usize,
}

/// Seals all secrets under another master key. Servers of this data must be stopped; nodes that run are
/// noticed. Does nothing to what is sealed under that key already, so it may be repeated.
pub async fn reseal(
    store: &Store,
    (old, new): (MasterKey, MasterKey),
    ambient: &Ambient,
) -> Result<Changed, ResealError> {
    let known = [old.id(), new.id()];
    let given = hex_text(&old.id());
    let (sealer, ambient) = (Sealer::new(new, vec![old]), ambient.clone());
    let (give, given_back) = oneshot::channel();
    let is_shared = store.is_shared();
    let job = Box::new(move |db: &mut Connection| {
        let running = if is_shared { node::names_alive(db)? } else { Vec::new() };
        if !running.is_empty() {
            // An error means that the caller went away.
            drop(give.send(Err(ResealError::NodesRun(running))));
            return Ok(());
        }
        let noted = installation::master_key(db)?;
        if let Some(noted) = noted.filter(|noted| !known.iter().any(|key| key == noted.as_slice()))
        {
            let noted = hex_text(&noted);
            drop(give.send(Err(ResealError::OtherMasterKey { noted, given })));
            return Ok(());
        }
        let changed = reseal_all(db, &sealer, &ambient)?;
        installation::note_master_key(db, &sealer.key_name().0)?;
        drop(give.send(Ok(changed)));
        Ok(())
    });
    store.writer.run(job).await?;
    given_back.await.map_err(|_| StoreError::Closing)?
}

fn reseal_all(
    db: &mut Connection,
    sealer: &Sealer,
    ambient: &Ambient,
) -> Result<Changed, StoreError> {
    let (mut changed, mut secrets) = (Changed::default(), Vec::new());
    for (owner, before) in secret::all(db)? {
        if sealer.is_present(&before) {
            continue;
        }
        let place = match &owner {
            Owner::Webhook(organization, id) => {
                changed.webhooks += 1;
                webhooks::bound_to(*organization, *id)
            }
            Owner::SigningKey(organization, id) => {
                changed.signing_keys += 1;
                signing_keys::bound_to(*organization, id)
            }
        };
        let plain = sealer.open(&before, &place);
        let plain = plain.map_err(|error| StoreError::corrupt("secret", error))?;
        let mut nonce = [0; 24];
        ambient.fill(&mut nonce);
        let after = sealer.seal(&plain, &place, nonce);
        secrets.push(Resealed { owner, before, after });
    }
    secret::reseal(db, &secrets)?;
    Ok(changed)
}
