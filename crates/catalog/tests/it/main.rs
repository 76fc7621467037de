//! The catalog of this repository as a whole, and what its loader refuses.

#[cfg(test)]
mod policies;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tidy;
