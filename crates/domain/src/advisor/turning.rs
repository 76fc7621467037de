//! What would change the answer: each answer is turned in turn, and what then differs is told in a plain sentence.
//!
//! Invariant: deterministic; the same change by several words of one question is told once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    advice::{Advice, Basis, Itgc, ObjectiveFamily, ProviderAdvice},
    advise,
    choice::{
        AuditedClients, FinancialEffect, Month, NamedReport, NamedType, Opinion, OwnReport, PersonalInformation,
        Reliance, ServiceModel, YesNo,
    },
    level::{AdvisedType, Level, Subject, When},
    profile::{Contract, ControlsSince, EarlierReport, FirstReportDue, Profile, Provider, Size},
    question::Question as Q,
    word::{Word, joined},
};

/// One change of an answer, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// The question.
    pub question: Q,
    /// The answer now.
    pub now: String,
    /// The sentence.
    pub says: String,
    /// What changes, each in a clause.
    pub changes: Vec<String>,
    /// Reports whose level changes.
    pub levels: Vec<Subject>,
    /// The rules that speak for what changes, with the answers that would be; those that fall silent, where none speaks.
    pub basis: Vec<Basis>,
}

/// How much a change weighs; the greatest are told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Scope,
    Dates,
    Type,
    Timing,
    Level,
    Need,
}

/// A way in which an answer can turn: the clause after "if", the words that it names, and the profile that it gives.
struct Way {
    question: Q,
    lost: bool,
    words: String,
    profile: Profile,
}

/// Ways of one question with the same effect, told together.
struct Told {
    weight: Weight,
    question: Q,
    lost: bool,
    words: Vec<String>,
    changes: Vec<String>,
    levels: Vec<Subject>,
    basis: Vec<Basis>,
}

/// Every change of one answer that changes what is concluded, the weightiest first.
pub fn what_would_change(profile: &Profile, today: Date) -> Vec<Turn> {
    let now = advise(profile, today);
    let mut told: Vec<Told> = Vec::new();
    for Way { question, lost, words, profile } in ways(profile, today) {
        let then = advise(&profile, today);
        let Some((weight, changes)) = changes(&now, &then) else { continue };
        match told.iter_mut().find(|told| told.question == question && told.lost == lost && told.changes == changes) {
            Some(same) => same.words.push(words),
            None => {
                let levels =
                    Subject::ALL.into_iter().filter(|report| now.level(*report) != then.level(*report)).collect();
                let basis = basis_of_changed(&now, &then);
                told.push(Told { weight, question, lost, words: vec![words], changes, levels, basis });
            }
        }
    }
    // The sort keeps the order of questions among equals.
    told.sort_by_key(|told| std::cmp::Reverse(told.weight));
    told.into_iter()
        .map(|Told { question, lost, words, changes, levels, basis, .. }| {
            let words = joined(&words, "or");
            let clause = if lost { question.if_lost(&words) } else { question.if_gained(&words) };
            let says = format!("If {clause}, {}.", joined(&changes, "and"));
            Turn { question, now: question.answer_in(profile), says, changes, levels, basis }
        })
        .collect()
}

/// The reports whose level no single answer changes, of SOC 1 and SOC 2.
pub fn settled(turns: &[Turn]) -> Vec<Subject> {
    let turns_it = |report| turns.iter().any(|turn| turn.levels.contains(&report));
    [Subject::Soc1, Subject::Soc2].into_iter().filter(|report| !turns_it(*report)).collect()
}

/// The questions that an answer alone cannot change anything by, however it turns.
pub fn idle(turns: &[Turn]) -> Vec<Q> {
    Q::all().filter(|question| !turns.iter().any(|turn| turn.question == *question)).collect()
}

