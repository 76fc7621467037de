//! Tests of the crate from outside, one file a promise. (`cfg(test)` tells the lints that helpers here are tests, too.)

#[cfg(test)]
mod corruption;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod disclosure;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod model;
#[cfg(test)]
mod support;
#[cfg(test)]
mod timestamp;
#[cfg(test)]
mod witness;
