//! Decisions, seen from outside: what was sent, what was answered, what stands there now.

mod assignments;
mod backfill;
mod builds;
mod catalog;
mod clocks;
mod commits;
mod corrections;
mod harness;
mod joining;
mod late;
mod memory;
mod permutations;
mod quotas;
mod repeats;
mod rerun;
mod samples;
mod sequences;
mod unfinished;
