//! What every dialect has in common: limits, credentials, bodies, measuring. No rule of a vendor.

pub mod answer;
pub mod api;
pub mod body;
pub mod credentials;
pub mod fields;
pub mod json;
pub mod layers;
pub mod rejection;
pub mod seen;
pub mod url;
pub mod vendor;
