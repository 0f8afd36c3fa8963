//! `/signing-keys`: keys of callers that sign their requests, as Envtracker's do. The secret is shown
//! once, when the key is made.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::signing::SigningKey;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::signing_keys::MadeSigningKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of signing keys.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_signing_keys, create_signing_key))
        .routes(routes!(edit_signing_key, revoke_signing_key))
}

/// A signing key, without its secret.
#[derive(Serialize, ToSchema)]
struct SigningKeyView {
    /// Its id, which requests send as `X-Webhook-Key-Id`.
    #[schema(example = "wk_default_k2Xp9QwLrT")]
    key_id: String,
    /// What people call it.
    name: String,
    /// Whether it may report to Envtracker's legacy URL. A signature covers the time and the body,
    /// and that URL says in its path what the body does not: whoever sees a request to it can send it
    /// again to another project, application or environment, until 300 seconds after it was signed.
    /// Requests to the other URLs can not be sent there: it refuses their bodies.
    allows_legacy: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Since then it opens nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<SigningKey> for SigningKeyView {
    fn from(key: SigningKey) -> Self {
        let SigningKey {
            organization: _,
            key_id,
            name,
            allows_legacy,
            created_at,
            revoked_at,
            last_used_at,
        } = key;
        Self { key_id, name, allows_legacy, created_at, revoked_at, last_used_at }
    }
}

/// List signing keys, oldest first.
///
/// Revoked ones too.
#[utoipa::path(get, path = "/api/v1/signing-keys", tag = "signing keys", params(PageQuery),
    responses((status = 200, description = "A page of signing keys", body = Page<SigningKeyView>)))]
async fn list_signing_keys(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<SigningKeyView>>, Problem> {
    caller.require(Scope::Admin)?;
    let paging = query.paging()?;
    let all = api.engine.list_signing_keys(&caller).await?;
    let id = |key: &SigningKey| key.key_id.clone();
    let found = paging.rest(all, id)?;
    Ok(Json(paging.page(found, id).map(Into::into)))
}

/// A signing key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SigningKeyBody {
    /// What people call it.
    #[schema(value_type = String, max_length = 255)]
    name: Text<255>,
    /// Whether it may report to Envtracker's legacy URL, whose path no signature covers.
    #[serde(default = "yes")]
    #[schema(default = true)]
    allows_legacy: bool,
}

const fn yes() -> bool {
    true
}

/// A signing key that was just made.
#[derive(Serialize, ToSchema)]
struct MadeSigningKeyView {
    /// Its id, which requests send as `X-Webhook-Key-Id`.
    #[schema(example = "wk_default_k2Xp9QwLrT")]
    key_id: String,
    /// What people call it.
    name: String,
    /// Whether it may report to Envtracker's legacy URL.
    allows_legacy: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What requests are signed with, as text. It is shown now and never again.
    secret: String,
}

/// Make a signing key.
///
/// Its holder signs `{timestamp}.{body}` with HMAC-SHA256 and the secret as the key, and sends key id,
/// timestamp and signature (lower-case hexadecimal) in `X-Webhook-Key-Id`, `X-Webhook-Timestamp` and
/// `X-Webhook-Signature`. It opens Envtracker's API and nothing else.
#[utoipa::path(post, path = "/api/v1/signing-keys", tag = "signing keys",
    request_body = SigningKeyBody,
    responses((status = 201, description = "The key and its secret, shown once",
        body = MadeSigningKeyView)))]
async fn create_signing_key(
    State(api): State<Api>,
    Sent { caller, body }: Sent<SigningKeyBody>,
) -> Result<(StatusCode, Json<MadeSigningKeyView>), Problem> {
    let SigningKeyBody { name, allows_legacy } = body;
    let made = api.engine.create_signing_key(&caller, name.into_string(), allows_legacy).await?;
    let MadeSigningKey { key, secret } = made;
    let made = MadeSigningKeyView {
        key_id: key.key_id,
        name: key.name,
        allows_legacy: key.allows_legacy,
        created_at: key.created_at,
        secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// What a signing key becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SigningKeyEditBody {
    /// Whether it may report to Envtracker's legacy URL, whose path no signature covers.
    allows_legacy: bool,
}

/// Open or close Envtracker's legacy URL to a signing key.
#[utoipa::path(patch, path = "/api/v1/signing-keys/{key_id}", tag = "signing keys",
    request_body = SigningKeyEditBody,
    params(("key_id" = String, Path, description = "Its id, such as `wk_default_k2Xp9QwLrT`")),
    responses((status = 200, description = "The key as it is now", body = SigningKeyView)))]
async fn edit_signing_key(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<SigningKeyEditBody>,
) -> Result<Json<SigningKeyView>, Problem> {
    Ok(Json(api.engine.allow_legacy(&caller, &word, body.allows_legacy).await?.into()))
}

/// Revoke a signing key.
///
/// It opens nothing from now on.
#[utoipa::path(delete, path = "/api/v1/signing-keys/{key_id}", tag = "signing keys",
    params(("key_id" = String, Path, description = "Its id, such as `wk_default_k2Xp9QwLrT`")),
    responses((status = 204, description = "It is revoked")))]
async fn revoke_signing_key(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    api.engine.revoke_signing_key(&caller, &word).await?;
    Ok(StatusCode::NO_CONTENT)
}
