//! Tests of the crate from outside, one file a promise.

mod corruption;
mod crash;
mod disclosure;
mod support;
mod timestamp;
mod witness;
