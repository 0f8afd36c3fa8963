//! The table of one CI system: how to recognise it, and which variables give which field.
//!
//! A table is data. What a value must look like is a reading (see `readings`), when a variable
//! counts is a [`Condition`]; both are attached to the variable that needs them.

use std::collections::BTreeMap;

use super::readings::{Reading, as_it_is, web_address};
use super::{Detected, Found};

/// Enough for a name or a line of text.
const METADATA_CHARS_MAX: usize = 255;

/// One CI system. Each field lists its sources, of which the first that has a value counts.
pub(super) struct System {
    /// The report's `source_system`.
    pub name: &'static str,
    /// The system is there if all conditions of any of these lists hold.
    pub marks: &'static [&'static [Condition]],
    /// The tag that the run is for, which becomes the version.
    pub tag: &'static [Source],
    pub commit_sha: &'static [Source],
    pub branch: &'static [Source],
    pub repository: &'static [Source],
    pub build_number: &'static [Source],
    pub invoke_id: &'static [Source],
    pub run_url: &'static [Source],
    pub actor: &'static [Source],
    pub actor_email: &'static [Source],
    pub actor_name: &'static [Source],
    pub metadata: &'static [(&'static str, Source)],
}

/// The environment; a variable that is empty or blank counts as absent.
#[derive(Clone, Copy)]
pub(super) struct Variables<'a>(pub &'a BTreeMap<String, String>);

