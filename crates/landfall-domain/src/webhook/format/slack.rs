//! The Slack format: Block Kit for an incoming webhook, with `text` for notifications.
//!
//! Nothing that came in acts on the way out: `& < >` are escaped, only http(s) URLs become links,
//! and Slack is told to look for nothing else (`verbatim`). Every text is cut before it is
//! inserted, so that no escape or link is ever cut in two.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::EventData;
use crate::view::{EnvironmentRef, Named, RunView};
use crate::webhook::format::{Message, RenderError};

/// A name at most, so that a line of several stays within Slack's 3,000 of a section.
const NAME_CHARS_MAX: usize = 300;
/// An error, reason or description at most, with what stands around it.
const PROSE_CHARS_MAX: usize = 2_500;
/// A link at most; a longer one is left out, since a part of it leads nowhere.
const URL_CHARS_MAX: usize = 1_000;
/// Elements of a context block at most, says Slack.
const CONTEXT_ELEMENTS_MAX: usize = 10;

/// Renders `message`.
pub(super) fn render(message: &Message<'_>) -> Result<Vec<u8>, RenderError> {
    let event = Event {
        data: serde_json::from_str(message.data)?,
        notice: serde_json::from_str(message.data)?,
    };
    let headline = event.headline(message.kind);
    let mut blocks = vec![Block::Section { text: Text::markdown(headline.clone()) }];
    blocks.extend(event.prose().map(|text| Block::Section { text: Text::markdown(text) }));
    let mut elements: Vec<Text> = event.context(message).into_iter().map(Text::markdown).collect();
    elements.truncate(CONTEXT_ELEMENTS_MAX);
    if !elements.is_empty() {
        blocks.push(Block::Context { elements });
    }
    // Notifications show no bold, only its stars.
    let text = headline.replace('*', "");
    Ok(serde_json::to_vec(&Post { text, blocks })?)
}

#[derive(Serialize)]
struct Post {
    text: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Section { text: Text },
    Context { elements: Vec<Text> },
}

#[derive(Serialize)]
struct Text {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "text")]
    markdown: String,
    /// Slack then leaves URLs and names in the text alone.
    verbatim: bool,
}

impl Text {
    const fn markdown(markdown: String) -> Self {
        Self { kind: "mrkdwn", markdown, verbatim: true }
    }
}

struct Event {
    data: EventData,
    notice: Notice,
}

/// What an event about a webhook says beside the rest.
#[derive(Deserialize)]
struct Notice {
    #[serde(default)]
    webhook: Option<Named>,
    #[serde(default)]
    reason: Option<String>,
}

impl Event {
    /// One sentence that says what happened.
    fn headline(&self, kind: &str) -> String {
        let (noun, verb) = kind.split_once('.').unwrap_or((kind, ""));
        match noun {
            "deployment" => self.deployment_headline(verb),
            "build" => self.build_headline(verb),
            "environment" => {
                let environment = self.data.environment.as_ref();
                let name = environment.map(|environment| environment.name.as_str());
                self.catalog_headline("Environment", name, verb)
            }
            "application" => {
                let name = self.data.application.as_ref().map(|named| named.name.as_str());
                self.catalog_headline("Application", name, verb)
            }
            "project" => {
                let name = self.data.project.as_ref().map(|named| named.name.as_str());
                self.catalog_headline("Project", name, verb)
            }
            "webhook" => {
                let name = self.notice.webhook.as_ref().map(|named| named.name.as_str());
                self.catalog_headline("Webhook", name, verb)
            }
            _ => None,
        }
        .unwrap_or_else(|| format!("New event: {}", bold(kind)))
    }

    fn deployment_headline(&self, verb: &str) -> Option<String> {
        let what = self.application_and_version()?;
        let place = bold(&self.data.environment.as_ref()?.name);
        Some(match verb {
            "pending" => format!("{what} is waiting to be deployed to {place}"),
            "started" => format!("{what} is being deployed to {place}"),
            "completed" => format!("{what} was deployed to {place}"),
            "failed" => format!("{what} failed to deploy to {place}"),
            "aborted" => format!("The deployment of {what} to {place} was aborted"),
            "updated" => format!("The deployment of {what} to {place} was updated"),
            "voided" => {
                format!("The deployment of {what} to {place} was voided: it never happened")
            }
            _ => return None,
        })
    }

    fn build_headline(&self, verb: &str) -> Option<String> {
        let what = self.application_and_version()?;
        Some(match verb {
            "pending" => format!("{what} is waiting to be built"),
            "started" => format!("{what} is being built"),
            "completed" => format!("{what} was built"),
            "failed" => format!("{what} failed to build"),
            "aborted" => format!("The build of {what} was aborted"),
            "updated" => format!("The build of {what} was updated"),
            _ => return None,
        })
    }

