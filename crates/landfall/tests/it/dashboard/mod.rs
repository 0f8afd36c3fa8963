//! The pages for people, as a browser without script gets them.

mod account;
mod browser;
mod events;
mod history;
mod matrix;
mod people;
mod refused;
mod settings;
mod webhooks;
