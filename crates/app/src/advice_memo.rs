//! An advice as a memo of two pages for a board.
//!
//! Invariant: nothing in it is decided here; lists are cut to what two pages hold, and say how many more there are.

use std::path::Path;

use jiff::civil::Date;
use tickmark_domain::advisor::{
    Advice, AdvisedType, Amount, Basis, CostTable, Level, Step, Subject, TypeAdvice, When, Word, settled,
};
use tickmark_report::{
    Rendered, render_advice_memo,
    view::{AdviceMemoView, MemoCost, MemoCover, MemoFact, MemoReason, MemoReport, MemoStep},
};

use crate::{Advised, Error, packaging::io_error};

/// How much of each list a memo holds.
#[derive(Clone, Copy)]
struct Limits {
    /// Letters of an answer or a name; a memo is no place for more.
    text: usize,
    providers: usize,
    notes: usize,
    /// Of each report.
    reasons: usize,
    year_ends: usize,
    changes: usize,
    warnings: usize,
}

/// From as much as two pages usually hold to as little as always fits; the first that fits is taken.
const LIMITS: [Limits; 3] = [
    Limits { text: 120, providers: 4, notes: 4, reasons: 4, year_ends: 12, changes: 5, warnings: 9 },
    Limits { text: 60, providers: 3, notes: 2, reasons: 4, year_ends: 12, changes: 3, warnings: 6 },
    Limits { text: 30, providers: 2, notes: 1, reasons: 2, year_ends: 6, changes: 2, warnings: 4 },
];

/// Steps of the plan; there are never more.
const STEPS: usize = 16;

/// The pages of a memo.
const PAGES: usize = 2;

/// Writes the memo and tells its number of pages.
pub fn write_memo(advised: &Advised, path: &Path) -> Result<usize, Error> {
    let rendered = rendered(advised)?;
    std::fs::write(path, rendered.pdf).map_err(io_error("write", path))?;
    Ok(rendered.pages)
}

fn rendered(advised: &Advised) -> Result<Rendered, Error> {
    let [usual, others @ ..] = LIMITS;
    let mut rendered = render_advice_memo(&memo(advised, usual))?;
    for limits in others {
        if rendered.pages <= PAGES {
            break;
        }
        rendered = render_advice_memo(&memo(advised, limits))?;
    }
    Ok(rendered)
}

fn cut(text: &str, longest: usize) -> String {
    let mut shown: String = text.chars().take(longest).collect();
    if text.chars().count() > longest {
        shown.push('…');
    }
    shown
}

fn memo(advised: &Advised, limits: Limits) -> AdviceMemoView {
    let advice = &advised.advice;
    let name = advised.profile.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    AdviceMemoView {
        organization: name.map_or_else(|| "the organization".to_owned(), |name| cut(name, limits.text)),
        given_on: advice.today,
        sentences: advice.sentences.iter().map(|sentence| sentence.says.clone()).collect(),
        confidence: advice.confidence.level.means().to_owned(),
        unknown: u32::try_from(advice.open.len()).unwrap_or(u32::MAX),
        reports: advice
            .reports
            .iter()
            .map(|report| MemoReport {
                name: name_of(report.report),
                strength: strength(report.level),
                level: if report.is_not_known() { "not known yet" } else { report.level.means() }.to_owned(),
                provisional: report.provisional && !report.is_not_known(),
                when: match (report.level.is_pursued(), report.when) {
                    (true, When::Now) => "now".to_owned(),
                    (true, When::Plan) => "when asked for".to_owned(),
                    (_, When::Watch) | (false, _) => String::new(),
                },
                types: advice.type_of(report.report).map(types).unwrap_or_default(),
            })
            .collect(),
        scope: scope(advised, limits),
        plan: plan(&advice.plan),
        notes: advice.notes.iter().take(limits.notes).map(|note| note.says.clone()).collect(),
        cover: cover(advice, limits),
        cover_remark: cover_remark(advice, limits),
        reasons: reasons(advice, limits),
        warnings: warnings(advice, limits),
        changes: changes(advised, limits),
        cost: advised.cost.as_ref().map(cost),
    }
}

/// A report's name, as a memo writes it.
fn name_of(report: Subject) -> String {
    if report == Subject::Both { "Both".to_owned() } else { report.to_string() }
}

