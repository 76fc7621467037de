//! Sources of every kind, collected into a vault: what is stored, what is told, and what is refused.

mod bad_inputs;
mod case;
mod documents;
mod exec;
mod files;
mod git;
mod sample;
mod servers;
mod sqlite;
