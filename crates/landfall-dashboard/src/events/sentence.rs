//! What an event says, as a sentence that begins with what it is about.

use landfall_domain::event::EventData;
use landfall_domain::view::RunView;

/// A longer part of a sentence is cut off; the event's own page has it whole.
const WORDS_CHARS_MAX: usize = 160;

/// A part of a sentence.
pub(super) enum Part {
    /// Plain words.
    Words(String),
    /// A name, and where it leads if it has a page.
    Name(String, Option<String>),
    /// A version.
    Version(String),
}

/// A sentence about an event.
#[derive(Default)]
pub(super) struct Sentence {
    /// Its parts, with a space between.
    pub parts: Vec<Part>,
}

/// The class and the shape of an event's mark; those of a run are its status.
pub(super) fn shape_of(kind: &str) -> (&'static str, &'static str) {
    match kind.rsplit_once('.').map_or(kind, |(_, verb)| verb) {
        "completed" => ("completed", "●"),
        "started" => ("started", "◐"),
        "failed" | "disabled" => ("failed", "✕"),
        "pending" => ("pending", "○"),
        "aborted" | "voided" | "retired" => ("aborted", "–"),
        "created" => ("completed", "+"),
        "deleted" => ("failed", "−"),
        "skipped" => ("pending", "…"),
        _ => ("aborted", "·"),
    }
}

impl Sentence {
    /// The sentence of an event whose data is this JSON.
    pub(super) fn of(kind: &str, data: &str) -> Self {
        let Ok(data) = serde_json::from_str::<EventData>(data) else { return Self::default() };
        let mut sentence = Self::default();
        match kind.split_once('.') {
            Some(("deployment", verb)) => sentence.tell_deployment(verb, &data),
            Some(("build", verb)) => sentence.tell_build(verb, &data),
            Some((noun, verb)) => sentence.tell_noun(noun, verb, &data),
            None => {}
        }
        if data.backfill {
            sentence.words(", which was reported long afterwards");
        }
        sentence
    }

    fn tell_deployment(&mut self, verb: &str, data: &EventData) {
        self.subject(data);
        let words = match verb {
            "pending" => "waits to be deployed to",
            "started" => "is being deployed to",
            "completed" if data.became_current == Some(true) => "now runs in",
            "completed" => "was deployed, but is not current, in",
            "failed" => "failed in",
            "aborted" => "was given up in",
            "voided" => "never happened in",
            _ => "has news from",
        };
        self.words(words);
        self.place(data);
        match &data.previous {
            Some(previous) if verb == "completed" => {
                self.words("after");
                self.parts.push(Part::Version(previous.version.clone()));
            }
            _ => self.why(data, data.deployment.as_deref()),
        }
    }

    fn tell_build(&mut self, verb: &str, data: &EventData) {
        self.subject(data);
        self.words(match verb {
            "pending" => "waits to be built",
            "started" => "is being built",
            "completed" => "was built",
            "failed" => "was not built",
            "aborted" => "was given up while it was built",
            _ => "has news from its build",
        });
        self.why(data, data.build.as_deref());
    }

    fn tell_noun(&mut self, noun: &str, verb: &str, data: &EventData) {
        let named = match noun {
            "environment" => data.environment.as_ref().map(|found| (found.code.clone(), found.id)),
            "application" => data.application.as_ref().map(|found| (found.name.clone(), found.id)),
            "project" => data.project.as_ref().map(|found| (found.name.clone(), found.id)),
            _ => data.webhook.as_ref().map(|found| (found.name.clone(), found.id)),
        };
        let has_page = noun != "project" && verb != "deleted";
        if let Some((name, id)) = named {
            self.words(noun);
            let href = has_page.then(|| format!("/{noun}s/{id}"));
            self.parts.push(Part::Name(name, href));
        }
        match (verb, &data.former_name) {
            ("updated", Some(former)) => self.words(&format!("was {former} before")),
            ("updated", None) => self.words("was changed"),
            ("created", _) => self.words("was made"),
            ("retired", _) => {
                self.words("no longer runs in");
                self.place(data);
            }
            ("skipped", _) => self.words("missed events that were forgotten"),
            _ => self.words(&format!("was {verb}")),
        }
        self.why(data, None);
    }

    /// The application and the version.
    fn subject(&mut self, data: &EventData) {
        if let Some(application) = &data.application {
            let href = format!("/applications/{}", application.id);
            self.parts.push(Part::Name(application.name.clone(), Some(href)));
        }
        if let Some(version) = &data.version {
            self.parts.push(Part::Version(version.name.clone()));
        }
    }

    /// The environment, and which part of it.
    fn place(&mut self, data: &EventData) {
        if let Some(environment) = &data.environment {
            let href = format!("/environments/{}", environment.id);
            self.parts.push(Part::Name(environment.code.clone(), Some(href)));
        }
        if !data.target.is_empty() {
            self.words(&format!("({})", data.target));
        }
    }

    /// Why, where that is told.
    fn why(&mut self, data: &EventData, run: Option<&RunView>) {
        let error = run.and_then(|run| run.error.as_ref()?.message.as_deref());
        if let Some(why) = data.reason.as_deref().or(error) {
            self.words(&format!(": {why}"));
        }
        if let Some(by) = &data.by {
            self.words(&format!("(by {by})"));
        }
    }

    fn words(&mut self, words: &str) {
        let mut short: String = words.chars().take(WORDS_CHARS_MAX).collect();
        if short.len() < words.len() {
            short.push('…');
        }
        self.parts.push(Part::Words(short));
    }
}
