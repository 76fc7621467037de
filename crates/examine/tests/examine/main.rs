//! Tests over vaults, processes and the catalog, in one program: each would link the query engine again.

#[cfg(test)]
mod cases_child;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod child;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod populations;
#[cfg(test)]
mod state;
#[cfg(test)]
mod support;
#[cfg(test)]
mod traps;
