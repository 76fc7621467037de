//! The vault from outside: through its public functions, on real files and on a disk that fails.

#[cfg(test)]
mod compaction;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod dataset;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod property;
#[cfg(test)]
mod sample;
