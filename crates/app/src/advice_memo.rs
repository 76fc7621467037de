//! An advice as a memo of two pages for a board.
//!
//! Invariant: nothing in it is decided here; lists are cut to what two pages hold, and say how many more there are.

use std::path::Path;

use jiff::civil::Date;
use tickmark_domain::advisor::{
    Advice, AdvisedType, Amount, Basis, Contradiction, CostTable, Level, Step, Subject, TypeAdvice, When, Word, settled,
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
    contradictions: usize,
    providers: usize,
    notes: usize,
    reasons: usize,
    year_ends: usize,
    changes: usize,
    warnings: usize,
}

/// As much as two pages ever hold.
const MOST: Limits = Limits {
    text: 140,
    contradictions: 6,
    providers: 12,
    notes: 12,
    reasons: 24,
    year_ends: 12,
    changes: 10,
    warnings: 16,
};

/// What is left of each list before notes are cut.
const LESS: Limits =
    Limits { text: 60, contradictions: 1, providers: 3, notes: 12, reasons: 10, year_ends: 4, changes: 3, warnings: 5 };

/// What always fits.
const LEAST: Limits =
    Limits { text: 30, contradictions: 0, providers: 2, notes: 1, reasons: 3, year_ends: 3, changes: 1, warnings: 3 };

/// One list's limit.
type List = fn(&mut Limits) -> &mut usize;

/// From the most to the least, a little less of one list at a time; notes are the last to be cut.
fn shrinking() -> Vec<Limits> {
    let mut steps = vec![MOST];
    let mut now = MOST;
    for floor in [LESS, LEAST] {
        loop {
            let before = steps.len();
            let lists: [(List, usize, usize); 8] = [
                (|limits| &mut limits.reasons, floor.reasons, 2),
                (|limits| &mut limits.changes, floor.changes, 1),
                (|limits| &mut limits.warnings, floor.warnings, 1),
                (|limits| &mut limits.year_ends, floor.year_ends, 1),
                (|limits| &mut limits.providers, floor.providers, 1),
                (|limits| &mut limits.text, floor.text, 10),
                (|limits| &mut limits.contradictions, floor.contradictions, 1),
                (|limits| &mut limits.notes, floor.notes, 1),
            ];
            for (list, least, step) in lists {
                let long = list(&mut now);
                if *long > least {
                    *long = long.saturating_sub(step).max(least);
                    steps.push(now);
                }
            }
            if steps.len() == before {
                break;
            }
        }
    }
    steps
}

/// Steps of the plan; there are never more.
const STEPS: usize = 20;

/// The pages of a memo.
const PAGES: usize = 2;

/// Writes the memo and tells its number of pages.
pub fn write_memo(advised: &Advised, path: &Path) -> Result<usize, Error> {
    let rendered = rendered(advised)?;
    std::fs::write(path, rendered.pdf).map_err(io_error("write", path))?;
    Ok(rendered.pages)
}

/// The memo with the longest lists that two pages hold.
fn rendered(advised: &Advised) -> Result<Rendered, Error> {
    let steps = shrinking();
    let limits = |at: usize| steps.get(at).copied().unwrap_or(LEAST);
    let render = |limits: Limits| render_advice_memo(&memo(advised, limits));
    // Pages only become fewer from step to step; what fits is always the memo of the step `to`.
    let (mut from, mut to) = (0, steps.len().saturating_sub(1));
    let mut fits = None;
    while from < to {
        let middle = usize::midpoint(from, to);
        let rendered = render(limits(middle))?;
        if rendered.pages <= PAGES {
            to = middle;
            fits = Some(rendered);
        } else {
            from = middle + 1;
        }
    }
    let limits = limits(from);
    let mut rendered = match fits {
        Some(rendered) => rendered,
        None => render(limits)?,
    };
    // What the last cut left free goes to the reasons.
    let (mut few, mut many) = (limits.reasons, MOST.reasons);
    while few < many {
        let middle = (few + many).div_ceil(2);
        let longer = render(Limits { reasons: middle, ..limits })?;
        if longer.pages <= PAGES {
            few = middle;
            rendered = longer;
        } else {
            many = middle - 1;
        }
    }
    Ok(rendered)
}

/// The text, or as many whole words of it as fit.
fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let first: String = text.chars().take(longest).collect();
    let whole = first.rsplit_once(' ').map_or(first.as_str(), |(whole, _)| whole);
    format!("{}…", whole.trim_end_matches([',', ';', ':']))
}

