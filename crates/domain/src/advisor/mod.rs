//! The advisor: from answers to the report that clients need, with its type, scope, dates and mistakes to avoid.
//!
//! [`advise`] is a pure function of a [`Profile`] and a day. Rules live by subject: [`needs`] (which reports),
//! [`report_type`], [`categories`], [`objectives`], [`subservice`], [`period`], [`international`], [`plan`], [`warnings`].
//!
//! Invariant: every statement names the rules that made it and the answers behind them.
//! Invariant: it advises and never decides: the firm accepts an engagement and its scope.
//! Invariant: no clock, no floats, and no price that the organization did not give.

mod advice;
mod answer_text;
mod categories;
mod choice;
mod confidence;
mod contradictions;
mod cost;
mod coverage;
mod difference;
mod international;
mod level;
mod needs;
mod objectives;
mod order;
mod owed;
mod period;
mod plan;
mod profile;
mod profiles_compared;
mod question;
mod readiness;
mod reading;
mod report_type;
mod rule;
mod sentences;
mod subservice;
mod trace;
mod turning;
mod warnings;
mod word;
mod year_ends;

use jiff::civil::Date;

pub(crate) use self::coverage::BRIDGE_DAYS;
use self::reading::Reading;
pub use self::{
    advice::{
        Advice, Answered, Basis, CategoryAdvice, ConfidenceAdvice, Itgc, ObjectiveFamily, PeriodAdvice, ProviderAdvice,
        ReportAdvice, Served, Standard, Statement, Step, Treatment, TypeAdvice, Warning, YearEndCover,
    },
    answer_text::Choice,
    choice::{
        Asker, AuditedClients, DataKind, FinancialEffect, Month, NamedReport, NamedType, Opinion, OtherDuty, OwnReport,
        PersonalInformation, Phrase, Plan, Region, Reliance, Segment, ServiceModel, Transaction, YesNo,
    },
    contradictions::{AnswersRead, Contradiction},
    cost::{Amount, CostLine, CostTable, Currency, Quote, Quotes, cost_table},
    coverage::{Coverage, Standing, coverage, covers_of_years},
    difference::{DIFFERENCES, Difference},
    level::{AdvisedType, Confidence, Level, Subject, When},
    objectives::industry_of,
    order::{next_question, open_questions},
    owed::{OwedReport, OwedStanding},
    profile::{Contract, ControlsSince, EarlierReport, FirstReportDue, Profile, Provider, Size},
    profiles_compared::{AnswerDiffers, ConclusionDiffers, ProfilesCompared, compare_profiles},
    question::{Kind, Question},
    rule::{RULES, Rule},
    turning::{Turn, idle, settled, what_would_change},
    warnings::TEXTS as WARNING_TEXTS,
    word::Word,
};

/// The advice for a profile, given on a day.
pub fn advise(profile: &Profile, today: Date) -> Advice {
    let reading = Reading { profile, today };
    let contradictions = contradictions::contradictions(reading);
    let needs = needs::needs(reading).disputed_by(&contradictions);
    let days = period::all_days(reading, &needs);
    let types = report_type::report_types(reading, &needs, &days);
    let categories = categories::categories(reading, &needs);
    let notes = [
        needs::notes(reading, &needs),
        report_type::notes(reading, &needs, &types, &days),
        period::notes(reading, &needs, &days),
        categories::notes(reading, &needs).into_iter().collect(),
        international::notes(reading, &needs),
    ]
    .concat();
    Advice {
        today,
        sentences: sentences::sentences(&needs, &types, international::is_isae_alone(reading, &needs)),
        objectives: objectives::objectives(reading, &needs),
        subservice: subservice::subservice(reading, &needs),
        owed: owed::owed(reading, &days),
        plan: plan::plan(reading, &needs, &days),
        warnings: warnings::warnings(reading, &needs, &days, &categories),
        confidence: confidence::confidence(reading, &contradictions),
        open: open_questions(profile),
        reports: [
            vec![needs.soc1.clone(), needs.soc2.clone(), needs.both.clone()],
            international::international(reading, &needs, &types),
        ]
        .concat(),
        periods: days.into_iter().map(|days| days.advice).collect(),
        types,
        categories,
        notes,
        contradictions,
    }
}
