//! Reading the reports that were refused.

use landfall_domain::access::Scope;
use landfall_domain::id::RefusedId;
use landfall_store::queries::Page;
use landfall_store::rows::refused;
pub use landfall_store::rows::refused::StoredRefused;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// A page of refused reports, newest first.
    pub async fn list_refused(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<Vec<StoredRefused>, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let before = RefusedId::from_uuid(page.before);
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| refused::list(db, organization, before, page.limit)).await?)
    }
}
