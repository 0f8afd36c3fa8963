//! `/openapi.json`, generated from the code, and `/docs`, which shows it without the internet.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, Ref, RefOr,
    Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::problem::{MEDIA_TYPE, ProblemBody};
use crate::shared::api::Api;

/// The page runs its own scripts and asks its own server only; a browser enforces it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'";

const ABOUT: &str = "What is running where: report builds and deployments, and read what runs \
    where, how it got there and what changed.\n\nEvery request carries an API key: \
    `Authorization: Bearer sk_…`. A key has scopes: `report` reports, `read` reads, `manage` does \
    both and edits, `admin` does everything. Errors are problem details (RFC 9457) whose `code` \
    does not change. Lists come in pages: pass `next` as `cursor` to get the next one. Unknown \
    fields and query parameters are refused by name.";

/// Everything of the document but its paths.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Landfall")
        .description(Some(ABOUT))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(License::new("Apache-2.0")));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("sk_<organization>_<key id>_<secret>");
    let mut components = Components::new();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

/// Adds to every operation how it may fail, which is the same for all of a kind.
pub(super) fn add_problems(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let names_one = path.contains('{');
        for read in [&mut item.get].into_iter().flatten() {
            add(read, names_one, false);
        }
        let writes = [&mut item.post, &mut item.patch, &mut item.delete];
        for write in writes.into_iter().flatten() {
            add(write, names_one, true);
        }
    }
}

fn add(operation: &mut Operation, names_one: bool, writes: bool) {
    let has_body = operation.request_body.is_some();
    let problems = [
        ("400", "A field or parameter is wrong or unknown; `detail` names it", true),
        ("401", "The API key is missing, wrong, expired or revoked", true),
        ("403", "The API key lacks the scope, or a quota is reached", true),
        ("404", "What is named does not exist in this organization", names_one || has_body),
        ("408", "The body did not arrive in time", has_body),
        ("409", "It conflicts with what is there", writes),
        ("413", "The body is too long", has_body),
        ("415", "The body is not declared as JSON", has_body),
        ("422", "Refused by a setting, or the Idempotency-Key was used before", has_body),
        ("429", "Too many requests with this API key", true),
        ("503", "Landfall can't store or read right now; `Retry-After` says when to try", true),
    ];
    for (status, description, _) in problems.into_iter().filter(|(_, _, applies)| *applies) {
        let slot = operation.responses.responses.entry(status.to_owned());
        slot.or_insert_with(|| RefOr::T(problem(description)));
    }
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name(ProblemBody::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}

/// The document as text. It is made when somebody first asks for it, since most servers never are.
static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| super::document().to_json().unwrap_or_default());

/// The document and the page that shows it. Neither tells anything of a tenant, so neither needs a
/// key.
pub(super) fn routes() -> Router<Api> {
    let document = get(async || ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()));
    // Without this, Swagger UI would ask validator.swagger.io to judge the document.
    let config = Config::from("/openapi.json").validator_url("none");
    let page: Router<Api> = SwaggerUi::new("/docs").config(config).into();
    let policy = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static(POLICY),
    );
    page.layer(policy).route("/openapi.json", document)
}
