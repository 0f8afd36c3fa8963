//! The facts of a deployment, beside its story.

use landfall_domain::time::Timestamp;
use landfall_domain::view::{ActorView, DeploymentView, Flag, RunView};
use landfall_engine::story::DeploymentStory;

use super::super::repository::Repository;
use super::super::words::{instant, lasted, web_link};

/// One fact.
pub(super) struct Fact {
    pub name: &'static str,
    pub text: String,
    pub href: Option<String>,
    pub is_mono: bool,
    /// The instant, where it is one.
    pub at: Option<Timestamp>,
    /// The link leads to another host.
    pub is_outside: bool,
}

impl Fact {
    fn plain(name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { name, text, href: None, is_mono: false, at: None, is_outside: false }
    }

    fn mono(self) -> Self {
        Self { is_mono: true, ..self }
    }

    fn at(name: &'static str, at: Timestamp) -> Self {
        Self { at: Some(at), ..Self::plain(name, instant(at)) }
    }

    fn inside(self, href: String) -> Self {
        Self { href: Some(href), ..self }
    }

    fn outside(self, href: Option<String>) -> Self {
        Self { href, is_outside: true, ..self }
    }
}

/// The facts that are known.
pub(super) fn facts(story: &DeploymentStory, now: Timestamp) -> Vec<Fact> {
    let view = &story.known.view;
    let mut facts = vec![
        Fact::plain("Application", format!("{} / {}", view.project.name, view.application.name))
            .inside(format!("/applications/{}", view.application.id)),
        Fact::plain("Version", &view.version.name)
            .mono()
            .inside(format!("/versions/{}", view.version.id)),
        Fact::plain("Environment", environment(view))
            .inside(format!("/environments/{}", view.environment.id)),
    ];
    if !view.target.is_empty() {
        facts.push(Fact::plain("Target", &view.target).mono());
    }
    facts.extend(previous(story));
    facts.extend(story.became_current_at.map(|at| Fact::at("Became current", at)));
    facts.extend(times(&view.run, now));
    facts.extend(source(&view.run));
    facts.extend(view.run.flags.iter().map(|flag| Fact::plain("Note", flag_in_words(*flag))));
    facts
}

/// Its code, and its type where the code does not say it already.
fn environment(view: &DeploymentView) -> String {
    let (code, kind) = (&view.environment.code, view.environment.kind.as_str());
    if code == kind { code.clone() } else { format!("{code} · {kind}") }
}

fn previous(story: &DeploymentStory) -> Option<Fact> {
    let previous = story.previous.as_ref()?;
    let fact = Fact::plain("Before it", &previous.version.name).mono();
    Some(fact.inside(format!("/deployments/{}", previous.run.id)))
}

fn times(run: &RunView, now: Timestamp) -> impl Iterator<Item = Fact> {
    let took = run.ended_at.unwrap_or(now).since(run.began_at);
    let is_timed = !took.is_zero() && run.ended_at.is_some();
    let took = is_timed.then(|| Fact::plain("Took", lasted(took)));
    [Some(Fact::at("Began", run.began_at)), run.ended_at.map(|end| Fact::at("Ended", end)), took]
        .into_iter()
        .flatten()
}

fn source(run: &RunView) -> Vec<Fact> {
    let repository = Repository::of(run.repository.as_deref(), run.url.as_deref());
    let mono =
        |name, text: &Option<String>| text.as_ref().map(|text| Fact::plain(name, text).mono());
    let plain = |name, text: &Option<String>| text.as_ref().map(|text| Fact::plain(name, text));
    let commit = run.commit_sha.as_ref().map(|sha| {
        let href = repository.as_ref().and_then(|repository| repository.commit(sha));
        Fact::plain("Commit", sha).mono().outside(href)
    });
    let at = repository.as_ref().map(|repository| repository.url.clone());
    let facts = [
        run.actor.as_ref().map(|actor| Fact::plain("Who", everybody(actor))),
        commit,
        mono("Branch", &run.branch),
        run.repository.as_ref().map(|name| Fact::plain("Repository", name).outside(at)),
        run.url.as_ref().map(|url| Fact::plain("CI run", url).outside(web_link(url))),
        mono("Build number", &run.build_number),
        plain("Source", &run.source_system),
        mono("Source id", &run.source_id),
        mono("Invoke id", &run.invoke_id),
    ];
    let links =
        run.links.iter().map(|link| Fact::plain("Link", &link.title).outside(web_link(&link.url)));
    facts.into_iter().flatten().chain(links).collect()
}

fn everybody(actor: &ActorView) -> String {
    let ActorView { login, name, email } = actor;
    let names: Vec<&str> = [login, name, email].into_iter().flatten().map(String::as_str).collect();
    names.join(" · ")
}

const fn flag_in_words(flag: Flag) -> &'static str {
    match flag {
        Flag::OtherSha => "names another commit than the build of its version",
        Flag::ClockAhead => "told a time ahead of its arrival",
    }
}
