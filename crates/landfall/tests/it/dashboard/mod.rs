//! The pages for people, as a browser without script gets them.

mod browser;
mod events;
mod history;
mod refused;
mod settings;
mod webhooks;
