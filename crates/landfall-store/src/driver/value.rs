//! What is bound to placeholders, and how each engine takes it.

use bytes::BytesMut;
use landfall_domain::id::Id;
use landfall_domain::time::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// A value that is bound to a placeholder.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// A number, a time or a boolean.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Text or JSON that was made for this row.
    Owned(String),
    /// An id.
    Id(Uuid),
    /// A hash, or what was packed.
    Bytes(&'a [u8]),
    /// The same, kept.
    OwnedBytes(Vec<u8>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}
impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}
impl<K> From<Id<K>> for Value<'_> {
    fn from(id: Id<K>) -> Self {
        Self::Id(id.uuid())
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}
impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.as_micros())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value<'_> {
    /// The value, for as long as anybody wants it.
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(number),
            Self::Text(text) => Value::Owned(text.to_owned()),
            Self::Owned(text) => Value::Owned(text),
            Self::Id(id) => Value::Id(id),
            Self::Bytes(bytes) => Value::OwnedBytes(bytes.to_vec()),
            Self::OwnedBytes(bytes) => Value::OwnedBytes(bytes),
        }
    }

    /// Appends what tells it from every other value of its column.
    pub(crate) fn append_to(&self, bytes: &mut Vec<u8>) {
        let (kind, content): (u8, &[u8]) = match self {
            Self::Null => (0, &[]),
            Self::Int(number) => (1, &number.to_be_bytes()),
            Self::Text(text) => (2, text.as_bytes()),
            Self::Owned(text) => (2, text.as_bytes()),
            Self::Id(id) => (3, id.as_bytes()),
            Self::Bytes(content) => (3, content),
            Self::OwnedBytes(content) => (3, content),
        };
        bytes.push(kind);
        bytes.extend_from_slice(&content.len().to_be_bytes());
        bytes.extend_from_slice(content);
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Owned(text) => ValueRef::Text(text.as_bytes()),
            Self::Id(id) => ValueRef::Blob(id.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::OwnedBytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

type Failed = Box<dyn std::error::Error + Sync + Send>;

/// PostgreSQL says which type it wants, and is given that: a number may be a boolean there.
impl ToSql for Value<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *wanted == Type::BOOL => (*number != 0).to_sql(wanted, out),
            Self::Int(number) if *wanted == Type::INT8 => number.to_sql(wanted, out),
            Self::Text(text) if *wanted == Type::TEXT => text_to_sql(text, wanted, out),
            Self::Owned(text) if *wanted == Type::TEXT => text_to_sql(text, wanted, out),
            Self::Id(id) if *wanted == Type::BYTEA => id.as_bytes().as_slice().to_sql(wanted, out),
            Self::Bytes(bytes) if *wanted == Type::BYTEA => bytes.to_sql(wanted, out),
            Self::OwnedBytes(bytes) if *wanted == Type::BYTEA => bytes.to_sql(wanted, out),
            other => Err(format!("{other:?} was bound where {wanted} is wanted").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// PostgreSQL keeps no NUL in a text. No name holds one; so what is looked up with one is not found,
/// and what is kept of a request shows where it was.
fn text_to_sql(text: &str, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
    if text.contains('\0') {
        return text.replace('\0', "\u{fffd}").to_sql(wanted, out);
    }
    text.to_sql(wanted, out)
}
