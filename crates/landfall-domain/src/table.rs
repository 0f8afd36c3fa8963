//! A set of rows in memory that knows which of them were changed.

use std::collections::HashMap;
use std::hash::Hash;

/// Rows by key; each remembers whether it differs from what is stored.
#[derive(Clone, Debug)]
pub struct Table<K, V> {
    rows: HashMap<K, Row<V>>,
}

#[derive(Clone, Debug)]
struct Row<V> {
    value: V,
    changed: bool,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: HashMap::new() }
    }
}

impl<K: Eq + Hash + Copy, V> Table<K, V> {
    /// Takes in a row as it is stored. A row that is here already is newer, and stays.
    pub fn load(&mut self, key: K, value: V) {
        self.rows.entry(key).or_insert(Row { value, changed: false });
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, key: K, value: V) {
        self.rows.insert(key, Row { value, changed: true });
    }

    /// The row of that key.
    pub fn get(&self, key: K) -> Option<&V> {
        self.rows.get(&key).map(|row| &row.value)
    }

    /// The row of that key, to be changed.
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.rows.get_mut(&key).map(|row| {
            row.changed = true;
            &mut row.value
        })
    }

    /// Whether the key has a row.
    pub fn contains(&self, key: K) -> bool {
        self.rows.contains_key(&key)
    }

    /// Every row, in no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().map(|row| &row.value)
    }

    /// The rows that differ from what is stored, in no order.
    pub fn changed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().filter(|(_, row)| row.changed).map(|(key, row)| (key, &row.value))
    }

    /// Says that everything here is stored now.
    pub fn mark_stored(&mut self) {
        for row in self.rows.values_mut() {
            row.changed = false;
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
