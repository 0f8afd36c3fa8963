//! Landfall's own API, from HTTP request to HTTP answer.

mod access;
mod catalog;
mod log;
mod openapi;
mod problems;
mod reading;
mod reports;
mod schema;
mod server;
