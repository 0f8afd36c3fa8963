//! Fields of request bodies that every dialect may read alike.

use serde::{Deserialize, Deserializer};

/// A field that may be left out but not emptied.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
