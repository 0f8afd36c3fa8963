//! The template format: the user's own JSON, with `${placeholders}` in its strings.
//!
//! Placeholders are found when the template is saved and filled within parsed strings, so that no
//! value can break out of its string, and what was filled in is never looked at again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::webhook::format::placeholder::known_placeholders;
use crate::webhook::format::placeholder::{Fields, Found, Placeholder};
use crate::webhook::format::{Message, RenderError};

/// A user's JSON that was checked when it was saved; serialises as it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Template {
    source: Value,
    root: Node,
}

/// Why a JSON value is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Too much text.
    #[error("a template may have at most {} bytes, not {bytes}", Template::BYTES_MAX)]
    TooLong {
        /// How much it has.
        bytes: usize,
    },
    /// Arrays and objects within each other.
    #[error("a template may nest at most {} deep", Template::DEPTH_MAX)]
    TooDeep,
    /// Too many places to fill.
    #[error("a template may have at most {} placeholders", Template::PLACEHOLDERS_MAX)]
    TooMany,
    /// `${` without an end.
    #[error("`{0}` has no closing brace; write `$${{` for a literal `${{`")]
    Malformed(String),
    /// Not a placeholder that any event can fill.
    #[error("`${{{name}}}` is not a placeholder; known are {}", known_placeholders().join(", "))]
    Unknown {
        /// What was written.
        name: String,
    },
}

/// A part of the JSON, with the places to fill.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// A number, boolean or null, which has none.
    Literal(Value),
    /// A string.
    Text(Vec<Part>),
    Array(Vec<Self>),
    Object(Vec<(Vec<Part>, Self)>),
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

impl Template {
    /// Ample for a body, and small enough to keep many.
    pub const BYTES_MAX: usize = 64 * 1024;
    /// Arrays and objects within each other, at most.
    pub const DEPTH_MAX: usize = 32;
    /// Each is looked up in every event, so their number is the cost of a delivery.
    pub const PLACEHOLDERS_MAX: usize = 500;
    /// A filled body at most; metadata may be inserted many times.
    pub const BODY_BYTES_MAX: usize = 1024 * 1024;

    /// Checks `value` and finds its placeholders.
    pub fn parse(value: Value) -> Result<Self, TemplateError> {
        require_depth(&value, Self::DEPTH_MAX)?;
        let bytes = value.to_string().len();
        if bytes > Self::BYTES_MAX {
            return Err(TemplateError::TooLong { bytes });
        }
        let mut parser = Parser { placeholders_left: Self::PLACEHOLDERS_MAX };
        let root = parser.node(&value)?;
        Ok(Self { source: value, root })
    }

    /// Fills it from `message`.
    pub(super) fn render(&self, message: &Message<'_>) -> Result<Vec<u8>, RenderError> {
        let mut writer = Writer { fields: Fields::of(message)?, body: Vec::new() };
        writer.node(&self.root)?;
        Ok(writer.body)
    }
}

impl TryFrom<Value> for Template {
    type Error = TemplateError;

    fn try_from(value: Value) -> Result<Self, TemplateError> {
        Self::parse(value)
    }
}

impl From<Template> for Value {
    fn from(template: Template) -> Self {
        template.source
    }
}

fn require_depth(value: &Value, depth_left: usize) -> Result<(), TemplateError> {
    let Some(depth_within) = depth_left.checked_sub(1) else {
        return match value {
            Value::Array(_) | Value::Object(_) => Err(TemplateError::TooDeep),
            _ => Ok(()),
        };
    };
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| require_depth(item, depth_within)),
        Value::Object(fields) => {
            fields.values().try_for_each(|field| require_depth(field, depth_within))
        }
        _ => Ok(()),
    }
}

struct Parser {
    placeholders_left: usize,
}

