//! Two environments side by side.

use std::collections::BTreeMap;

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog, Environment, Project};
use landfall_domain::id::{ApplicationId, OrganizationId, VersionId};
use landfall_domain::view::{CellView, StandingView};
use landfall_store::queries::status::of_environments;
use landfall_store::queries::versions;
use landfall_store::{Connection, StoreError};

use crate::access::Caller;
use crate::catalog::{applications_in_order, require_environment};
use crate::engine::Engine;
use crate::error::EngineError;

/// How one environment stands to another.
#[derive(Debug)]
pub struct Comparison {
    /// The one that is looked from.
    pub from: Environment,
    /// The one that is looked at.
    pub to: Environment,
    /// Every application and target that runs in either, by project, name and target.
    pub rows: Vec<Difference>,
}

/// What runs of one application in the two.
#[derive(Debug)]
pub struct Difference {
    /// Its project.
    pub project: Project,
    /// The application.
    pub application: Application,
    /// The part of the environments.
    pub target: String,
    /// What runs in the first.
    pub from: Option<StandingView>,
    /// What runs in the second.
    pub to: Option<StandingView>,
    /// How they relate.
    pub relation: Relation,
}

/// How the version in the first environment stands to the one in the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same version runs in both.
    Same,
    /// The first runs a newer version, so many versions ahead.
    Ahead(u64),
    /// The first runs an older version, so many versions behind.
    Behind(u64),
    /// Nothing runs in the second.
    OnlyInFrom,
    /// Nothing runs in the first.
    OnlyInTo,
}

impl Engine {
    /// Compares two environments, named by id, code or former code.
    pub async fn compare(
        &self,
        caller: &Caller,
        from: &str,
        to: &str,
    ) -> Result<Comparison, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let (from, to) = (from.to_owned(), to.to_owned());
        let nouns = self.shared.nouns.clone();
        let compared = self.shared.store.reader.read(move |db| {
            let catalog = nouns.of(db, organization)?;
            let found = require_environment(&catalog, &from)
                .and_then(|from| Ok((from.clone(), require_environment(&catalog, &to)?.clone())));
            match found {
                Ok((from, to)) => read(db, organization, &catalog, from, to).map(Ok),
                Err(refusal) => Ok(Err(refusal)),
            }
        });
        Ok(compared.await??)
    }
}

type Pair = (Option<StandingView>, Option<StandingView>);

fn read(
    db: &mut Connection,
    organization: OrganizationId,
    catalog: &Catalog,
    from: Environment,
    to: Environment,
) -> Result<Comparison, StoreError> {
    let mut pairs: BTreeMap<(ApplicationId, String), Pair> = BTreeMap::new();
    let mut broken = None;
    of_environments(db, organization, &[from.id, to.id], |cell| {
        let view: CellView = match serde_json::from_str(cell.shown) {
            Ok(view) => view,
            Err(error) => {
                broken = Some(StoreError::corrupt("cell", error));
                return;
            }
        };
        let pair = pairs.entry((cell.application, cell.target.to_owned())).or_default();
        if cell.environment == from.id {
            pair.0.clone_from(&view.current);
        }
        if cell.environment == to.id {
            pair.1.clone_from(&view.current);
        }
    })?;
    if let Some(error) = broken {
        return Err(error);
    }
    let mut rows = Vec::new();
    for (project, application) in applications_in_order(catalog) {
        let end = (application.id, "\u{10ffff}".to_owned());
        let own: Vec<_> = pairs
            .range((application.id, String::new())..=end)
            .map(|((_, target), pair)| (target.clone(), pair.clone()))
            .collect();
        for (target, pair) in own {
            if let Some(relation) = relation(db, organization, application.id, &pair)? {
                let (project, application) = (project.clone(), application.clone());
                let (from, to) = pair;
                rows.push(Difference { project, application, target, from, to, relation });
            }
        }
    }
    Ok(Comparison { from, to, rows })
}

fn relation(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    pair: &Pair,
) -> Result<Option<Relation>, StoreError> {
    let (from, to) = match pair {
        (None, None) => return Ok(None),
        (Some(_), None) => return Ok(Some(Relation::OnlyInFrom)),
        (None, Some(_)) => return Ok(Some(Relation::OnlyInTo)),
        (Some(from), Some(to)) => (from.version_id, to.version_id),
    };
    if from == to {
        return Ok(Some(Relation::Same));
    }
    let (from, to) = (VersionId::from_uuid(from), VersionId::from_uuid(to));
    let between =
        versions::count_between(db, organization, application, from.min(to), from.max(to))?;
    Ok(Some(if from > to { Relation::Ahead(between) } else { Relation::Behind(between) }))
}
