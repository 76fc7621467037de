//! How work tells how far it is.

/// Hears of steps and how far each is.
pub trait Progress: Sync {
    /// A step begins; `total` is what [`Progress::advance`] adds up to, 0 if that is not known.
    fn step(&self, name: &str, total: u64);
    /// So much more of the step is done.
    fn advance(&self, by: u64);
}

/// Nobody listens.
impl Progress for () {
    fn step(&self, _name: &str, _total: u64) {}
    fn advance(&self, _by: u64) {}
}