fn memo(advised: &Advised, limits: Limits) -> AdviceMemoView {
    let advice = &advised.advice;
    let name = advised.profile.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    AdviceMemoView {
        organization: name.map_or_else(|| "the organization".to_owned(), |name| cut(name, limits.text)),
        given_on: advice.today,
        sentences: sentences(advice, limits),
        confidence: advice.confidence.level.means().to_owned(),
        unknown: u32::try_from(advice.open.len()).unwrap_or(u32::MAX),
        reports: advice
            .reports
            .iter()
            .map(|report| MemoReport {
                name: name_of(report.report),
                strength: strength(report.level),
                level: ruled(
                    if report.is_not_known() { "not known yet" } else { report.level.means() },
                    report.basis.iter().take(2),
                ),
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
        notes: notes(advice, limits),
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
    let types = match (advice.now, advice.next) {
        (AdvisedType::Nothing, next) => format!("get ready; then {}", next.means()),
        (now, next) if now == next => now.means().to_owned(),
        (now, next) => format!("{}, then {}", now.means(), next.means()),
    };
    format!("{types}{}", by(advice.basis.iter()))
}

/// The rules behind a line, in parentheses; why each fired stands in the table of reasons.
fn by<'a>(basis: impl Iterator<Item = &'a Basis>) -> String {
    let mut rules: Vec<&str> = Vec::new();
    for basis in basis {
        if !rules.contains(&basis.rule.id) {
            rules.push(basis.rule.id);
        }
    }
    if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) }
}

/// The answer, and first of all what a board has to settle before it can rest on it.
fn sentences(advice: &Advice, limits: Limits) -> Vec<String> {
    let told = advice.sentences.iter().map(|sentence| sentence.says.clone());
    let disagree = advice.contradictions.iter().take(limits.contradictions).map(Contradiction::told);
    let rest = more(advice.contradictions.len(), limits.contradictions).map(|more| {
        format!("And {more} more {} disagree.", if more == 1 { "pair of answers" } else { "pairs of answers" })
    });
    told.chain(disagree).chain(rest).collect()
}

/// Sentences that follow, and how many more there are.
fn notes(advice: &Advice, limits: Limits) -> Vec<String> {
    let owed = advice.owed.iter().map(|owed| {
        let until = owed.meanwhile.join("; ");
        let says = if until.is_empty() { owed.says.clone() } else { format!("{} Until then: {until}.", owed.says) };
        ruled(&says, &owed.basis)
    });
    let all: Vec<String> = owed.chain(advice.notes.iter().map(|note| ruled(&note.says, &note.basis))).collect();
    let rest = more(all.len(), limits.notes).map(|more| format!("And {more} more."));
    all.into_iter().take(limits.notes).chain(rest).collect()
}

/// What is said, with the rules behind it.
fn ruled<'a>(says: &str, basis: impl IntoIterator<Item = &'a Basis>) -> String {
    let mut rules: Vec<&str> = basis.into_iter().map(|basis| basis.rule.id).collect();
    rules.dedup();
    if rules.is_empty() { says.to_owned() } else { format!("{says} ({})", rules.join(", ")) }
}

/// How many of a list are not shown, if any.
fn more(all: usize, shown: usize) -> Option<usize> {
    Some(all.saturating_sub(shown)).filter(|more| *more > 0)
}

fn scope(advised: &Advised, limits: Limits) -> Vec<MemoFact> {
    let advice = &advised.advice;
    let mut facts = Vec::new();
    let mut fact = |name: &str, says: String| {
        if !says.is_empty() {
            facts.push(MemoFact { name: name.to_owned(), says, because: String::new() });
        }
    };
    let categories = advice.categories.iter().map(|line| {
        let name = line.category.replace('-', " ");
        let level = if line.level == Level::Yes { String::new() } else { format!(" – {}", line.level) };
        format!("{name}{level}{}", by(line.basis.iter()))
    });
    fact("SOC 2 categories", categories.collect::<Vec<_>>().join(", "));
    // By industry, with the number of its objectives; general objectives last.
    let mut families: Vec<(String, usize)> = Vec::new();
    for objective in &advised.objectives {
        let family = objective.industry_title.clone().unwrap_or_else(|| "IT general controls".to_owned());
        match families.iter_mut().find(|(name, _)| *name == family) {
            Some((_, count)) => *count += 1,
            None => families.push((family, 1)),
        }
    }
    let told = families.into_iter().map(|(name, count)| format!("{name}: {count}")).collect::<Vec<_>>();
    let rules = by(advice.objectives.iter().flat_map(|family| &family.basis));
    fact("SOC 1 objectives", if told.is_empty() { String::new() } else { format!("{}{rules}", told.join(", ")) });
    for days in &advice.periods {
        let as_of = days.as_of_on.map(|on| format!("Type 1 as of {on}, ")).unwrap_or_default();
        let period = format!("Type 2 from {} to {}", days.period.first, days.period.last);
        let standards: Vec<&str> = days.standards.iter().map(|standard| standard.shown()).collect();
        let rules = by(days.basis.iter());
        fact(&format!("{} dates", days.report), format!("{as_of}{period}, under {}{rules}", standards.join(" and ")));
    }
    let told = providers(advice);
    let shown: Vec<String> = told
        .iter()
        .take(limits.providers)
        .map(|(provider, treated)| format!("{}: {}", cut(provider, limits.text), treated.join(", ")))
        .collect();
    fact("Providers", and_more(shown.join("; "), told.len().saturating_sub(limits.providers)));
    facts
}