/// The rules that speak for what differs: levels and timing first, then types, dates, scope and providers.
fn basis_of_changed(now: &Advice, then: &Advice) -> Vec<Basis> {
    let spoken = |advice: &Advice| -> Vec<Basis> {
        let reports = advice.reports.iter().filter(|report| report.report != Subject::Both);
        let reports = reports.flat_map(|report| &report.basis);
        let types = advice.types.iter().flat_map(|types| &types.basis);
        let days = advice.periods.iter().flat_map(|days| &days.basis);
        let categories = advice.categories.iter().flat_map(|line| &line.basis);
        let objectives = advice.objectives.iter().flat_map(|line| &line.basis);
        let providers = advice.subservice.iter().flat_map(|line| &line.basis);
        let all = reports.chain(types).chain(days).chain(categories).chain(objectives).chain(providers);
        all.cloned().collect()
    };
    // What is said in one of the two only; where a word is lost, nothing new speaks.
    let only = |of: &Advice, but: &Advice| -> Vec<Basis> {
        let but = spoken(but);
        let mut told: Vec<Basis> = Vec::new();
        for basis in spoken(of) {
            if !but.contains(&basis) && !told.contains(&basis) {
                told.push(basis);
            }
        }
        told
    };
    let new = only(then, now);
    if new.is_empty() { only(now, then) } else { new }
}

/// What differs between two advices, in clauses, and how much it weighs.
fn changes(now: &Advice, then: &Advice) -> Option<(Weight, Vec<String>)> {
    let mut found: Vec<(Weight, String)> = Vec::new();
    for report in Subject::ALL.into_iter().filter(|report| *report != Subject::Both) {
        let (before, after) = (now.level(report), then.level(report));
        let timing = |advice: &Advice| advice.report(report).map_or(When::Watch, |report| report.when);
        // Between no and usually no lies nothing that anybody would act on.
        let matters = before.max(after) > Level::UsuallyNo;
        if before != after && matters {
            let crosses = before.is_pursued() != after.is_pursued();
            let weight = match (crosses, report > Subject::Both) {
                (true, false) => Weight::Need,
                (false, false) => Weight::Level,
                (true, true) => Weight::Timing,
                (false, true) => Weight::Scope,
            };
            found.push((weight, level_clause(report, now, then)));
        } else if before == after && timing(now) != timing(then) {
            let clause = if timing(then) == When::Now {
                format!("{report} is wanted now")
            } else {
                format!("{report} can wait until somebody asks")
            };
            found.push((Weight::Timing, clause));
        }
    }
    let first_types = |advice: &Advice| -> BTreeMap<Subject, AdvisedType> {
        let begun = advice.types.iter().filter(|types| types.now != AdvisedType::Nothing);
        begun.map(|types| (types.report, types.now)).collect()
    };
    let (before, after) = (first_types(now), first_types(then));
    let mut begins: BTreeMap<AdvisedType, Vec<String>> = BTreeMap::new();
    for (report, first) in &after {
        if before.get(report).is_some_and(|other| other != first) {
            begins.entry(*first).or_default().push(report.to_string());
        }
    }
    for (first, reports) in begins {
        let verb = if reports.len() == 1 { "begins" } else { "begin" };
        found.push((Weight::Type, format!("{} {verb} with a {}", joined(&reports, "and"), first.means())));
    }
    let last_days = |advice: &Advice| -> Vec<(Subject, Date)> {
        advice.periods.iter().map(|days| (days.report, days.period.last)).collect()
    };
    match (last_days(now).as_slice(), last_days(then).as_slice()) {
        ([(_, a), (_, b)], [(_, c), (_, d)]) if a == b && c == d && a != c => {
            found.push((Weight::Dates, format!("both periods end on {c}")));
        }
        (before, after) => {
            for (report, last) in after {
                let moved = before.iter().any(|(other, before)| other == report && before != last);
                if moved {
                    found.push((Weight::Dates, format!("the {report} period ends on {last}")));
                }
            }
        }
    }
    found.extend(starts(now, then).into_iter().map(|clause| (Weight::Dates, clause)));
    found.extend(objectives(now, then).into_iter().map(|clause| (Weight::Scope, clause)));
    let scope = |advice: &Advice| -> BTreeMap<&'static str, Level> {
        advice.categories.iter().map(|category| (category.category, category.level)).collect()
    };
    let (before, after) = (scope(now), scope(then));
    // Categories come and go with a SOC 2 itself; that is told above.
    if !before.is_empty() && !after.is_empty() {
        for category in before.keys().chain(after.keys()).copied().collect::<BTreeSet<_>>() {
            let name = category.replace('-', " ");
            match (before.get(category), after.get(category)) {
                (None, Some(level)) if *level >= Level::Likely => {
                    found.push((Weight::Scope, format!("{name} joins the SOC 2")));
                }
                (Some(_), None) => found.push((Weight::Scope, format!("{name} leaves the SOC 2"))),
                (None | Some(_), _) => {}
            }
        }
    }
    for after in then.subservice.iter().filter(|_| now.subservice.is_empty()) {
        let ProviderAdvice { report, treatment, .. } = after;
        found.push((Weight::Scope, format!("its treatment in the {report} is decided: {}", treatment.shown())));
    }
    for after in &then.subservice {
        let same = |before: &&ProviderAdvice| before.provider == after.provider && before.report == after.report;
        if now.subservice.iter().find(same).is_some_and(|before| before.treatment != after.treatment) {
            let ProviderAdvice { provider, report, treatment, .. } = after;
            found.push((Weight::Scope, format!("{provider} in the {report} becomes: {}", treatment.shown())));
        }
    }
    let weight = found.iter().map(|(weight, _)| *weight).max()?;
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    Some((weight, found.into_iter().map(|(_, clause)| clause).collect()))
}

