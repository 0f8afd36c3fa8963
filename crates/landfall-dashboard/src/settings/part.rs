//! Lists that are held whole and shown in parts.

use serde::{Deserialize, Serialize};

/// Lines of a part.
const LINES: usize = 100;

/// Which part of a list is asked for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Text in the names, in any case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// Lines before it.
    #[serde(skip_serializing_if = "is_zero")]
    from: usize,
    /// Those that are archived, where there are such.
    #[serde(skip_serializing_if = "String::is_empty")]
    archived: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(from: &usize) -> bool {
    *from == 0
}

/// A part of a list.
pub(super) struct Part<T> {
    pub items: Vec<T>,
    /// Lines of the whole list.
    pub total: usize,
    pub q: String,
    /// Whether it lists what is archived.
    pub is_archived: bool,
    pub earlier: Option<String>,
    pub later: Option<String>,
}

impl<T> Part<T> {
    /// Whether there is nothing to list, whatever is looked for.
    pub(super) fn is_bare(&self) -> bool {
        self.items.is_empty() && self.q.is_empty()
    }
}

impl Asked {
    /// Whether those are asked for that are archived.
    pub(super) fn is_archived(&self) -> bool {
        !self.archived.is_empty()
    }

    /// Whether one of the names holds the text.
    pub(super) fn holds(&self, names: &[&str]) -> bool {
        let text = self.q.trim().to_lowercase();
        text.is_empty() || names.iter().any(|name| name.to_lowercase().contains(&text))
    }

    /// Takes a part out of the whole list of a page.
    pub(super) fn part<T>(&self, path: &str, all: Vec<T>) -> Part<T> {
        let total = all.len();
        let from = self.from.min(total);
        let to = |from: usize| {
            let query = serde_urlencoded::to_string(Self { from, ..self.clone() });
            format!("{path}?{}", query.unwrap_or_default())
        };
        Part {
            items: all.into_iter().skip(from).take(LINES).collect(),
            total,
            q: self.q.clone(),
            is_archived: self.is_archived(),
            earlier: (from > 0).then(|| to(from.saturating_sub(LINES))),
            later: (from + LINES < total).then(|| to(from + LINES)),
        }
    }
}
