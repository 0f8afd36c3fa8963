//! What several fuzz targets check in the same way.

pub mod http;
pub mod rendering;
pub mod world;
