//! The ledger over the real store: groups, what happens to neighbours, and that what is loaded is
//! all that decisions look up.

mod differential;
mod fixture;
mod grouping;
mod postgres;
mod trouble;
