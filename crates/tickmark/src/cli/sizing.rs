//! `tickmark sample size|discovery|table|limit|evaluate`: the arithmetic of samples. It needs no installation.

use std::{fmt::Write, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tickmark_app::{
    Error, Frequency, SAMPLE_SIZES_EXAMPLE,
    sampling::{
        Allowed, Evaluation, EvaluationQuestion, KRounding, Model, Population, Rate, RiskLevel, SampleSize,
        SecondStage, SizeQuestion, SizedBy, UpperLimit, discovery_size, evaluate, sample_size, upper_limit,
    },
    size_table,
};

use super::{
    Outcome, example,
    exit::Exit,
    print::Printer,
    table::{grouped, many},
    wrap,
};

/// What to work out about samples.
#[derive(Debug, Subcommand)]
pub enum SizingAct {
    /// The smallest sample for a risk of overreliance and a tolerable rate.
    Size(Size),
    /// The smallest sample that holds at least one of some deviating items, with a probability.
    Discovery(Discovery),
    /// The size that a firm's table gives by frequency or by number of items.
    Table(Table),
    /// The upper limit of the deviation rate that a result leaves open.
    Limit(Limit),
    /// What a result supports, also of a sample that was extended. A person concludes.
    Evaluate(Evaluate),
}

/// The population, if it is counted.
#[derive(Debug, Args)]
pub struct Counted {
    /// Items of the population; without it a population without end.
    #[arg(long, value_name = "ITEMS")]
    pub population: Option<u64>,
    /// How the number of items that deviate at the tolerable rate becomes whole.
    #[arg(long, value_enum, default_value_t = Rounding::Up, requires = "population")]
    pub rounding: Rounding,
}

/// How K becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rounding {
    /// The fewest items that reach the tolerable rate.
    Up,
    /// Never more than the tolerable rate; samples are larger.
    Down,
}

impl Counted {
    fn population(&self) -> Option<Population> {
        let rounding = match self.rounding {
            Rounding::Up => KRounding::Up,
            Rounding::Down => KRounding::Down,
        };
        self.population.map(|items| Population { items, rounding })
    }
}

#[derive(Debug, Args)]
pub struct Size {
    /// Risk of overreliance, in percent.
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub risk: String,
    /// Tolerable rate of deviation, in percent.
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub tolerable: String,
    /// Expected rate of deviation, in percent.
    #[arg(long, value_name = "PERCENT", default_value = "0", allow_hyphen_values = true)]
    pub expected: String,
    /// Deviations that the sample allows, instead of an expected rate.
    #[arg(long, value_name = "DEVIATIONS", conflicts_with = "expected")]
    pub allowed: Option<u64>,
    #[command(flatten)]
    pub counted: Counted,
}

#[derive(Debug, Args)]
pub struct Discovery {
    /// Risk of finding none, in percent.
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub risk: String,
    /// How many items deviate.
    #[arg(long, value_name = "ITEMS")]
    pub deviating: u64,
    /// Items of the population.
    #[arg(long, value_name = "ITEMS")]
    pub population: u64,
}

#[derive(Debug, Args)]
pub struct Table {
    /// How often the control acts.
    #[arg(long, value_enum, required_unless_present_any = ["items", "example"])]
    pub frequency: Option<Often>,
    /// How many items there were: what an event-driven control is sampled by; others are not sampled beyond it.
    #[arg(long)]
    pub items: Option<u64>,
    /// How much depends on the control.
    #[arg(long, value_enum, default_value_t = Level::Usual)]
    pub risk_level: Level,
    /// The firm's own table.
    #[arg(long, value_name = "FILE.toml")]
    pub table: Option<PathBuf>,
    /// Print the table that comes with the program.
    #[arg(long)]
    pub example: bool,
}

/// How often a control acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Often {
    /// A setting that holds at every moment.
    Continuous,
    /// Each time something happens.
    PerEvent,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Twice a month.
    SemiMonthly,
    /// Every month.
    Monthly,
    /// Every quarter.
    Quarterly,
    /// Twice a year.
    SemiAnnual,
    /// Once a year.
    Annual,
}