impl Parser {
    fn node(&mut self, value: &Value) -> Result<Node, TemplateError> {
        Ok(match value {
            Value::String(text) => Node::Text(self.parts(text)?),
            Value::Array(items) => {
                Node::Array(items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let fields =
                    fields.iter().map(|(key, field)| Ok((self.parts(key)?, self.node(field)?)));
                Node::Object(fields.collect::<Result<_, TemplateError>>()?)
            }
            literal => Node::Literal(literal.clone()),
        })
    }

    fn parts(&mut self, text: &str) -> Result<Vec<Part>, TemplateError> {
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some((before, from)) = rest.find("${").map(|start| rest.split_at(start)) {
            if let Some(before) = before.strip_suffix('$') {
                literal.push_str(before);
                literal.push_str("${");
                rest = &from["${".len()..];
                continue;
            }
            literal.push_str(before);
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            let (name, behind) = name_of(from)?;
            parts.push(Part::Placeholder(self.placeholder(name)?));
            rest = behind;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(parts)
    }

    fn placeholder(&mut self, name: &str) -> Result<Placeholder, TemplateError> {
        let left = self.placeholders_left.checked_sub(1).ok_or(TemplateError::TooMany)?;
        self.placeholders_left = left;
        Placeholder::find(name).ok_or_else(|| TemplateError::Unknown { name: shortened(name) })
    }
}

/// Splits `${name}rest` into name and rest.
fn name_of(text: &str) -> Result<(&str, &str), TemplateError> {
    let malformed = || TemplateError::Malformed(shortened(text));
    let (name, rest) = text["${".len()..].split_once('}').ok_or_else(malformed)?;
    if name.contains('{') {
        return Err(malformed());
    }
    Ok((name, rest))
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

struct Writer<'a> {
    fields: Fields<'a>,
    body: Vec<u8>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node) -> Result<(), RenderError> {
        match node {
            Node::Literal(value) => serde_json::to_writer(&mut self.body, value)?,
            Node::Text(parts) => self.text(parts)?,
            Node::Array(items) => self.array(items)?,
            Node::Object(fields) => self.object(fields)?,
        }
        require_room(self.body.len())
    }

    /// A string that is nothing but one placeholder becomes its value, of whatever type.
    fn text(&mut self, parts: &[Part]) -> Result<(), RenderError> {
        if let [Part::Placeholder(placeholder)] = parts {
            match placeholder.value(&self.fields) {
                Some(Found::Json(json)) => self.body.extend_from_slice(json.as_bytes()),
                Some(Found::Text(text)) => serde_json::to_writer(&mut self.body, &text)?,
                None => self.body.extend_from_slice(b"null"),
            }
            return Ok(());
        }
        let text = self.filled(parts)?;
        serde_json::to_writer(&mut self.body, &text)?;
        Ok(())
    }

    fn array(&mut self, items: &[Node]) -> Result<(), RenderError> {
        self.body.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.body.push(b',');
            }
            self.node(item)?;
        }
        self.body.push(b']');
        Ok(())
    }

    /// Two keys may become one by filling; then the last one counts.
    fn object(&mut self, fields: &[(Vec<Part>, Node)]) -> Result<(), RenderError> {
        let mut filled = BTreeMap::new();
        for (key, field) in fields {
            filled.insert(self.filled(key)?, field);
        }
        self.body.push(b'{');
        for (index, (key, field)) in filled.iter().enumerate() {
            if index > 0 {
                self.body.push(b',');
            }
            serde_json::to_writer(&mut self.body, key)?;
            self.body.push(b':');
            self.node(field)?;
        }
        self.body.push(b'}');
        Ok(())
    }

    fn filled(&self, parts: &[Part]) -> Result<String, RenderError> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Placeholder(placeholder) => {
                    text.push_str(&placeholder.text(&self.fields));
                }
            }
            require_room(text.len())?;
        }
        Ok(text)
    }
}

pub(super) const fn require_room(bytes: usize) -> Result<(), RenderError> {
    if bytes > Template::BODY_BYTES_MAX {
        return Err(RenderError::TooLong { bytes_max: Template::BODY_BYTES_MAX });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
