//! The `catalog/` folder as one checked value: criteria, objectives, controls, risks, datasets, control tests, policies, calendars.
//!
//! Invariant: a `Catalog` that exists has no dangling id, no unknown key, no uncovered criterion and no test without cases.
//! Invariant: a missing field is an error; nothing here fills one in.
//! Invariant: every file of the folder is read and is part of the digest.

mod calendar;
mod cases;
mod catalog;
mod check;
mod connector;
mod control;
mod control_test;
mod criterion;
mod dataset;
mod error;
mod files;
mod id;
mod objective;
mod policy;
mod policy_text;
mod risk;
mod source;

pub use calendar::Calendar;
pub use cases::{Case, CaseKind, CasesError, Expect, Rows, parse_cases};
pub use catalog::Catalog;
pub use connector::{Connector, Derived};
pub use control::{Automation, Control, Family, Frequency, Nature, Role, Sampling};
pub use control_test::{ControlTest, Parameter, Severity};
pub use criterion::{Applies, Category, Criterion, PointOfFocus, Series};
pub use dataset::{Column, ColumnType, Dataset, DatasetKind, TypeParseError};
pub use error::{CatalogError, Problem};
pub use id::Id;
pub use objective::{Assertion, Industry, Objective, ObjectiveKind};
pub use policy::{FillError, FillProblem, Policy, Requirement, ScopePart, Variable};
pub use risk::{Risk, RiskArea};
