//! What was done, in a sentence on the page that follows. The word for it is in the address, so the
//! sentences are fixed: nobody can put words of theirs on a page by a link.

use serde::Deserialize;

/// The word in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    told: String,
}

/// The sentences; those that tell of a failure are marked.
const SENTENCES: &[(&str, bool, &str)] = &[
    ("created", true, "The webhook is made. It is sent what happens from now on."),
    ("saved", true, "Saved. No attempt starts with what it was before."),
    ("paused", true, "Paused. What happens meanwhile waits."),
    ("enabled", true, "It sends again."),
    ("rotated", true, "There is a new secret. For 24 hours deliveries are signed with both."),
    ("delivered", true, "Sent again, and delivered."),
    ("failed", false, "Sent again, and it failed. The newest attempt says why."),
    ("skipped", true, "Skipped. It is not tried again."),
    ("started", true, "Started. It goes on if you leave this page."),
    ("stopped", true, "Stopped. Attempts that were under way end."),
    ("deleted", true, "The webhook and its deliveries are deleted."),
];

impl Told {
    /// The sentence, and whether it is a good one.
    pub(super) fn sentence(&self) -> Option<(bool, &'static str)> {
        let found = SENTENCES.iter().find(|(word, ..)| *word == self.told)?;
        Some((found.1, found.2))
    }
}
