//! A set of rows in memory that knows which of them were changed.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};

/// Rows by key, and the keys of those that differ from what is stored.
///
/// Rows are shared with whoever stores them; one that is changed meanwhile is copied first.
#[derive(Clone, Debug)]
pub struct Table<K, V> {
    rows: HashMap<K, Arc<V>>,
    changed: HashSet<K>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: HashMap::default(), changed: HashSet::default() }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Table<K, V> {
    /// Takes in a row as it is stored. A row that is here already is newer, and stays.
    pub fn load(&mut self, key: K, value: V) {
        self.rows.entry(key).or_insert_with(|| Arc::new(value));
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, key: K, value: V) {
        self.changed.insert(key.clone());
        self.rows.insert(key, Arc::new(value));
    }

    /// The row of that key.
    pub fn get<Q: Borrow<K>>(&self, key: Q) -> Option<&V> {
        self.rows.get(key.borrow()).map(Arc::as_ref)
    }

    /// The row of that key, to be changed.
    pub fn get_mut<Q: Borrow<K>>(&mut self, key: Q) -> Option<&mut V> {
        let row = self.rows.get_mut(key.borrow())?;
        self.changed.insert(key.borrow().clone());
        Some(Arc::make_mut(row))
    }

    /// Whether the key has a row.
    pub fn contains<Q: Borrow<K>>(&self, key: Q) -> bool {
        self.rows.contains_key(key.borrow())
    }

    /// Every row, in no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().map(Arc::as_ref)
    }

    /// Every key, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.rows.keys()
    }

    /// Forgets the rows that `keep` does not want, changed or not.
    pub fn retain(&mut self, mut keep: impl FnMut(&K) -> bool) {
        self.rows.retain(|key, _| keep(key));
        self.changed.retain(|key| keep(key));
    }

    /// Hands out the rows that differ from what is stored, in no order; from then on none does.
    pub fn take_changed(&mut self) -> Vec<(K, Arc<V>)> {
        let Self { rows, changed } = self;
        let taken = changed.drain().filter_map(|key| {
            let row = Arc::clone(rows.get(&key)?);
            Some((key, row))
        });
        taken.collect()
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
