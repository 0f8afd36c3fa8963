//! All dialects at once: one ledger under many interfaces, and one tenant never meets another.

mod compatibility;
mod routes;
mod tenants;
mod together;
mod world;
