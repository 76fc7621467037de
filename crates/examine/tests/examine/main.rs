//! Tests over vaults, processes and the catalog, in one program: each would link the query engine again.

mod catalog;
mod child;
mod outcomes;
mod state;
mod support;
mod traps;