/// Each provider with how it is treated: the same in every report once.
fn providers(advice: &Advice) -> Vec<(&str, Vec<String>)> {
    /// A way of treating a provider, and the reports that treat it so.
    type Ways = Vec<(String, Vec<String>)>;
    let mut told: Vec<(&str, Ways)> = Vec::new();
    for line in &advice.subservice {
        let treated = format!("{}{}", line.treatment.shown(), by(line.basis.iter().take(1)));
        let at = told.iter().position(|(name, _)| *name == line.provider);
        let at = at.unwrap_or_else(|| {
            told.push((line.provider.as_str(), Vec::new()));
            told.len() - 1
        });
        let Some((_, ways)) = told.get_mut(at) else { continue };
        match ways.iter_mut().find(|(known, _)| *known == treated) {
            Some((_, reports)) => reports.push(line.report.to_string()),
            None => ways.push((treated, vec![line.report.to_string()])),
        }
    }
    let in_words = |(treated, reports): (String, Vec<String>)| format!("{treated} in {}", reports.join(" and "));
    told.into_iter().map(|(name, ways)| (name, ways.into_iter().map(in_words).collect())).collect()
}

fn and_more(text: String, more: usize) -> String {
    if more == 0 { text } else { format!("{text}; and {more} more") }
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
            rules: rules_of(&step.basis),
            from: share(days(first, step.first)),
            length: share(days(step.first, step.last) + 1),
        })
        .collect()
}

fn rules_of(basis: &[Basis]) -> String {
    by(basis.iter()).trim_matches([' ', '(', ')']).to_owned()
}

/// The months in which most years end, the largest first.
fn cover(advice: &Advice, limits: Limits) -> Vec<MemoCover> {
    let lines = advice.period_of(Subject::Soc1).map(|days| days.coverage.as_slice()).unwrap_or_default();
    let mut by_size: Vec<_> = lines.iter().collect();
    by_size.sort_by_key(|line| std::cmp::Reverse(line.user_entities));
    let whole = |number: i64| u32::try_from(number).unwrap_or(0);
    by_size
        .into_iter()
        .take(limits.year_ends)
        .map(|line| MemoCover {
            month: line.month.means().to_owned(),
            user_entities: if line.assumed { "assumed".to_owned() } else { line.user_entities.to_string() },
            percent: whole(line.cover.percent),
            gap_days: whole(line.cover.gap_days),
            standing: line.cover.shown().to_owned(),
        })
        .collect()
}

fn cover_remark(advice: &Advice, limits: Limits) -> String {
    let Some(days) = advice.period_of(Subject::Soc1) else { return String::new() };
    let more = match more(days.coverage.len(), limits.year_ends) {
        Some(1) => "And one month more. ".to_owned(),
        Some(more) => format!("And {more} months more. "),
        None => String::new(),
    };
    match days.well_covered {
        Some(served) => format!(
            "{more}Once periods run on for twelve months, {served} get nine months of cover or more and a gap of three months or less."
        ),
        None => "No year-end is known: December is assumed. Ask user entities before the period is fixed.".to_owned(),
    }
}