/// First days and as-of dates that differ, of reports whose last day stays or that begin with a Type 1 both times.
fn starts(now: &Advice, then: &Advice) -> Vec<String> {
    let mut told = Vec::new();
    for after in &then.periods {
        let report = after.report;
        let Some(before) = now.period_of(report) else { continue };
        if before.period.last == after.period.last && before.period.first != after.period.first {
            told.push(format!("the {report} period begins on {}", after.period.first));
        }
        if let (Some(was), Some(is)) = (before.as_of_on, after.as_of_on)
            && was != is
        {
            told.push(format!("the Type 1 of the {report} is as of {is}"));
        }
    }
    told
}

/// Families of control objectives that join or leave the SOC 1, or change; with the SOC 1 itself that is told otherwise.
fn objectives(now: &Advice, then: &Advice) -> Vec<String> {
    let families = |advice: &Advice| -> BTreeMap<String, (Vec<&'static str>, Itgc)> {
        let named = |family: &ObjectiveFamily| family.industry.unwrap_or("IT general controls").to_owned();
        advice.objectives.iter().map(|family| (named(family), (family.only.clone(), family.itgc.clone()))).collect()
    };
    let (before, after) = (families(now), families(then));
    if !(now.level(Subject::Soc1).is_pursued() && then.level(Subject::Soc1).is_pursued()) {
        return Vec::new();
    }
    let mut told: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let how = match (before.get(name), after.get(name)) {
            (None, _) => "join the SOC 1",
            (_, None) => "leave the SOC 1",
            (Some(was), Some(is)) if was != is => "change",
            (Some(_), Some(_)) => continue,
        };
        told.entry(how).or_default().push(name.clone());
    }
    told.into_iter().map(|(how, names)| format!("the control objectives for {} {how}", joined(&names, "and"))).collect()
}

fn level_clause(report: Subject, now: &Advice, then: &Advice) -> String {
    let (before, after) = (now.level(report), then.level(report));
    let told = |advice: &Advice| match advice.report(report) {
        Some(said) if said.is_not_known() => "not known yet".to_owned(),
        _ => advice.level(report).to_string(),
    };
    match (before.is_pursued(), after.is_pursued()) {
        (false, true) if after == Level::Yes => format!("{report} becomes needed"),
        (false, true) => format!("{report} becomes {after}"),
        (true, false) if after == Level::No => format!("{report} is no longer needed"),
        _ => format!("{report} goes from {} to {}", told(now), told(then)),
    }
}

