//! The vault from outside: through its public functions, on real files and on a disk that fails.

mod compaction;
mod crash;
mod damage;
mod dataset;
mod erasure;
mod objects;
mod sample;
