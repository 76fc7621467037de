//! Running the systems: backups, scheduled jobs, incidents, vendors.

pub(crate) mod backups;
pub(crate) mod incidents;
pub(crate) mod scheduler;
pub(crate) mod systems;
pub(crate) mod vendors;
