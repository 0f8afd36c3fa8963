//! A set of rows in memory that knows which of them were changed.

use std::borrow::Borrow;
use std::hash::Hash;

use foldhash::{HashMap, HashSet};

/// Rows by key, and the keys of those that differ from what is stored.
#[derive(Clone, Debug)]
pub struct Table<K, V> {
    rows: HashMap<K, V>,
    changed: HashSet<K>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: HashMap::default(), changed: HashSet::default() }
    }
}

impl<K: Eq + Hash + Clone, V> Table<K, V> {
    /// Takes in a row as it is stored. A row that is here already is newer, and stays.
    pub fn load(&mut self, key: K, value: V) {
        self.rows.entry(key).or_insert(value);
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, key: K, value: V) {
        self.changed.insert(key.clone());
        self.rows.insert(key, value);
    }

    /// The row of that key.
    pub fn get<Q: Borrow<K>>(&self, key: Q) -> Option<&V> {
        self.rows.get(key.borrow())
    }

    /// The row of that key, to be changed.
    pub fn get_mut<Q: Borrow<K>>(&mut self, key: Q) -> Option<&mut V> {
        let row = self.rows.get_mut(key.borrow())?;
        self.changed.insert(key.borrow().clone());
        Some(row)
    }

    /// Whether the key has a row.
    pub fn contains<Q: Borrow<K>>(&self, key: Q) -> bool {
        self.rows.contains_key(key.borrow())
    }

    /// Every row, in no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values()
    }

    /// Every key, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.rows.keys()
    }

    /// The rows that differ from what is stored, in no order.
    pub fn changed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.changed.iter().filter_map(|key| Some((key, self.rows.get(key)?)))
    }

    /// Forgets the rows that `keep` does not want, changed or not.
    pub fn retain(&mut self, mut keep: impl FnMut(&K) -> bool) {
        self.rows.retain(|key, _| keep(key));
        self.changed.retain(|key| keep(key));
    }

    /// Says that everything here is stored now.
    pub fn mark_stored(&mut self) {
        self.changed.clear();
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