/// Every way in which one answer can turn.
fn ways(profile: &Profile, today: Date) -> Vec<Way> {
    let mut ways = Vec::new();
    one::<FinancialEffect>(&mut ways, Q::FinancialEffect, profile, |p, word| p.financial_effect = Some(word));
    set(&mut ways, Q::Transactions, profile, |p| &mut p.transactions);
    one::<Reliance>(&mut ways, Q::Reliance, profile, |p, word| p.reliance = Some(word));
    yes_no(&mut ways, Q::HoldsData, profile, |p| &mut p.holds_data);
    set(&mut ways, Q::Data, profile, |p| &mut p.data);
    set(&mut ways, Q::AskedBy, profile, |p| &mut p.asked_by);
    set(&mut ways, Q::AskedFor, profile, |p| &mut p.asked_for);
    contracts(&mut ways, profile);
    one::<AuditedClients>(&mut ways, Q::AuditedClients, profile, |p, word| p.audited_clients = Some(word));
    one::<ServiceModel>(&mut ways, Q::ServiceModel, profile, |p, word| p.service_model = Some(word));
    yes_no(&mut ways, Q::AvailabilityPromises, profile, |p| &mut p.availability_promises);
    yes_no(&mut ways, Q::ProcessingPromises, profile, |p| &mut p.processing_promises);
    yes_no(&mut ways, Q::ConfidentialityPromises, profile, |p| &mut p.confidentiality_promises);
    one::<PersonalInformation>(&mut ways, Q::PersonalInformation, profile, |p, word| {
        p.personal_information = Some(word)
    });
    providers(&mut ways, profile);
    year_ends(&mut ways, profile);
    controls_since(&mut ways, profile, today);
    first_report_due(&mut ways, profile, today);
    set(&mut ways, Q::AuditorsIn, profile, |p| &mut p.auditors_in);
    yes_no(&mut ways, Q::PublicReport, profile, |p| &mut p.public_report);
    earlier_reports(&mut ways, profile, today);
    set(&mut ways, Q::Plans, profile, |p| &mut p.plans);
    set(&mut ways, Q::Size, profile, |p| &mut p.size.get_or_insert_with(Size::default).segments);
    set(&mut ways, Q::OtherDuties, profile, |p| &mut p.other_duties);
    ways
}

/// Every other word.
fn one<T: Word>(ways: &mut Vec<Way>, question: Q, profile: &Profile, put: impl Fn(&mut Profile, T)) {
    let now = question.answer_in(profile);
    for word in T::ALL.iter().filter(|word| word.id() != now) {
        let mut turned = profile.clone();
        put(&mut turned, *word);
        ways.push(Way { question, lost: false, words: word.means().to_owned(), profile: turned });
    }
}

fn yes_no(ways: &mut Vec<Way>, question: Q, profile: &Profile, field: impl Fn(&mut Profile) -> &mut Option<YesNo>) {
    for answer in [YesNo::Yes, YesNo::No] {
        let mut turned = profile.clone();
        let field = field(&mut turned);
        if *field == Some(answer) {
            continue;
        }
        *field = Some(answer);
        ways.push(Way { question, lost: false, words: question.if_said(answer).to_owned(), profile: turned });
    }
}

/// Every word more, and every word less.
fn set<T: Word>(
    ways: &mut Vec<Way>,
    question: Q,
    profile: &Profile,
    field: impl Fn(&mut Profile) -> &mut Option<BTreeSet<T>>,
) {
    for word in T::ALL {
        let mut turned = profile.clone();
        let words = field(&mut turned).get_or_insert_default();
        let lost = words.remove(word);
        if !lost {
            words.insert(*word);
        }
        ways.push(Way { question, lost, words: word.means().to_owned(), profile: turned });
    }
}

fn contracts(ways: &mut Vec<Way>, profile: &Profile) {
    for report in NamedReport::ALL {
        if profile.contracts.iter().flatten().any(|contract| contract.report == *report) {
            continue;
        }
        let mut turned = profile.clone();
        let contract = Contract { report: *report, report_type: None, due_on: None, client: None };
        turned.contracts.get_or_insert_default().push(contract);
        let article = if *report == NamedReport::Isae3402 { "an" } else { "a" };
        let words = format!("a contract obliges you to deliver {article} {}", report.means());
        ways.push(Way { question: Q::Contracts, lost: false, words, profile: turned });
    }
    if profile.contracts.iter().flatten().next().is_some() {
        let mut turned = profile.clone();
        turned.contracts = Some(Vec::new());
        let words = "no contract obliges you to deliver a report".to_owned();
        ways.push(Way { question: Q::Contracts, lost: false, words, profile: turned });
    }
}

