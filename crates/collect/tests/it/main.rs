//! Sources of every kind, collected into a vault: what is stored, what is told, and what is refused.

#[cfg(test)]
mod bad_inputs;
#[cfg(test)]
mod case;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod exec;
#[cfg(test)]
mod files;
#[cfg(test)]
mod git;
#[cfg(test)]
mod products;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod sqlite;
