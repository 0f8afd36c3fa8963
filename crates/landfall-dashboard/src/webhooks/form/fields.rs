//! The fields of the form: which ones a format needs, with what was typed and what is wrong with it.

use super::draft::{Draft, is_on};
use super::formats::FormatOption;
use super::read::Errors;

/// Fields under one heading.
pub(super) struct Section {
    pub title: &'static str,
    pub fields: Vec<Field>,
}

/// One field.
pub(super) struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub error: Option<String>,
    pub control: Control,
}

/// How a field is filled in.
pub(super) enum Control {
    /// One line; its kind, an example, and whether it is code.
    Line { kind: &'static str, example: &'static str, is_code: bool },
    /// One line with names to choose from.
    Names,
    /// Several lines of code.
    Lines { rows: u32 },
    /// A box to mark.
    Mark { is_on: bool },
    /// Several boxes: name, label, and whether it is marked.
    Marks(Vec<(&'static str, bool)>),
    /// One of several words: word, label, and whether it is chosen.
    Choice(Vec<(&'static str, &'static str, bool)>),
}

const TEXT: Control = Control::Line { kind: "text", example: "", is_code: false };
const CODE: Control = Control::Line { kind: "text", example: "", is_code: true };
const NUMBER: Control = Control::Line { kind: "number", example: "", is_code: false };

/// Makes fields from a draft and what is wrong with it.
struct Maker<'a> {
    errors: &'a Errors,
}

impl Maker<'_> {
    fn field(
        &self,
        (name, label): (&'static str, &'static str),
        value: &str,
        control: Control,
        hint: &'static str,
    ) -> Field {
        let error = self.errors.of(name).map(str::to_owned);
        Field { name, label, hint, value: value.to_owned(), error, control }
    }
}

/// The form of a format. A webhook that exists has its own secret already.
pub(super) fn sections(draft: &Draft, errors: &Errors, is_new: bool) -> Vec<Section> {
    let (maker, option) = (Maker { errors }, FormatOption::of_word(&draft.format));
    let mut sections = vec![
        Section { title: "What it is", fields: basics(&maker, draft, option) },
        Section { title: "Which events", fields: filters(&maker, draft) },
        Section { title: "How it sends", fields: pace(&maker, draft) },
    ];
    let secrets = secrets(&maker, draft, option, is_new);
    if !secrets.is_empty() {
        sections.push(Section { title: "Secrets", fields: secrets });
    }
    sections
}

fn basics(maker: &Maker<'_>, draft: &Draft, option: &FormatOption) -> Vec<Field> {
    let url = if option.word == "slack" {
        "https://hooks.slack.com/services/…"
    } else {
        "https://example.com/hooks/landfall"
    };
    let url = Control::Line { kind: "url", example: url, is_code: true };
    let mut fields = vec![
        maker.field(("name", "Name"), &draft.name, TEXT, ""),
        maker.field(("url", "URL"), &draft.url, url, "Where deliveries are posted to."),
    ];
    let template = option.template.map(|is_required| {
        let label = if is_required { "Template" } else { "Payload" };
        let hint = if is_required {
            "JSON. Its strings may hold placeholders."
        } else {
            "A JSON object with Humanitec's variables; empty sends the usual one."
        };
        maker.field(("template", label), &draft.template, Control::Lines { rows: 8 }, hint)
    });
    fields.extend(template);
    fields.push(maker.field(("description", "Description"), &draft.description, TEXT, ""));
    let states = [
        ("enabled", "Sends"),
        ("paused", "Paused: what happens waits"),
        ("disabled", "Disabled: what happens is skipped"),
    ];
    let states =
        states.into_iter().filter(|(word, _)| *word != "paused" || !draft.revision.is_empty());
    let states = states.map(|(word, label)| (word, label, draft.state == word));
    fields.push(maker.field(("state", "State"), "", Control::Choice(states.collect()), ""));
    fields
}

fn filters(maker: &Maker<'_>, draft: &Draft) -> Vec<Field> {
    let kinds = draft.kinds().map(|(kind, is_on)| (kind.as_str(), is_on));
    let history = Control::Mark { is_on: is_on(&draft.history) };
    vec![
        maker.field(
            ("events", "Events"),
            &draft.events,
            Control::Names,
            "Parted by commas; * stands for anything. Empty asks for every event.",
        ),
        maker.field(
            ("projects", "Projects"),
            &draft.projects,
            CODE,
            "Names or patterns; empty means all.",
        ),
        maker.field(("applications", "Applications"), &draft.applications, CODE, ""),
        maker.field(("environments", "Environments"), &draft.environments, CODE, ""),
        maker.field(
            ("types", "Types of environments"),
            "",
            Control::Marks(kinds.into()),
            "None marked means all.",
        ),
        maker.field(
            ("history", "Late reports too"),
            "",
            history,
            "Also what was reported more than 24 hours after it happened.",
        ),
    ]
}

fn pace(maker: &Maker<'_>, draft: &Draft) -> Vec<Field> {
    let ordered = Control::Mark { is_on: is_on(&draft.ordered) };
    vec![
        maker.field(
            ("headers", "Headers"),
            &draft.headers,
            Control::Lines { rows: 2 },
            "One per line, such as Authorization: Bearer ….",
        ),
        maker.field(
            ("ordered", "One by one"),
            "",
            ordered,
            "In the log's order, each waiting until the one before is delivered, dead or skipped.",
        ),
        maker.field(
            ("concurrency", "Attempts at one time"),
            &draft.concurrency,
            NUMBER,
            "1 to 64.",
        ),
        maker.field(
            ("rate", "Attempts per second"),
            &draft.rate,
            NUMBER,
            "Empty is without limit.",
        ),
        maker.field(
            ("timeout", "Bound of an attempt, ms"),
            &draft.timeout,
            NUMBER,
            "100 to 30000.",
        ),
        maker.field(
            ("retries", "Retries after"),
            &draft.retries,
            CODE,
            "Waits from each failed attempt to the next.",
        ),
    ]
}

fn secrets(maker: &Maker<'_>, draft: &Draft, option: &FormatOption, is_new: bool) -> Vec<Field> {
    let hidden = || Control::Line { kind: "password", example: "", is_code: true };
    let mut fields = Vec::new();
    if option.has_vendor_secret {
        let hint = if is_new {
            "What its receivers check deliveries with, beside the signature of all webhooks."
        } else {
            "Empty leaves it as it is."
        };
        fields.push(maker.field(("vendor_secret", "Vendor's secret"), "", hidden(), hint));
        let forget = Control::Mark { is_on: is_on(&draft.forget_vendor_secret) };
        let forget =
            maker.field(("forget_vendor_secret", "Remove the vendor's secret"), "", forget, "");
        fields.extend((!is_new).then_some(forget));
    }
    if is_new {
        let kinds = [
            ("hmac", "HMAC-SHA256, one secret for both ends"),
            ("ed25519", "ed25519, receivers have a public key"),
        ];
        let kinds = kinds.map(|(word, label)| (word, label, draft.signature == word));
        fields.push(maker.field(("signature", "Signature"), "", Control::Choice(kinds.into()), ""));
        fields.push(maker.field(
            ("secret", "Your own secret"),
            "",
            hidden(),
            "whsec_… or whsk_…; empty makes one, which is shown once.",
        ));
    }
    fields
}
