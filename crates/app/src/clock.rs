//! The clock, as the outside that it is.

use jiff::Timestamp;

/// Tells the moment.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The clock as it stood at a past moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Then(pub(crate) Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
}