/// What a provider can be asked for, or can refuse.
fn providers(ways: &mut Vec<Way>, profile: &Profile) {
    if profile.providers.iter().flatten().next().is_none() {
        let needed_for = Some(BTreeSet::from([NamedReport::Soc1, NamedReport::Soc2]));
        let (name, function) = ("a provider".to_owned(), "a part of the service".to_owned());
        let own_report = Some(OwnReport::Type2);
        let provider =
            Provider { name, function, needed_for, own_report, takes_part: None, own_controls_suffice: None };
        let turned = Profile { providers: Some(vec![provider]), ..profile.clone() };
        let words = "a provider with a Type 2 report of its own is needed with your controls".to_owned();
        ways.push(Way { question: Q::Providers, lost: false, words, profile: turned });
    }
    for at in 0..profile.providers.iter().flatten().count() {
        let mut turn = |change: &dyn Fn(&mut Provider), says: &str| {
            let mut turned = profile.clone();
            let Some(provider) = turned.providers.iter_mut().flatten().nth(at) else { return };
            change(provider);
            let words = format!("{} {says}", provider.name);
            ways.push(Way { question: Q::Providers, lost: false, words, profile: turned });
        };
        turn(&|provider| provider.own_report = Some(OwnReport::Type2), "has a Type 2 report of its own");
        turn(&|provider| provider.takes_part = Some(YesNo::No), "takes no part in the examination");
        turn(
            &|provider| {
                provider.own_report = Some(OwnReport::Nothing);
                provider.takes_part = Some(YesNo::Yes);
            },
            "has no report of its own and takes part",
        );
    }
}

fn earlier_reports(ways: &mut Vec<Way>, profile: &Profile, today: Date) {
    // A month ago, so that the next period has begun.
    let last = today.saturating_sub(jiff::Span::new().months(1)).last_of_month();
    let first = last.saturating_add(jiff::Span::new().days(1)).saturating_sub(jiff::Span::new().years(1));
    for report in [NamedReport::Soc1, NamedReport::Soc2] {
        if profile.earlier_reports.iter().flatten().any(|earlier| earlier.report == report) {
            continue;
        }
        let mut turned = profile.clone();
        let (report_type, opinion) = (NamedType::Type2, Some(Opinion::Unmodified));
        let earlier = EarlierReport { report, report_type, first: Some(first), last, opinion };
        turned.earlier_reports.get_or_insert_default().push(earlier);
        let words = format!("there is a {} Type 2 that ended on {last}", report.means());
        ways.push(Way { question: Q::EarlierReports, lost: false, words, profile: turned });
    }
    if profile.earlier_reports.iter().flatten().next().is_some() {
        let turned = Profile { earlier_reports: Some(Vec::new()), ..profile.clone() };
        let words = "there were no earlier report".to_owned();
        ways.push(Way { question: Q::EarlierReports, lost: false, words, profile: turned });
    }
}

fn year_ends(ways: &mut Vec<Way>, profile: &Profile) {
    for month in Month::ALL {
        let counts = BTreeMap::from([(*month, 1)]);
        let mut turned = profile.clone();
        turned.year_ends = Some(counts);
        let words = format!("your user entities' years all end in {}", month.means());
        ways.push(Way { question: Q::YearEnds, lost: false, words, profile: turned });
    }
}

fn controls_since(ways: &mut Vec<Way>, profile: &Profile, today: Date) {
    let a_year_ago = today.saturating_sub(jiff::Span::new().years(1));
    for (since, words) in [
        (ControlsSince::NotYet, "the controls do not all run yet"),
        (ControlsSince::On(today), "the controls run only since today"),
        (ControlsSince::On(a_year_ago), "the controls have run for a year with kept evidence"),
    ] {
        if profile.controls_since == Some(since) {
            continue;
        }
        let turned = Profile { controls_since: Some(since), ..profile.clone() };
        ways.push(Way { question: Q::ControlsSince, lost: false, words: words.to_owned(), profile: turned });
    }
}

fn first_report_due(ways: &mut Vec<Way>, profile: &Profile, today: Date) {
    let in_six_weeks = today.saturating_add(jiff::Span::new().weeks(6));
    for (due, words) in [
        (FirstReportDue::NoDate, "no date presses"),
        (FirstReportDue::On(in_six_weeks), "the first report is due in six weeks"),
    ] {
        if profile.first_report_due == Some(due) {
            continue;
        }
        let turned = Profile { first_report_due: Some(due), ..profile.clone() };
        ways.push(Way { question: Q::FirstReportDue, lost: false, words: words.to_owned(), profile: turned });
    }
}
