//! `GET /organization`: the caller's own, which the command line looks up by its name.

use axum::extract::State;
use axum::http::HeaderMap;
use landfall_domain::access::Scope;
use landfall_domain::catalog::Organization;
use landfall_domain::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::error::Failure;
use super::request::caller_of;
use super::view::Results;
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// An organization.
#[derive(Serialize)]
pub(super) struct OrganizationView {
    id: Uuid,
    created_at: Timestamp,
    name: String,
    /// Qovery's clients want one of its plans; there is nothing here that a plan would limit.
    plan: &'static str,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        let Organization { id, slug: _, name, settings: _, next_sequence: _, created_at } =
            organization;
        Self { id: id.uuid(), created_at, name, plan: "ENTERPRISE" }
    }
}

/// Qovery, "List user organizations".
pub(super) async fn list_organizations(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Json<Results<OrganizationView>>, Failure> {
    let caller = caller_of(&api, &headers, Scope::Read).await?;
    let own = api.engine.own_organization(&caller).await?;
    Ok(Json(Results { results: vec![own.into()] }))
}