    /// For everything that is made, changed and done away with.
    fn catalog_headline(&self, noun: &str, name: Option<&str>, verb: &str) -> Option<String> {
        let name = name.map(|name| format!(" {}", bold(name))).unwrap_or_default();
        let former = self.data.former_name.as_deref();
        Some(match (verb, former, &self.data.environment) {
            ("updated", Some(former), _) => {
                format!("{noun}{name} was updated; it was called {}", bold(former))
            }
            ("retired", _, Some(environment)) => {
                format!("{noun}{name} no longer runs in {}", bold(&environment.name))
            }
            ("skipped", ..) => format!("{noun}{name} missed events that were forgotten"),
            ("created" | "updated" | "deleted" | "disabled" | "retired", ..) => {
                format!("{noun}{name} was {verb}")
            }
            _ => return None,
        })
    }

    fn application_and_version(&self) -> Option<String> {
        let application = bold(&self.data.application.as_ref()?.name);
        let version = self.data.version.as_ref().map(|version| one_line(&version.name));
        Some(version.map_or_else(|| application.clone(), |name| format!("{application} {name}")))
    }

    fn run(&self) -> Option<&RunView> {
        self.data.deployment.as_deref().or(self.data.build.as_deref())
    }

    /// What went wrong, or else what it is about.
    fn prose(&self) -> Option<String> {
        let run = self.run();
        let error = run.and_then(|run| run.error.as_ref());
        let voided = run.and_then(|run| run.voided.as_ref());
        let (label, text) = if let Some(voided) = voided {
            ("Reason", voided.reason.as_deref())
        } else if let Some(error) = error {
            ("Error", error.message.as_deref().or(error.code.as_deref()))
        } else if let Some(reason) = &self.notice.reason {
            ("Reason", Some(reason.as_str()))
        } else {
            ("About", run.and_then(|run| run.description.as_deref()))
        };
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        Some(format!("{label}: {}", escaped(text, PROSE_CHARS_MAX)))
    }

    /// Who, how long, where exactly, and where to read on.
    fn context(&self, message: &Message<'_>) -> Vec<String> {
        let data = &self.data;
        let run = self.run();
        let who = run.and_then(actor).or(data.by.as_deref());
        let duration = run.and_then(|run| run.duration_ms).map(Duration::from_millis);
        let replaced = data.previous.as_ref().map(|previous| previous.version.as_str());
        let environment = data.environment.as_ref();
        let is_obvious = |environment: &&EnvironmentRef| {
            environment.name.eq_ignore_ascii_case(environment.kind.as_str())
        };
        let kind = environment.filter(|environment| !is_obvious(environment));
        let facts = [
            who.map(|name| format!("by {}", one_line(name))),
            duration.map(|duration| format!("took {}", in_words(duration))),
            replaced.map(|version| format!("replaced {}", one_line(version))),
            data.project.as_ref().map(|project| format!("project {}", one_line(&project.name))),
            kind.map(|environment| environment.kind.as_str().to_owned()),
            (!data.target.is_empty()).then(|| format!("target {}", one_line(&data.target))),
            data.backfill.then(|| format!("reported late, happened {}", message.at)),
            run.and_then(|run| run.url.as_deref()).and_then(|url| link(url, "CI run")),
            message.base_url.and_then(|url| link(url, "Landfall")),
        ];
        facts.into_iter().flatten().collect()
    }
}

fn actor(run: &RunView) -> Option<&str> {
    let actor = run.actor.as_ref()?;
    let names = [&actor.name, &actor.login, &actor.email];
    names.into_iter().flatten().map(String::as_str).next()
}

fn bold(name: &str) -> String {
    format!("*{}*", one_line(name))
}

/// A name: escaped, cut, and on one line.
fn one_line(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    escaped(&spaced, NAME_CHARS_MAX)
}

/// Escapes as Slack asks (`&`, `<` and `>`), and cuts so that at most `chars_max` characters come
/// out.
fn escaped(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max));
    let mut chars_left = chars_max;
    for c in text.chars() {
        let mut buffer = [0_u8; 4];
        let piece: &str = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            other => other.encode_utf8(&mut buffer),
        };
        // One place is kept for the ellipsis.
        let chars = if piece.starts_with('&') { piece.len() } else { 1 };
        if chars >= chars_left {
            out.push('…');
            break;
        }
        chars_left -= chars;
        out.push_str(piece);
    }
    out
}

/// A link with a fixed title; `None` unless the URL is http(s), in one piece and not too long.
fn link(url: &str, title: &str) -> Option<String> {
    let is_web = ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let breaks = |c: char| c.is_whitespace() || c.is_control();
    if !is_web || url.contains(breaks) {
        return None;
    }
    // A bar would end the URL within Slack's `<url|title>`.
    let target = url.replace('|', "%7C").replace('<', "%3C").replace('>', "%3E");
    let target = target.replace('&', "&amp;");
    (target.chars().count() <= URL_CHARS_MAX).then(|| format!("<{target}|{title}>"))
}

fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes, seconds % 60) {
        (0, 0, 0) => format!("{} ms", duration.as_millis()),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests;
