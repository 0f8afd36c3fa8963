//! Reading the audit log.

use landfall_domain::access::Scope;
use landfall_domain::id::AuditId;
use landfall_store::queries::Page;
use landfall_store::rows::audit;
pub use landfall_store::rows::audit::StoredAudit;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// A page of the audit log, newest first.
    pub async fn list_audit(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<Vec<StoredAudit>, EngineError> {
        caller.require(Scope::Admin)?;
        let organization = caller.organization;
        let before = AuditId::from_uuid(page.before);
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| audit::list(db, organization, before, page.limit)).await?)
    }
}
