//! The pages for people, as a browser without script gets them.

mod browser;
mod history;
mod webhooks;
