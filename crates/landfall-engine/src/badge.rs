//! Badges: what runs of an application in an environment, for who holds its token.
//!
//! Badges stand in READMEs, which are fetched without anybody signed in. So a badge may have a token
//! that opens this one badge and nothing else: its place, sealed under the master key. Nothing is
//! stored for it, and it ends with the master key that it was made under.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use landfall_domain::access::Scope;
use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId};
use landfall_domain::refusal::Refusal;
use landfall_domain::view::CellView;
use landfall_store::queries::status::of_applications;
use landfall_store::{Connection, StoreError};
use uuid::Uuid;

use crate::access::Caller;
use crate::catalog::require_environment;
use crate::engine::Engine;
use crate::error::EngineError;

/// Bytes of a UUID.
const ID_BYTES: usize = 16;
/// No token is longer than this.
const TOKEN_CHARS_MAX: usize = 256;

/// What a badge says.
#[derive(Clone, Debug)]
pub struct Badge {
    /// The code of the environment.
    pub environment: String,
    /// What runs there; empty if nothing does.
    pub view: CellView,
}

impl Engine {
    /// The token that opens one badge.
    pub fn badge_token(
        &self,
        caller: &Caller,
        application: ApplicationId,
        environment: EnvironmentId,
    ) -> Result<String, EngineError> {
        caller.require(Scope::Read)?;
        let mut nonce = [0; 24];
        self.ambient().fill(&mut nonce);
        let place = place(caller.organization, application, environment);
        let sealed = self.shared.sealer.seal(&[], &place, nonce);
        let organization = caller.organization.uuid();
        Ok(URL_SAFE_NO_PAD.encode([organization.as_bytes().as_slice(), &sealed].concat()))
    }

    /// A badge of the caller's organization.
    pub async fn badge(
        &self,
        caller: &Caller,
        application: Uuid,
        environment: &str,
    ) -> Result<Badge, EngineError> {
        caller.require(Scope::Read)?;
        let found = self.read_badge(caller.organization, application, environment).await?;
        Ok(found.1)
    }

    /// A badge for who holds its token and nothing else. A wrong token is not told from an unknown
    /// badge.
    pub async fn badge_of_token(
        &self,
        application: Uuid,
        environment: &str,
        token: &str,
    ) -> Result<Badge, EngineError> {
        let unknown = || EngineError::from(Refusal::not_found("badge", environment));
        let (organization, sealed) = taken_apart(token).ok_or_else(unknown)?;
        let read = self.read_badge(organization, application, environment).await;
        let (id, badge) = read.map_err(|error| match error {
            EngineError::Refused(_) => unknown(),
            other => other,
        })?;
        let place = place(organization, ApplicationId::from_uuid(application), id);
        self.shared.sealer.open(&sealed, &place).map_err(|_| unknown())?;
        Ok(badge)
    }

    async fn read_badge(
        &self,
        organization: OrganizationId,
        application: Uuid,
        environment: &str,
    ) -> Result<(EnvironmentId, Badge), EngineError> {
        let (id, word) = (ApplicationId::from_uuid(application), environment.to_owned());
        let nouns = self.shared.nouns.clone();
        let read = self.shared.store.reader.read(move |db| {
            let catalog = nouns.of(db, organization)?;
            let live = catalog.applications.get(id).filter(|found| found.deleted_at.is_none());
            let environment = match live {
                None => return Ok(Err(Refusal::not_found("application", &id))),
                Some(_) => match require_environment(&catalog, &word) {
                    Err(refusal) => return Ok(Err(refusal)),
                    Ok(environment) => environment,
                },
            };
            let view = first_cell(db, organization, id, environment.id)?;
            Ok(Ok((environment.id, Badge { environment: environment.code.to_string(), view })))
        });
        Ok(read.await??)
    }
}

/// What is said of an application in an environment: of the first part of it that runs something.
fn first_cell(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    environment: EnvironmentId,
) -> Result<CellView, StoreError> {
    let mut cells: Vec<Result<CellView, _>> = Vec::new();
    of_applications(db, organization, &[application], |cell| {
        if cell.environment == environment {
            cells.push(serde_json::from_str(cell.shown));
        }
    })?;
    let cells: Result<Vec<CellView>, _> = cells.into_iter().collect();
    let cells = cells.map_err(|error| StoreError::corrupt("cell", error))?;
    let running = cells.iter().find(|cell| cell.current.is_some()).or(cells.first());
    let nothing = CellView { current: None, in_progress: None, failed: None };
    Ok(running.cloned().unwrap_or(nothing))
}

fn place(
    organization: OrganizationId,
    application: ApplicationId,
    environment: EnvironmentId,
) -> Vec<u8> {
    let ids = [organization.uuid(), application.uuid(), environment.uuid()];
    ids.iter().fold(b"badge".to_vec(), |place, id| [place.as_slice(), id.as_bytes()].concat())
}

fn taken_apart(token: &str) -> Option<(OrganizationId, Vec<u8>)> {
    let is_short = token.len() <= TOKEN_CHARS_MAX;
    let bytes = is_short.then(|| URL_SAFE_NO_PAD.decode(token).ok()).flatten()?;
    let (id, sealed) = bytes.split_at_checked(ID_BYTES)?;
    Some((OrganizationId::from_uuid(Uuid::from_slice(id).ok()?), sealed.to_vec()))
}