/// Something about the environment that must hold.
#[derive(Clone, Copy)]
pub(super) enum Condition {
    Set(&'static str),
    Unset(&'static str),
    /// The variable has this value, in whatever case.
    Is(&'static str, &'static str),
    IsNot(&'static str, &'static str),
}

/// Where a value comes from.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pattern: Pattern,
    reading: Reading,
    conditions: &'static [Condition],
}

#[derive(Clone, Copy)]
enum Pattern {
    Variable(&'static str),
    Template(&'static str),
}

/// The value of one variable.
pub(super) const fn variable(name: &'static str) -> Source {
    Source { pattern: Pattern::Variable(name), reading: as_it_is, conditions: &[] }
}

/// Several variables in a text, such as `{OWNER}/{NAME}`; nothing if one of them is absent.
///
/// A slash at the end of a value is dropped, so that the template alone says where slashes are.
pub(super) const fn template(text: &'static str) -> Source {
    Source { pattern: Pattern::Template(text), reading: as_it_is, conditions: &[] }
}

impl System {
    /// Has no marks and finds nothing: the base of tables that leave fields out.
    pub(super) const EMPTY: Self = Self {
        name: "",
        marks: &[],
        tag: &[],
        commit_sha: &[],
        branch: &[],
        repository: &[],
        build_number: &[],
        invoke_id: &[],
        run_url: &[],
        actor: &[],
        actor_email: &[],
        actor_name: &[],
        metadata: &[],
    };

    /// Whether the environment is one that this system makes.
    pub(super) fn runs_in(&self, variables: Variables<'_>) -> bool {
        self.marks.iter().any(|mark| mark.iter().all(|condition| condition.holds(variables)))
    }

    /// Everything that the table finds; the application's name is derived later.
    pub(super) fn read(&self, variables: Variables<'_>) -> Detected {
        let first = |sources: &[Source]| sources.iter().find_map(|source| source.read(variables));
        Detected {
            system: Some(self.name),
            application: None,
            version: first(self.tag),
            commit_sha: first(self.commit_sha),
            branch: first(self.branch),
            repository: first(self.repository),
            build_number: first(self.build_number),
            invoke_id: first(self.invoke_id),
            run_url: first(self.run_url)
                .map(|found| Found { value: web_address(&found.value), ..found }),
            actor: first(self.actor),
            actor_email: first(self.actor_email),
            actor_name: first(self.actor_name),
            metadata: self.read_metadata(variables),
        }
    }

    fn read_metadata(&self, variables: Variables<'_>) -> BTreeMap<String, String> {
        let entry = |(key, source): &(&'static str, Source)| {
            Some(((*key).to_owned(), bounded(&source.read(variables)?.value)))
        };
        self.metadata.iter().filter_map(entry).collect()
    }

    /// The names of all variables that give a field, for the documentation's test.
    #[cfg(test)]
    pub(super) fn variables(&self) -> Vec<&'static str> {
        let fields = [
            self.tag,
            self.commit_sha,
            self.branch,
            self.repository,
            self.build_number,
            self.invoke_id,
            self.run_url,
            self.actor,
            self.actor_email,
            self.actor_name,
        ];
        let metadata = self.metadata.iter().map(|(_, source)| source);
        fields.into_iter().flatten().chain(metadata).flat_map(Source::variables).collect()
    }
}

/// The names of all variables that some sources read, each once.
pub(super) fn variables(sources: &[Source]) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for name in sources.iter().flat_map(Source::variables) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A metadata value cut to a sensible length.
pub(super) fn bounded(value: &str) -> String {
    value.chars().take(METADATA_CHARS_MAX).collect()
}

impl<'a> Variables<'a> {
    pub(super) fn find(self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

impl Condition {
    fn holds(self, variables: Variables<'_>) -> bool {
        let is = |name: &str, expected: &str| {
            variables.find(name).is_some_and(|value| value.eq_ignore_ascii_case(expected))
        };
        match self {
            Self::Set(name) => variables.find(name).is_some(),
            Self::Unset(name) => variables.find(name).is_none(),
            Self::Is(name, expected) => is(name, expected),
            Self::IsNot(name, expected) => !is(name, expected),
        }
    }
}

impl Source {
    /// Passes the value through a reading, which may also refuse it.
    pub(super) const fn read_as(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }

    /// Counts only while all of these conditions hold.
    pub(super) const fn only_if(self, conditions: &'static [Condition]) -> Self {
        Self { conditions, ..self }
    }

    fn read(&self, variables: Variables<'_>) -> Option<Found> {
        if !self.conditions.iter().all(|condition| condition.holds(variables)) {
            return None;
        }
        let text = match self.pattern {
            Pattern::Variable(name) => variables.find(name)?.to_owned(),
            Pattern::Template(text) => fill(text, variables)?,
        };
        let value = (self.reading)(&text).filter(|value| !value.trim().is_empty())?;
        Some(Found { value, origin: self.variables().join(" + ") })
    }

    fn variables(&self) -> Vec<&'static str> {
        match self.pattern {
            Pattern::Variable(name) => vec![name],
            Pattern::Template(text) => {
                text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
            }
        }
    }
}

fn fill(template: &str, variables: Variables<'_>) -> Option<String> {
    let mut parts = template.split('{');
    let mut text = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        text.push_str(variables.find(name)?.trim_end_matches('/'));
        text.push_str(rest);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::environment;
    use super::{Condition, METADATA_CHARS_MAX, Variables, bounded, template, variable};

    #[test]
    fn a_template_needs_all_of_its_variables() {
        let variables = environment("HOST=https://ci.example/\nNAME=shop");
        let read = |text| template(text).read(Variables(&variables));

        let found = read("{HOST}/{NAME}/runs").unwrap();

        assert_eq!(found.value, "https://ci.example/shop/runs");
        assert_eq!(found.origin, "HOST + NAME");
        assert_eq!(read("{HOST}/{OWNER}"), None);
    }

    #[test]
    fn a_source_counts_only_while_its_conditions_hold() {
        let variables = environment("NAME=shop\nKIND=Tag");
        let cases: [(&'static [Condition], bool); 11] = [
            (&[], true),
            (&[Condition::Set("KIND"), Condition::Set("OTHER")], false),
            (&[Condition::Set("KIND")], true),
            (&[Condition::Set("OTHER")], false),
            (&[Condition::Unset("OTHER")], true),
            (&[Condition::Unset("KIND")], false),
            (&[Condition::Is("KIND", "tag")], true),
            (&[Condition::Is("KIND", "branch")], false),
            (&[Condition::IsNot("KIND", "branch")], true),
            (&[Condition::IsNot("KIND", "tag")], false),
            (&[Condition::IsNot("OTHER", "tag")], true),
        ];
        for (conditions, expected) in cases {
            let found = variable("NAME").only_if(conditions).read(Variables(&variables));
            assert_eq!(found.is_some(), expected);
        }
    }

    #[test]
    fn metadata_is_cut_between_characters() {
        assert_eq!(bounded(&"é".repeat(300)), "é".repeat(METADATA_CHARS_MAX));
    }
}
