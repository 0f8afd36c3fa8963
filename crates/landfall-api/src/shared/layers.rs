//! What surrounds every route: tolerance for doubled slashes, measuring, and an answer even to a
//! panic.

use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use landfall_engine::metrics::RequestLabels;
use landfall_engine::trace;
use tower::{Layer, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::api::Api;

/// Puts the layers around the routes.
pub fn wrap(routes: Router, api: Api) -> Router {
    let layers = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(api, measure));
    let inner = routes.layer(layers);
    // A path must be mended before it is routed, so this layer surrounds the router itself.
    let mended = tower::util::MapRequestLayer::new(mend_slashes).layer(inner);
    Router::new().fallback_service(mended)
}

/// Versioner's command line joins a base URL that ends in `/` to a path that begins with one.
fn mend_slashes(mut request: Request) -> Request {
    if request.uri().path().starts_with("//") {
        let rest = request.uri().path().trim_start_matches('/');
        let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
        if let Ok(uri) = format!("/{rest}{query}").parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
    request
}

async fn measure(State(api): State<Api>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let traceparent = request.headers().get("traceparent").and_then(|text| text.to_str().ok());
    let span = trace::request(method, route.as_deref(), traceparent);
    let answer = next.run(request).instrument(span).await;
    // Without a route the path is a stranger's word, which must not become a label.
    let labels = RequestLabels {
        method,
        route: route.unwrap_or_else(|| "none".to_owned()),
        status: answer.status().as_u16(),
    };
    api.engine.metrics().measure_request(&labels, begun.elapsed());
    answer
}

fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
