//! The checksum of a table: over the values of its rows, in the order of their keys, written down in
//! one way for both engines, so that no function of a database has a part in it.

use sha2::{Digest, Sha256};

use super::rows::Field;
use crate::driver::Value;

/// A checksum in the making.
#[derive(Default)]
pub(super) struct Checksum {
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Checksum {
    /// Takes in the next row: each of its fields with its kind and its length, so that no two rows
    /// are written down alike.
    pub(super) fn add(&mut self, row: &[Field]) {
        self.buffer.clear();
        for field in row {
            match field {
                // PostgreSQL keeps no NUL in a text, so there U+FFFD stands for it.
                Field::Text(text) if text.contains('\0') => {
                    Value::from(text.replace('\0', "\u{fffd}")).append_to(&mut self.buffer);
                }
                other => other.value().append_to(&mut self.buffer),
            }
        }
        self.hash.update(&self.buffer);
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[Field]]) -> [u8; 32] {
        let mut checksum = Checksum::default();
        for row in rows {
            checksum.add(row);
        }
        checksum.finish()
    }

    fn text(text: &str) -> Field {
        Field::Text(text.to_owned())
    }

    #[test]
    fn any_other_value_kind_order_or_border_gives_another_checksum() {
        let plain = of(&[&[text("ab"), text("c"), Field::Null], &[Field::Int(1)]]);
        for other in [
            of(&[&[text("a"), text("bc"), Field::Null], &[Field::Int(1)]]),
            of(&[&[text("ab"), text("d"), Field::Null], &[Field::Int(1)]]),
            of(&[&[text("ab"), text("c"), text("")], &[Field::Int(1)]]),
            of(&[&[text("ab"), text("c"), Field::Null], &[Field::Int(2)]]),
            of(&[&[text("ab"), Field::Bytes(b"c".to_vec()), Field::Null], &[Field::Int(1)]]),
            of(&[&[Field::Int(1)], &[text("ab"), text("c"), Field::Null]]),
            of(&[&[text("ab"), text("c"), Field::Null]]),
        ] {
            assert_ne!(other, plain);
        }
    }

    #[test]
    fn a_nul_counts_as_what_stands_for_it_on_postgres() {
        assert_eq!(of(&[&[text("a\0b")]]), of(&[&[text("a\u{fffd}b")]]));
    }
}
