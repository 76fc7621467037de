//! The one place where pure meets I/O: execute a command, collect, examine, report, verify.
//!
//! Invariant: no HTTP, no HTML and no terminal are known here.

mod adopting;
mod anchoring;
mod body;
mod catalog_index;
mod clock;
mod collecting;
mod control_tests;
mod controls;
mod demo;
mod engagements;
mod entries;
mod error;
mod exceptions;
mod extracts;
mod holding;
mod house;
mod installation;
mod items;
mod key_change;
mod moment;
mod organization_keys;
mod packaging;
mod progress;
mod rows;
mod secrets;
mod sign_in;
mod status;
mod testing;
mod verifying;
mod views;
mod witnessing;

pub use catalog_index::index_of;
pub use clock::{Clock, MachineClock};
pub use collecting::{CollectRequest, Collection, ExtractLine, FailureLine};
pub use control_tests::{ControlTestView, ListedControlTest};
pub use controls::{ControlView, ListedControl, ScoreKind, Scored, StatedVersion};
pub use demo::{Demo, DemoRequest, demo};
pub use engagements::{EngagementView, FirmTestView};
pub use entries::{ENTRIES_ON_PAGE, EntryView, ListedAnchor, ListedEntry};
pub use error::Error;
pub use exceptions::{ExceptionChange, ExceptionStep, ExceptionView, ListedException};
pub use extracts::{ExtractView, ListedExtract};
pub use holding::{HeadLine, LedgerCheckLine, PendingStamp, VaultCheckLine};
pub use house::House;
pub use installation::{Founded, Founding, Installation, Settings, parse_ledger_key};
pub use key_change::{KeyChange, KeyChanged, RecoverySeed};
pub use moment::{Moment, Moments, Unanchored};
pub use packaging::IssuedPackages;
pub use progress::Progress;
pub use rows::{ROWS_ON_PAGE, RowsPage};
pub use secrets::SEALING_KEY_FILE_VARIABLE;
pub use sign_in::{SignIn, SignIns};
pub use status::{CasesLine, EngagementStatus, ExceptionLine, ExceptionRows, Status, check_cases};
pub use testing::{ResultLine, TestRequest, TestRun, spans_of_engagements};
pub use verifying::{LedgerLine, Verdict, Verification, VerifyRequest, verify};

pub use tickmark_canonical::Digest;
pub use tickmark_catalog::Catalog;
pub use tickmark_catalog::{Case, CaseKind, Expect, Rows};
pub use tickmark_domain::{
    Authority, Command, EngagementId, ExceptionState, FirmTest, Outcome, PersonId, RULES_VERSION, RespondToException,
    Role, Score, Span, TestResult,
};
pub use tickmark_examine::{Limits, WORKER_SUBCOMMAND as EXAMINE_WORKER, worker_main as examine_worker};
pub use tickmark_ledger::anchor::witness::Answer;
pub use tickmark_report::seal::FirmSecretKey;
pub use tickmark_sample::DEFAULT_SEED;
