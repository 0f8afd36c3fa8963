//! Everything that is sealed with the master key, to be sealed anew.

use landfall_domain::id::{OrganizationId, WebhookId};

use crate::driver::{Connection, Value};
use crate::error::StoreError;

const OF_WEBHOOKS: &str =
    "SELECT organization_id, id, sealed FROM webhooks ORDER BY organization_id, id";
const OF_SIGNING_KEYS: &str =
    "SELECT organization_id, key_id, sealed FROM signing_keys ORDER BY organization_id, key_id";
const RESEAL_WEBHOOK: &str = "UPDATE webhooks SET sealed = ?3 \
    WHERE organization_id = ?1 AND id = ?2 AND sealed = ?4";
const RESEAL_SIGNING_KEY: &str = "UPDATE signing_keys SET sealed = ?3 \
    WHERE organization_id = ?1 AND key_id = ?2 AND sealed = ?4";

/// Whose secret it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The private part of a webhook.
    Webhook(OrganizationId, WebhookId),
    /// The secret of a signing key.
    SigningKey(OrganizationId, String),
}

/// All secrets as they are sealed, of every organization.
pub fn all(db: &mut Connection) -> Result<Vec<(Owner, Vec<u8>)>, StoreError> {
    let mut found = db.read(OF_WEBHOOKS, &[], |row| {
        let organization = OrganizationId::from_uuid(row.uuid(0)?);
        let owner = Owner::Webhook(organization, WebhookId::from_uuid(row.uuid(1)?));
        Ok((owner, row.bytes(2)?.to_vec()))
    })?;
    found.extend(db.read(OF_SIGNING_KEYS, &[], |row| {
        let organization = OrganizationId::from_uuid(row.uuid(0)?);
        Ok((Owner::SigningKey(organization, row.text(1)?), row.bytes(2)?.to_vec()))
    })?);
    Ok(found)
}

/// A secret as it was sealed, and as it is from now on.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// Whose.
    pub owner: Owner,
    /// As it was read.
    pub before: Vec<u8>,
    /// Under another key.
    pub after: Vec<u8>,
}

/// Replaces secrets that are still as they were read; fails where somebody changed one meanwhile.
pub fn reseal(db: &mut Connection, secrets: &[Resealed]) -> Result<(), StoreError> {
    let (mut webhooks, mut signing_keys) = (Vec::new(), Vec::new());
    for Resealed { owner, before, after } in secrets {
        let (before, after) = (Value::Bytes(before), Value::Bytes(after));
        match owner {
            Owner::Webhook(organization, id) => {
                webhooks.push([(*organization).into(), (*id).into(), after, before]);
            }
            Owner::SigningKey(organization, id) => {
                signing_keys.push([(*organization).into(), id.into(), after, before]);
            }
        }
    }
    let changed = db.write_many(RESEAL_WEBHOOK, webhooks)?
        + db.write_many(RESEAL_SIGNING_KEY, signing_keys)?;
    if changed == secrets.len() as u64 {
        return Ok(());
    }
    Err(StoreError::NotCommitted(
        "a server changed a secret meanwhile; stop all of them".to_owned(),
    ))
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[OF_WEBHOOKS, OF_SIGNING_KEYS, RESEAL_WEBHOOK, RESEAL_SIGNING_KEY];
