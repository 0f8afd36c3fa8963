//! Locking what lies open only for moments.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after somebody panicked under the lock: what is kept so is whole between any two lines.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
