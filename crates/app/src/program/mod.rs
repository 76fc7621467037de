//! The program in words: what is in scope, the control set, risks and objectives as files that people read and change.

mod control;
mod objective;

pub use control::WrittenControl;
pub use objective::WrittenObjective;
