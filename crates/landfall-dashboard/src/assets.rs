//! Style, script and fonts, which the binary holds. Their address changes with their content, so a
//! browser keeps them for ever.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! asset {
    ($name:literal, $media_type:literal) => {
        Asset {
            name: $name,
            media_type: $media_type,
            bytes: include_bytes!(concat!("../assets/", $name)),
        }
    };
}

const ASSETS: &[Asset] = &[
    asset!("style.css", "text/css; charset=utf-8"),
    asset!("app.js", "text/javascript; charset=utf-8"),
    asset!("matrix.js", "text/javascript; charset=utf-8"),
    asset!("card.js", "text/javascript; charset=utf-8"),
    asset!("live.js", "text/javascript; charset=utf-8"),
    asset!("htmx.js", "text/javascript; charset=utf-8"),
    asset!("icon.svg", "image/svg+xml"),
    asset!("inter.woff2", "font/woff2"),
    asset!("jetbrains-mono.woff2", "font/woff2"),
    asset!("LICENSES.txt", "text/plain; charset=utf-8"),
];

static BASE: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    for asset in ASSETS {
        hasher.update(asset.bytes);
    }
    let digest = hasher.finalize();
    let mut start = [0; 8];
    start.copy_from_slice(&digest[..8]);
    format!("/assets/{:016x}", u64::from_be_bytes(start))
});

/// What the address of every asset begins with.
pub(crate) fn base() -> &'static str {
    &BASE
}

/// The route of the assets.
pub(crate) fn routes() -> Router {
    Router::new().route("/assets/{version}/{name}", get(serve))
}

/// An older address leads to the present content: a page that was open during an upgrade goes on.
async fn serve(Path((_, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_the_style_begins_outside_of_all_blocks() {
        let style = ASSETS.iter().find(|asset| asset.name == "style.css").unwrap();
        let (mut open, text) = (0, std::str::from_utf8(style.bytes).unwrap());
        for line in text.lines() {
            assert!(!line.starts_with("/*") || open == 0, "{line}");
            open += line.matches('{').count();
            open -= line.matches('}').count();
        }
        assert_eq!(open, 0);
    }
}
