//! The body of a report: a template that was cut at its placeholders once, and is then only copied.

use anyhow::{Context, bail};

use crate::plan::Deployment;

/// Versioner's body, as its GitHub Action sends it.
const VERSIONER: &str = concat!(
    r#"{"product_name":"{application}","version":"{version}","environment_name":"{environment}","#,
    r#""status":"{status}","source_system":"github","build_number":"{n}","scm_sha":"{sha}","#,
    r#""scm_repository":"acme/{application}","invoke_id":"{invoke_id}","#,
    r#""deploy_url":"https://ci.example.com/acme/{application}/runs/{n}","deployed_by":"octo","#,
    r#""extra_metadata":{"vi_gh_workflow":"deploy","vi_gh_run_attempt":"1"}}"#,
);

/// Text with placeholders: `{application}`, `{environment}`, `{version}`, `{sha}`, `{status}`,
/// `{invoke_id}` and `{n}`. Other braces stand for themselves.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Application,
    Environment,
    Version,
    Sha,
    Status,
    InvokeId,
    Number,
}

impl Template {
    /// The body that Versioner's clients send.
    pub(crate) fn versioner() -> Self {
        Self::parse(VERSIONER).expect("the built-in template names known placeholders")
    }

    /// Cuts the text at its placeholders; a word in braces that is none is refused.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let after = &rest[open + 1..];
            if let Some(word) = word_in_braces(after) {
                literal.push_str(&rest[..open]);
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::named(word)?);
                rest = &after[word.len() + 1..];
            } else {
                literal.push_str(&rest[..=open]);
                rest = after;
            }
        }
        literal.push_str(rest);
        parts.push(Part::Text(literal));
        Ok(Self(parts))
    }

    /// Appends the body of one report. The values are plain names, so nothing needs escaping.
    pub(crate) fn render(&self, deployment: &Deployment<'_>, status: &str, body: &mut Vec<u8>) {
        for part in &self.0 {
            let text = match part {
                Part::Text(text) => text,
                Part::Application => deployment.application,
                Part::Environment => deployment.environment,
                Part::Version => &deployment.version,
                Part::Sha => &deployment.sha,
                Part::Status => status,
                Part::InvokeId => &deployment.invoke_id,
                Part::Number => &deployment.n,
            };
            body.extend_from_slice(text.as_bytes());
        }
    }
}

impl Part {
    fn named(word: &str) -> anyhow::Result<Self> {
        Ok(match word {
            "application" => Self::Application,
            "environment" => Self::Environment,
            "version" => Self::Version,
            "sha" => Self::Sha,
            "status" => Self::Status,
            "invoke_id" => Self::InvokeId,
            "n" => Self::Number,
            _ => bail!(
                "`{{{word}}}` is not a placeholder; there are {{application}}, {{environment}}, \
                 {{version}}, {{sha}}, {{status}}, {{invoke_id}} and {{n}}"
            ),
        })
    }
}

/// The word between an opening brace (already passed) and its closing one, if it is only a word.
fn word_in_braces(after_open: &str) -> Option<&str> {
    let (word, _) = after_open.split_once('}')?;
    let is_word = !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'_'));
    is_word.then_some(word)
}

/// Where the body comes from.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct BodyArgs {
    /// A file with the body's template, instead of Versioner's body. Placeholders, each in braces:
    /// `application`, `environment`, `version`, `sha`, `status`, `invoke_id`, `n`.
    #[arg(long, value_name = "FILE")]
    body: Option<std::path::PathBuf>,
}

impl BodyArgs {
    pub(crate) fn template(&self) -> anyhow::Result<Template> {
        let Some(path) = &self.body else { return Ok(Template::versioner()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the template {}", path.display()))?;
        Template::parse(text.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment() -> Deployment<'static> {
        Deployment {
            application: "shop",
            environment: "live",
            version: "r.3".to_owned(),
            sha: "abc".to_owned(),
            invoke_id: "r-7".to_owned(),
            n: "7".to_owned(),
        }
    }

    fn rendered(template: &Template) -> String {
        let mut body = Vec::new();
        template.render(&deployment(), "started", &mut body);
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        let text = "{application} {environment} {version} {sha} {status} {invoke_id} {n}{n}.";

        let body = rendered(&Template::parse(text).unwrap());

        assert_eq!(body, "shop live r.3 abc started r-7 77.");
    }

    #[test]
    fn braces_of_the_json_itself_stand_for_themselves() {
        for text in ["{}", r#"{"a":{"b":{}}}"#, "{", "}{", "{ n }", "{N}", ""] {
            assert_eq!(rendered(&Template::parse(text).unwrap()), text);
        }
    }

    #[test]
    fn a_misspelt_placeholder_is_refused_by_name() {
        let refused = Template::parse(r#"{"product_name":"{applicaton}"}"#).unwrap_err();

        assert!(refused.to_string().starts_with("`{applicaton}` is not a placeholder"));
    }

    #[test]
    fn the_built_in_body_is_versioners_json() {
        let body: serde_json::Value =
            serde_json::from_str(&rendered(&Template::versioner())).unwrap();

        let expected = serde_json::json!({
            "product_name": "shop", "version": "r.3", "environment_name": "live",
            "status": "started", "source_system": "github", "build_number": "7",
            "scm_sha": "abc", "scm_repository": "acme/shop", "invoke_id": "r-7",
            "deploy_url": "https://ci.example.com/acme/shop/runs/7", "deployed_by": "octo",
            "extra_metadata": {"vi_gh_workflow": "deploy", "vi_gh_run_attempt": "1"},
        });
        assert_eq!(body, expected);
    }
}
