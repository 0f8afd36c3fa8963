//! One row of an answer, of either engine.

use landfall_domain::identity::Identity;
use landfall_domain::time::Timestamp;
use rusqlite::types::ValueRef;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::error::StoreError;

/// One row of an answer, read by column position from 0.
pub struct Row<'a>(Of<'a>);

enum Of<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> From<&'a rusqlite::Row<'a>> for Row<'a> {
    fn from(row: &'a rusqlite::Row<'a>) -> Self {
        Self(Of::Sqlite(row))
    }
}

impl<'a> From<&'a tokio_postgres::Row> for Row<'a> {
    fn from(row: &'a tokio_postgres::Row) -> Self {
        Self(Of::Postgres(row))
    }
}

impl Row<'_> {
    /// A number.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.owned(column)
    }

    /// A number or NULL.
    pub fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.owned(column)
    }

    /// A boolean.
    pub fn truth(&self, column: usize) -> Result<bool, StoreError> {
        self.owned(column)
    }

    /// A boolean or NULL.
    pub(crate) fn truth_or_null(&self, column: usize) -> Result<Option<bool>, StoreError> {
        self.owned(column)
    }

    /// Bytes or NULL, owned.
    pub(crate) fn bytes_or_null(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.owned(column)
    }

    /// A text, owned.
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        self.owned(column)
    }

    /// A text or NULL, owned.
    pub fn text_or_null(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.owned(column)
    }

    /// A text that lives as long as the row.
    pub fn str(&self, column: usize) -> Result<&str, StoreError> {
        match self.0 {
            Of::Sqlite(row) => {
                let text = row.get_ref(column)?.as_str();
                text.map_err(|error| StoreError::corrupt("text", error))
            }
            Of::Postgres(row) => postgres(row, column),
        }
    }

    /// Bytes that live as long as the row.
    pub fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.0 {
            Of::Sqlite(row) => {
                let bytes = row.get_ref(column)?.as_blob();
                bytes.map_err(|error| StoreError::corrupt("bytes", error))
            }
            Of::Postgres(row) => postgres(row, column),
        }
    }

    /// An id.
    pub fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        Uuid::from_slice(self.bytes(column)?).map_err(|error| StoreError::corrupt("id", error))
    }

    /// An id or NULL.
    pub fn uuid_or_null(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        let is_null = match self.0 {
            Of::Sqlite(row) => matches!(row.get_ref(column)?, ValueRef::Null),
            Of::Postgres(row) => postgres::<Option<&[u8]>>(row, column)?.is_none(),
        };
        if is_null { Ok(None) } else { self.uuid(column).map(Some) }
    }

    /// The identity of a run.
    pub(crate) fn identity(&self, column: usize) -> Result<Identity, StoreError> {
        let bytes = self.bytes(column)?.try_into();
        bytes.map(Identity::from_bytes).map_err(|error| StoreError::corrupt("identity", error))
    }

    /// A time.
    pub fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// A time or NULL.
    pub fn time_or_null(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.int_or_null(column)?.map(Timestamp::from_micros))
    }

    /// A JSON column, parsed.
    pub fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: usize,
        what: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(self.str(column)?).map_err(|error| StoreError::corrupt(what, error))
    }

    fn owned<T>(&self, column: usize) -> Result<T, StoreError>
    where
        T: rusqlite::types::FromSql + for<'r> FromSql<'r>,
    {
        match self.0 {
            Of::Sqlite(row) => Ok(row.get(column)?),
            Of::Postgres(row) => postgres(row, column),
        }
    }
}

fn postgres<'r, T: FromSql<'r>>(
    row: &'r tokio_postgres::Row,
    column: usize,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| StoreError::corrupt("column", error))
}