/// From 0 to 7, as the levels are ordered.
fn strength(level: Level) -> u8 {
    Level::ALL.iter().position(|known| *known == level).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

fn types(advice: &TypeAdvice) -> String {
    match (advice.now, advice.next) {
        (AdvisedType::Nothing, next) => format!("get ready; then {}", next.means()),
        (now, next) if now == next => now.means().to_owned(),
        (now, next) => format!("{}, then {}", now.means(), next.means()),
    }
}

fn scope(advised: &Advised, limits: Limits) -> Vec<MemoFact> {
    let advice = &advised.advice;
    let mut facts = Vec::new();
    let mut fact = |name: &str, says: String| {
        if !says.is_empty() {
            facts.push(MemoFact { name: name.to_owned(), says });
        }
    };
    let categories = advice.categories.iter().map(|line| {
        let name = line.category.replace('-', " ");
        if line.level == Level::Yes { name } else { format!("{name} ({})", line.level) }
    });
    fact("SOC 2 categories", categories.collect::<Vec<_>>().join(", "));
    // By industry, with the number of its objectives; general objectives last.
    let mut families: Vec<(String, usize)> = Vec::new();
    for objective in &advised.objectives {
        let family = objective.industry.clone().unwrap_or_else(|| "IT general controls".to_owned());
        match families.iter_mut().find(|(name, _)| *name == family) {
            Some((_, count)) => *count += 1,
            None => families.push((family, 1)),
        }
    }
    let told = families.into_iter().map(|(name, count)| format!("{name} ({count})"));
    fact("SOC 1 objectives", told.collect::<Vec<_>>().join(", "));
    for days in &advice.periods {
        let as_of = days.as_of_on.map(|on| format!("Type 1 as of {}, ", shown(on))).unwrap_or_default();
        let period = format!("Type 2 from {} to {}", shown(days.period.first), shown(days.period.last));
        fact(&format!("{} dates", days.report), format!("{as_of}{period}"));
    }
    let providers = advice.subservice.iter().take(limits.providers);
    let told: Vec<String> = providers
        .map(|line| format!("{} in {}: {}", cut(&line.provider, limits.text), line.report, line.treatment.shown()))
        .collect();
    fact("Providers", and_more(told.join("; "), advice.subservice.len().saturating_sub(limits.providers)));
    facts
}

fn and_more(text: String, more: usize) -> String {
    if more == 0 { text } else { format!("{text}; and {more} more") }
}

/// "Sep 30, 2027".
fn shown(date: Date) -> String {
    date.strftime("%b %-d, %Y").to_string()
}

/// Steps with bars along the time from the first to the last that is not a renewal.
fn plan(steps: &[Step]) -> Vec<MemoStep> {
    let (Some(first), Some(last)) =
        (steps.iter().map(|step| step.first).min(), steps.iter().map(|step| step.last).max())
    else {
        return Vec::new();
    };
    let days = |from: Date, to: Date| i64::from(from.until(to).map_or(0, |span| span.get_days()));
    let length = (days(first, last) + 1).max(1);
    let share = |days: i64| u32::try_from(days.max(0) * 1_000 / length).unwrap_or(0);
    steps
        .iter()
        .take(STEPS)
        .map(|step| MemoStep {
            first: step.first,
            last: step.last,
            report: step.report.map(name_of).unwrap_or_default(),
            what: step.what.to_owned(),
            from: share(days(first, step.first)),
            length: share(days(step.first, step.last) + 1),
        })
        .collect()
}

fn cover(advice: &Advice, limits: Limits) -> Vec<MemoCover> {
    let lines = advice.period_of(Subject::Soc1).map(|days| days.coverage.as_slice()).unwrap_or_default();
    let whole = |number: i64| u32::try_from(number).unwrap_or(0);
    lines
        .iter()
        .take(limits.year_ends)
        .map(|line| MemoCover {
            month: line.month.means().to_owned(),
            user_entities: if line.assumed { "assumed".to_owned() } else { line.user_entities.to_string() },
            percent: whole(line.cover.percent),
            gap_days: whole(line.cover.gap_days),
            standing: line.cover.standing.shown().to_owned(),
        })
        .collect()
}

fn cover_remark(advice: &Advice, limits: Limits) -> String {
    let Some(days) = advice.period_of(Subject::Soc1) else { return String::new() };
    let more = days.coverage.len().saturating_sub(limits.year_ends);
    let more = if more == 0 { String::new() } else { format!("And {more} more months. ") };
    match days.well_covered_percent {
        Some(percent) => format!(
            "{more}Once periods run on for twelve months, {percent} of 100 user entities get nine months of cover or more and a gap of three months or less."
        ),
        None => "No year-end is known: December is assumed. Ask user entities before the period is fixed.".to_owned(),
    }
}

/// The rules that decided the levels of SOC 1 and SOC 2, the strongest of each first.
fn reasons(advice: &Advice, limits: Limits) -> Vec<MemoReason> {
    let told = |subject| {
        let basis: &[Basis] = advice.report(subject).map(|report| report.basis.as_slice()).unwrap_or_default();
        basis.iter().take(limits.reasons).map(move |basis| MemoReason {
            rule: basis.rule.id.to_owned(),
            report: subject.to_string(),
            answers: {
                let answers: Vec<String> = basis
                    .answers
                    .iter()
                    .map(|line| format!("{}: {}", line.question.name(), cut(&line.answer, limits.text)))
                    .collect();
                answers.join("; ")
            },
            why: basis.rule.why.to_owned(),
        })
    };
    told(Subject::Soc1).chain(told(Subject::Soc2)).collect()
}

/// Warnings by number; the one that stands in the foot of every page comes first to be left out.
fn warnings(advice: &Advice, limits: Limits) -> Vec<MemoFact> {
    let told: Vec<_> = advice.warnings.iter().filter(|warning| warning.id != "W16").collect();
    let more = told.len().saturating_sub(limits.warnings);
    let mut facts: Vec<MemoFact> = told
        .into_iter()
        .take(limits.warnings)
        .map(|warning| MemoFact { name: warning.id.to_owned(), says: warning.says.to_owned() })
        .collect();
    if more > 0 {
        facts.push(MemoFact { name: "…".to_owned(), says: format!("and {more} more: tickmark advise") });
    }
    facts
}

fn changes(advised: &Advised, limits: Limits) -> Vec<String> {
    let settled = settled(&advised.would_change).into_iter();
    let mut told: Vec<String> =
        settled.map(|report| format!("No single answer changes the level of the {report}.")).collect();
    told.extend(advised.would_change.iter().take(limits.changes).map(|turn| turn.says.clone()));
    let more = advised.would_change.len().saturating_sub(limits.changes);
    if more > 0 {
        told.push(format!("… and {more} smaller ones: tickmark advise --all"));
    }
    told
}

fn cost(cost: &CostTable) -> MemoCost {
    let amount = |amount: Option<Amount>| amount.map_or_else(|| "not quoted".to_owned(), Amount::grouped);
    let line = |line: &tickmark_domain::advisor::CostLine| {
        let other = line.other.map_or_else(|| "–".to_owned(), Amount::grouped);
        [line.way.to_owned(), amount(line.firm), other, amount(line.days), amount(line.total)]
    };
    MemoCost { currency: cost.currency.clone().into(), ways: cost.ways.iter().map(line).collect() }
}

#[cfg(test)]
mod tests {
    use tickmark_catalog::Catalog;
    use tickmark_domain::advisor::{Profile, Question};

    use super::*;
    use crate::{PROFILE_EXAMPLE, advised, written::Written};

    fn pages(profile: Profile) -> usize {
        let advised = advised(profile, jiff::civil::date(2026, 11, 22), &Catalog::embedded().unwrap());
        rendered(&advised).unwrap().pages
    }

    #[test]
    fn a_memo_has_two_pages_whatever_it_says() {
        let example = Written::embedded("profile.toml", PROFILE_EXAMPLE).parse::<Profile>().unwrap();
        assert_eq!(pages(example.clone()), 2);
        assert_eq!(pages(Profile::default()), 2);
        // Everything at once: all words of every set, year-ends in every month, many providers, long names.
        let mut worst = Profile { name: Some("Very Long Name ".repeat(60)), ..example };
        for question in Question::all() {
            if let tickmark_domain::advisor::Kind::Some(choices) = question.kind() {
                let all: Vec<&str> = choices.iter().map(|choice| choice.id).collect();
                question.answer(&mut worst, &all.join(", ")).unwrap();
            }
        }
        let providers: Vec<String> =
            (1..40).map(|at| format!("Provider {at} {}: hosting, soc1, soc2, type-2", "x".repeat(200))).collect();
        Question::Providers.answer(&mut worst, &providers.join("; ")).unwrap();
        let months = "january 1, february 2, march 3, april 4, may 5, june 6, july 7, august 8, september 9, october 10, november 11, december 12";
        Question::YearEnds.answer(&mut worst, months).unwrap();
        assert_eq!(pages(worst), 2);
    }
}
