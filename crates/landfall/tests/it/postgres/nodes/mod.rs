//! Several nodes on one database: they divide the webhooks, and act as one.

mod dividing;
mod edits;
mod fencing;
mod fixture;
mod master_key;
mod processes;
mod unreadable;
mod verbs;
