//! Attribute sampling: how many items, which, and what a result says. Pure arithmetic and selection; no facts.
//!
//! Method, formulas and bytes: `docs/sampling.md`.
//!
//! Invariant: no floating-point number takes part. A comparison that bounds cannot decide is decided by exact fractions.
//! Invariant: a draw is a function of its seed and its population; it can be done again by anyone who has both.
//! Invariant: nothing here concludes. It says what the numbers support; a person concludes.

mod arithmetic;
mod chance;
mod draw;
mod evaluation;
mod interval;
mod kept;
mod limit;
mod rate;
mod refusal;
mod seed;
mod size;
mod size_table;
mod spread;
mod stages;
mod strata;

pub use chance::{KRounding, Population};
pub use draw::{Draw, DrawPlan, Drawn, DrawnItem, Offer, OutsideMonetary, proportional_sizes};
pub use evaluation::{Evaluation, EvaluationQuestion, SecondStage, Stages, evaluate};
pub use limit::{UpperLimit, upper_limit};
pub use rate::Rate;
pub use refusal::SamplingRefusal;
pub use seed::{Nonce, RANK_ALGORITHM, Ranker, SEED_ALGORITHM, Seed};
pub use size::{Allowed, LARGEST_SIZE, Model, SampleSize, SizeQuestion, discovery_size, sample_size};
pub use size_table::{ItemSizes, LevelSizes, RiskLevel, Share, SizeRule, SizeTable, SizedBy, TabledSize};
pub use spread::{Spread, spread};
pub use stages::{TwoStagePlan, extension_size};
pub use strata::{Strata, StratumBounds};
