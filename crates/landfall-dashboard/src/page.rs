//! What all pages show around their content.

use axum::http::{HeaderMap, header};
use landfall_engine::sessions::Session;
use uuid::Uuid;

use crate::assets;
use crate::session::SignedIn;

/// The pages in the bar, in their order.
const TABS: &[(&str, &str)] = &[
    ("/", "What is where"),
    ("/timeline", "Timeline"),
    ("/compare", "Compare"),
    ("/webhooks", "Webhooks"),
    ("/events", "Events"),
    ("/refused", "Refused"),
];

/// What surrounds the content of a page.
pub(crate) struct Page {
    /// `light` or `dark`, where the viewer chose one.
    pub theme: Option<&'static str>,
    /// Where the assets are.
    pub assets: &'static str,
    /// What proves that a form was made by a page of this session.
    pub csrf: String,
    /// The number of the last event that the page holds.
    pub sequence: u64,
    /// The path of the tab that it belongs to.
    pub tab: &'static str,
    /// The organization that is shown.
    pub organization: String,
    /// Its id.
    pub organization_id: Uuid,
    /// The other ones that the viewer may see.
    pub organizations: Vec<(Uuid, String)>,
    /// Who looks.
    pub who: String,
    /// The server's own address, as the browser knows it.
    pub url: String,
    /// How a key of the viewer's looks, without its secret.
    pub key: String,
    /// The pages in the bar.
    pub tabs: &'static [(&'static str, &'static str)],
}

impl Page {
    /// What surrounds a page of a tab.
    pub(crate) fn new(viewer: &SignedIn, tab: &'static str, sequence: u64) -> Self {
        let session = &viewer.session;
        Self {
            theme: viewer.theme,
            assets: assets::base(),
            csrf: session.csrf(),
            sequence,
            tab,
            organization: session.organization_name().to_owned(),
            organization_id: viewer.caller.organization.uuid(),
            organizations: others(session),
            who: viewer.who(),
            url: viewer.url.clone(),
            key: viewer.key_shape(),
            tabs: TABS,
        }
    }

    /// Whether the page belongs to a tab.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.tab == path
    }
}

/// The organizations that are not shown now.
fn others(session: &Session) -> Vec<(Uuid, String)> {
    let shown = session.caller().organization;
    let others = session.organizations().iter().filter(|it| it.organization != shown);
    others.map(|it| (it.organization.uuid(), it.name.clone())).collect()
}

/// What surrounds a page that nobody is signed in for.
pub(crate) struct Alone {
    /// `light` or `dark`, where the viewer chose one.
    pub theme: Option<&'static str>,
    /// Where the assets are.
    pub assets: &'static str,
}

impl Alone {
    /// In the theme that the viewer chose.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { theme: theme_of(headers), assets: assets::base() }
    }

    /// In a theme that is known.
    pub(crate) fn themed(theme: Option<&'static str>) -> Self {
        Self { theme, assets: assets::base() }
    }

    /// In whatever theme the viewer's system has.
    pub(crate) fn plain() -> Self {
        Self { theme: None, assets: assets::base() }
    }
}

/// The theme that the viewer chose.
pub(crate) fn theme_of(headers: &HeaderMap) -> Option<&'static str> {
    match cookie(headers, "landfall_theme")? {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let sent = headers.get_all(header::COOKIE).into_iter();
    let pairs = sent.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named.find(|(known, _)| *known == name).map(|(_, value)| value)
}