/// The rules behind what is advised, each with the same answers once. What decides comes first: the strongest rule for each
/// level, type, period and scope, then the second of each; so a memo that holds few rows holds one of everything.
fn reasons(advice: &Advice, limits: Limits) -> Vec<MemoReason> {
    let mut told: Vec<(&Basis, Vec<String>)> = Vec::new();
    let mut groups: Vec<(Vec<&Basis>, String)> = Vec::new();
    for subject in [Subject::Soc1, Subject::Soc2] {
        let basis = advice.report(subject).map(|report| report.basis.iter().collect()).unwrap_or_default();
        groups.push((basis, subject.to_string()));
    }
    groups.extend(advice.types.iter().map(|types| (types.basis.iter().collect(), types.report.to_string())));
    groups.extend(advice.periods.iter().map(|days| (days.basis.iter().collect(), days.report.to_string())));
    groups.extend(advice.categories.iter().map(|line| (line.basis.iter().collect(), "SOC 2".to_owned())));
    groups.extend(advice.objectives.iter().map(|line| (line.basis.iter().collect(), "SOC 1".to_owned())));
    groups.extend(advice.subservice.iter().map(|l| (l.basis.iter().take(1).collect(), l.report.to_string())));
    let longest = groups.iter().map(|(basis, _)| basis.len()).max().unwrap_or(0);
    let by_turns = (0..longest).flat_map(|at| groups.iter().map(move |(basis, about)| (basis.get(at), about)));
    let all = by_turns.filter_map(|(basis, about)| Some((*basis?, about.clone())));
    for (basis, about) in all {
        match told.iter_mut().find(|(known, _)| *known == basis) {
            Some((_, of)) if of.contains(&about) => {}
            Some((_, of)) => of.push(about),
            None => told.push((basis, vec![about])),
        }
    }
    let left: Vec<&str> = told.iter().skip(limits.reasons).map(|(basis, _)| basis.rule.id).collect();
    let rest = more(left.len(), 0).map(|_| format!("And {}: `tickmark advise` tells of them.", left.join(", ")));
    let mut reasons: Vec<MemoReason> = told
        .into_iter()
        .take(limits.reasons)
        .map(|(basis, about)| MemoReason {
            rule: basis.rule.id.to_owned(),
            report: about.join(", "),
            answers: answers(basis, limits),
            why: basis.rule.why.to_owned(),
        })
        .collect();
    reasons.extend(rest.map(|more| MemoReason {
        rule: "…".to_owned(),
        report: String::new(),
        answers: String::new(),
        why: more,
    }));
    reasons
}

/// The answers behind a rule, in words.
fn answers(basis: &Basis, limits: Limits) -> String {
    let told =
        basis.answers.iter().map(|line| format!("{}: {}", line.question.name(), cut(&line.in_words(), limits.text)));
    told.collect::<Vec<_>>().join("; ")
}

/// Warnings by number, with the answers behind each; the one that stands in the foot of every page is left out.
fn warnings(advice: &Advice, limits: Limits) -> Vec<MemoFact> {
    let told: Vec<_> = advice.warnings.iter().filter(|warning| warning.id != "W16").collect();
    let left: Vec<&str> = told.iter().skip(limits.warnings).map(|warning| warning.id).collect();
    let rest = more(left.len(), 0).map(|_| format!("And {}: `tickmark advise` tells of them.", left.join(", ")));
    let mut facts: Vec<MemoFact> = told
        .into_iter()
        .take(limits.warnings)
        .map(|warning| MemoFact {
            name: warning.id.to_owned(),
            says: warning.says.to_owned(),
            because: warning.basis.first().map(|basis| answers(basis, limits)).unwrap_or_default(),
        })
        .collect();
    let and_more = |more| MemoFact { name: "…".to_owned(), says: more, because: String::new() };
    facts.extend(rest.map(and_more));
    facts
}

fn changes(advised: &Advised, limits: Limits) -> Vec<String> {
    let settled = settled(&advised.would_change).into_iter();
    let mut told: Vec<String> =
        settled.map(|report| format!("No single answer changes the level of the {report}.")).collect();
    told.extend(advised.would_change.iter().take(limits.changes).map(|turn| turn.says.clone()));
    told.extend(more(advised.would_change.len(), limits.changes).map(|more| format!("And {more} smaller ones.")));
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
    fn lists_shrink_step_by_step_and_notes_last() {
        let steps = shrinking();
        let uncut = steps.iter().filter(|limits| limits.notes == MOST.notes);
        assert!(
            uncut.map(|limits| limits.reasons).min() <= Some(LESS.reasons),
            "reasons are cut before the first note"
        );
        assert_eq!(steps.last().map(|limits| (limits.notes, limits.warnings)), Some((LEAST.notes, LEAST.warnings)));
        // What is not shown is counted.
        let example = Written::embedded("profile.toml", PROFILE_EXAMPLE).parse::<Profile>().unwrap();
        let advised = advised(example, jiff::civil::date(2026, 11, 22), &Catalog::embedded().unwrap());
        let least = memo(&advised, LEAST);
        let told = advised.advice.notes.len() + advised.advice.owed.len();
        assert_eq!(least.notes.last().unwrap(), &format!("And {} more.", told - LEAST.notes));
        assert!(least.warnings.last().unwrap().says.starts_with("And "));
        assert!(least.changes.last().unwrap().starts_with("And "));
        assert!(least.reasons.last().unwrap().why.starts_with("And "));
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