impl Often {
    const fn frequency(self) -> Frequency {
        match self {
            Self::Continuous => Frequency::Continuous,
            Self::PerEvent => Frequency::PerEvent,
            Self::Daily => Frequency::Daily,
            Self::Weekly => Frequency::Weekly,
            Self::SemiMonthly => Frequency::SemiMonthly,
            Self::Monthly => Frequency::Monthly,
            Self::Quarterly => Frequency::Quarterly,
            Self::SemiAnnual => Frequency::SemiAnnual,
            Self::Annual => Frequency::Annual,
        }
    }
}

/// How much depends on the control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Little.
    Low,
    /// As much as usual.
    Usual,
    /// Much.
    High,
}

impl Level {
    const fn level(self) -> RiskLevel {
        match self {
            Self::Low => RiskLevel::Low,
            Self::Usual => RiskLevel::Usual,
            Self::High => RiskLevel::High,
        }
    }
}

#[derive(Debug, Args)]
pub struct Limit {
    /// Risk of overreliance, in percent.
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub risk: String,
    /// Items tested.
    #[arg(long)]
    pub size: u64,
    /// Deviations found.
    #[arg(long)]
    pub deviations: u64,
    /// Items of the population; without it a population without end.
    #[arg(long, value_name = "ITEMS")]
    pub population: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Evaluate {
    /// Risk of overreliance, in percent.
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub risk: String,
    /// Tolerable rate of deviation, in percent.
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub tolerable: String,
    /// Items tested first.
    #[arg(long)]
    pub size: u64,
    /// Deviations found among them.
    #[arg(long)]
    pub deviations: u64,
    /// Deviations that the plan allowed in them; by default the most that keep the risk.
    #[arg(long, value_name = "DEVIATIONS")]
    pub allowed: Option<u64>,
    /// Items that the plan demanded first, of a table or of `sample size`; by default what keeps the risk.
    #[arg(long, value_name = "ITEMS")]
    pub planned: Option<u64>,
    /// Items of the extension.
    #[arg(long, value_name = "SIZE", requires = "second_deviations")]
    pub second_size: Option<u64>,
    /// Deviations found among them.
    #[arg(long, value_name = "DEVIATIONS", requires = "second_size")]
    pub second_deviations: Option<u64>,
    #[command(flatten)]
    pub counted: Counted,
}

pub fn run(act: &SizingAct, printer: &Printer) -> Outcome {
    match act {
        SizingAct::Size(size) => run_size(size, printer),
        SizingAct::Discovery(discovery) => run_discovery(discovery, printer),
        SizingAct::Table(table) => run_table(table, printer),
        SizingAct::Limit(limit) => run_limit(limit, printer),
        SizingAct::Evaluate(result) => run_evaluate(result, printer),
    }
}

fn rate(text: &str) -> Result<Rate, Error> {
    Ok(text.parse::<Rate>()?)
}

fn run_size(size: &Size, printer: &Printer) -> Outcome {
    let (risk, tolerable, population) = (rate(&size.risk)?, rate(&size.tolerable)?, size.counted.population());
    let allowed = match size.allowed {
        Some(allowed) => Allowed::Deviations(allowed),
        None => Allowed::ExpectedRate(rate(&size.expected)?),
    };
    let found = sample_size(&SizeQuestion { risk, tolerable, allowed, population })?;
    let asked = json!({ "risk": risk, "tolerable": tolerable, "allowed": allowed, "population": population });
    printer.result(&json!({ "asked": asked, "sample": found }), || {
        let deviating = match population {
            Some(_) => "K of them deviate".to_owned(),
            None => format!("{tolerable} % of all deviate"),
        };
        format!("{}\n{}", size_line(&found, population), size_method(&found, risk, &deviating, population))
    });
    Ok(Exit::Done)
}

fn run_discovery(discovery: &Discovery, printer: &Printer) -> Outcome {
    let Discovery { deviating, population: items, .. } = *discovery;
    let risk = rate(&discovery.risk)?;
    let found = discovery_size(risk, deviating, items)?;
    let asked = json!({ "risk": risk, "deviating": deviating, "population": items });
    printer.result(&json!({ "asked": asked, "sample": found }), || {
        format!(
            "{} of {} hold at least one of {} that deviate, with a probability of at least {} %\nhypergeometric, K = {}: the chance of finding none is {} %\nexpected: no deviation. One that is found ends the search: the result is then that items deviate, and no rate",
            many(found.size, "item"),
            grouped(items),
            grouped(deviating),
            risk.rest(),
            grouped(deviating),
            found.achieved_risk
        )
    });
    Ok(Exit::Done)
}

fn size_line(found: &SampleSize, population: Option<Population>) -> String {
    let of = population.map_or(String::new(), |population| format!(" of {}", grouped(population.items)));
    format!("{}{of}, {} allowed", many(found.size, "item"), many(found.allowed, "deviation"))
}

fn size_method(found: &SampleSize, risk: Rate, deviating: &str, population: Option<Population>) -> String {
    let k = k_line(found.deviating, population);
    if found.is_whole && found.achieved_risk == Rate::ZERO {
        return format!("everything is tested: {k} is no more than what a sample would allow, so none could tell");
    }
    format!(
        "{}{k}: the smallest n with P(X <= {}) <= {risk} % where {deviating}; the chance is {} %",
        model(found.model),
        found.allowed,
        found.achieved_risk
    )
}

fn model(model: Model) -> String {
    match model {
        Model::Binomial => "binomial, population without end".to_owned(),
        Model::Hypergeometric => "hypergeometric, ".to_owned(),
    }
}

fn k_line(deviating: Option<u64>, population: Option<Population>) -> String {
    let (Some(k), Some(population)) = (deviating, population) else { return String::new() };
    let rounded = match population.rounding {
        KRounding::Up => "up",
        KRounding::Down => "down",
    };
    format!("K = {} (rounded {rounded})", grouped(k))
}

fn run_table(asked: &Table, printer: &Printer) -> Outcome {
    if asked.example {
        return example::print(SAMPLE_SIZES_EXAMPLE, printer);
    }
    let frequency = asked.frequency.map_or(Frequency::PerEvent, Often::frequency);
    let level = asked.risk_level.level();
    let table = size_table(asked.table.as_deref())?;
    let found = table.size(frequency, asked.items, level)?;
    let question = json!({ "frequency": frequency, "items": asked.items, "risk-level": level });
    printer.result(&json!({ "asked": question, "sample": found, "because": table.because }), || {
        let what = match found.by {
            SizedBy::Frequency => format!("by frequency, {}", frequency.label()),
            SizedBy::Items => format!("by number of items, {}", grouped(asked.items.unwrap_or_default())),
        };
        let each = if found.of_each_case { " of each case, for each system and change" } else { "" };
        let because = wrap::lines(&table.because, wrap::WIDTH).join("\n");
        format!("{}{each}\nthe firm's table {what}\n{because}", many(found.size, "item"))
    });
    Ok(Exit::Done)
}

fn run_limit(limit: &Limit, printer: &Printer) -> Outcome {
    let Limit { size, deviations, population, .. } = *limit;
    let risk = rate(&limit.risk)?;
    let population = population.map(Population::of);
    let found = upper_limit(risk, size, deviations, population)?;
    let asked = json!({ "risk": risk, "size": size, "deviations": deviations, "population": limit.population });
    printer.result(&json!({ "asked": asked, "upper_limit": found }), || {
        let (size, deviations) = (many(size, "item"), many(deviations, "deviation"));
        format!("{deviations} in {size} leave open a rate of {}\n{}", limit_text(&found), limit_method(&found, risk))
    });
    Ok(Exit::Done)
}

fn limit_text(limit: &UpperLimit) -> String {
    let items = limit.items.map_or(String::new(), |items| format!(": {}", many(items, "item")));
    format!("up to {} % (more exactly {} %){items}", limit.tabulated, limit.rate)
}

fn limit_method(limit: &UpperLimit, risk: Rate) -> String {
    match limit.model {
        Model::Binomial => {
            format!(
                "binomial, population without end: the rate p with P(X <= deviations) = {risk} %, rounded up to 0.1 %"
            )
        }
        Model::Hypergeometric => format!(
            "hypergeometric: the most deviating items with P(X <= deviations) > {risk} %; their rate rounded up to 0.1 %"
        ),
    }
}

fn run_evaluate(result: &Evaluate, printer: &Printer) -> Outcome {
    let second = result.second_size.zip(result.second_deviations);
    let question = EvaluationQuestion {
        risk: rate(&result.risk)?,
        tolerable: rate(&result.tolerable)?,
        size: result.size,
        deviations: result.deviations,
        allowed: result.allowed,
        planned: result.planned,
        second: second.map(|(size, deviations)| SecondStage { size, deviations }),
        population: result.counted.population(),
    };
    let found = evaluate(&question)?;
    let asked = json!({ "risk": question.risk, "tolerable": question.tolerable, "population": question.population });
    printer.result(&json!({ "asked": asked, "evaluation": found }), || evaluation_text(&question, &found));
    Ok(Exit::Done)
}

/// A first stage that is not the one planned; nothing of one that is.
fn against_plan(question: &EvaluationQuestion, found: &Evaluation) -> String {
    let size = question.size;
    match found.planned {
        Some(planned) if found.beyond_plan > 0 => format!(
            "the plan demanded {}: the {} beyond it are a second stage, and are evaluated as one (--size {planned} --second-size {})\n",
            many(planned, "item"),
            grouped(found.beyond_plan),
            found.beyond_plan
        ),
        Some(planned) if size < planned && !found.is_whole => {
            format!("the plan demanded {}: the first stage has {}\n", many(planned, "item"), grouped(size))
        }
        Some(_) | None => String::new(),
    }
}

fn evaluation_text(question: &EvaluationQuestion, found: &Evaluation) -> String {
    let EvaluationQuestion { risk, tolerable, population, .. } = *question;
    let supports = if found.is_supported { "supports" } else { "does not support" };
    let mut text = String::new();
    if found.is_whole {
        let _ = writeln!(
            text,
            "{} in all {}: a rate of {} %, which {supports} a tolerable rate of {tolerable} %",
            many(found.deviations, "deviation"),
            many(found.size, "item"),
            found.sample_rate
        );
        text.push_str("the whole population was tested: no risk of sampling is left\n");
    } else {
        let _ = writeln!(
            text,
            "{} in {}: the result {supports} a tolerable rate of {tolerable} % at {risk} % risk of overreliance",
            many(found.deviations, "deviation"),
            many(found.size, "item")
        );
        let model = if population.is_some() { "hypergeometric, " } else { "binomial, population without end" };
        let _ = writeln!(
            text,
            "{model}{}: the chance of a result as good at {tolerable} % is {} %; sample rate {} %, upper limit {}",
            k_line(found.deviating, population),
            found.risk_run,
            found.sample_rate,
            limit_text(&found.upper_limit)
        );
    }
    text.push_str(&against_plan(question, found));
    if let Some(stages) = &found.stages {
        let plan = &stages.plan;
        let at_once = plan.first_allowed.map_or("never".to_owned(), |allowed| format!("with at most {allowed}"));
        let _ = writeln!(
            text,
            "one plan of two stages: accepted after {} items {at_once}, else after {} with at most {}; both chances count",
            grouped(plan.first_size),
            grouped(plan.first_size + plan.second_size),
            plan.allowed
        );
        let _ = writeln!(
            text,
            "the first result stays: {} in {}, upper limit {}",
            stages.first_deviations,
            grouped(plan.first_size),
            limit_text(&stages.first_upper_limit)
        );
        if let (false, Some(enough)) = (found.is_supported, stages.enough) {
            let all = plan.allowed;
            let _ =
                writeln!(text, "with {all} in all, an extension of {} would have been enough", many(enough, "item"));
        }
    }
    if let Some(more) = found.extension {
        let _ = writeln!(
            text,
            "an extension of {} without any deviation would support it; an extension needs a reason",
            many(more, "item")
        );
    }
    text.push_str("what that means for the control, a person concludes");
    text
}
