//! Reading for the interfaces: lists, pages and the matrix.
//!
//! Every list is newest first and paged by id: ids sort by effective time and never change, so a
//! page is one index seek however long the history is.

pub mod builds;
pub mod deployments;
pub mod log;
pub mod status;
pub mod timeline;
pub mod tried;
pub mod versions;

use uuid::Uuid;

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Only what sorts before this id; [`Uuid::max`] for the first page.
    pub before: Uuid,
    /// At most so many.
    pub limit: i64,
}

impl Page {
    /// The first page.
    pub const fn first(limit: i64) -> Self {
        Self { before: Uuid::max(), limit }
    }
}
