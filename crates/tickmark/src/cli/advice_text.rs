//! An advice as text for the terminal: the two plain sentences, the table, rules with their answers, warnings, and what
//! would change the answer.

use std::fmt::Write;

use tickmark_app::{
    Advised,
    advisor::{Advice, Basis, CostTable, Level, ReportAdvice, Statement, Subject, Word, idle, settled},
};

use super::{grouped, table::Table, wrap};

/// So many changes are shown unless all are asked for.
const CHANGES: usize = 8;

/// The text.
pub fn text(advised: &Advised, all: bool) -> String {
    let advice = &advised.advice;
    let mut text = String::new();
    for statement in &advice.sentences {
        text.push_str(&wrap::hanging("", &statement.says));
    }
    if !advice.contradictions.is_empty() {
        heading(&mut text, "Answers that cannot all be true; settle them first");
        for found in &advice.contradictions {
            text.push_str(&wrap::hanging("-  ", &format!("{}{}", found.says, because(&found.basis))));
            for read in &found.readings {
                text.push_str(&wrap::hanging("   ", &format!("If {}: {}.", read.provided, read.outcome)));
            }
        }
    }
    text.push('\n');
    text.push_str(&reports(advice));
    types(&mut text, advice);
    let sure = format!("Confidence: {}{}.", advice.confidence.level.means(), because(&advice.confidence.basis));
    let _ = write!(text, "\n{}", wrap::hanging("", &sure));
    scope(&mut text, advised);
    dates(&mut text, advice);
    owed(&mut text, advice);
    statements(&mut text, "Note", &advice.notes);
    why(&mut text, advice);
    heading(&mut text, "Mistakes to avoid");
    for warning in &advice.warnings {
        let answers: Vec<String> = warning.basis.iter().flat_map(answers_of).collect();
        let because = if answers.is_empty() { String::new() } else { format!(" ({})", answers.join(", ")) };
        text.push_str(&wrap::hanging(&format!("{}  ", warning.id), &format!("{}{because}", warning.says)));
    }
    would_change(&mut text, advised, all);
    if let Some(cost) = &advised.cost {
        heading(&mut text, "Cost and effort, by your own quotes and days");
        text.push_str(&costs(cost));
    }
    if !advice.open.is_empty() {
        heading(&mut text, "Not known yet, and could matter");
        for question in &advice.open {
            text.push_str(&wrap::hanging(&format!("{question}  "), question.asks()));
        }
    }
    let says = "This advises. A licensed, independent CPA firm decides what it examines and issues the report.";
    let _ = write!(text, "\n{}", wrap::hanging("", says));
    text
}

fn heading(text: &mut String, title: &str) {
    let _ = writeln!(text, "\n{title}");
}

/// The rules of a basis with the answers behind them, in parentheses.
fn because(basis: &[Basis]) -> String {
    format!(" ({})", told(basis.iter()))
}

/// Rules with their answers, each once.
fn told<'a>(basis: impl Iterator<Item = &'a Basis>) -> String {
    let mut told: Vec<String> = Vec::new();
    for line in basis.map(Basis::told) {
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told.join("; ")
}

fn answers_of(basis: &Basis) -> impl Iterator<Item = String> {
    basis.answers.iter().map(|answered| format!("{} {}", answered.question, answered.answer))
}

fn ids(basis: &[Basis]) -> String {
    let mut ids: Vec<&str> = basis.iter().map(|basis| basis.rule.id).collect();
    ids.dedup();
    ids.join(" ")
}

/// The rules that speak first; a change of dates brings many.
fn leading(basis: &[Basis]) -> String {
    const SHOWN: usize = 3;
    let mut ids: Vec<&str> = Vec::new();
    for id in basis.iter().map(|basis| basis.rule.id) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.truncate(SHOWN);
    ids.join(" ")
}

fn reports(advice: &Advice) -> String {
    let mut table = Table::new(&["report", "needed", "when", "type now", "then", "rules"]);
    for report in &advice.reports {
        let types = advice.type_of(report.report);
        let when = if report.level.is_pursued() { report.when.id() } else { "" };
        table.row([
            report.report.to_string(),
            report.told(),
            when.to_owned(),
            types.map(|types| types.now.means().to_owned()).unwrap_or_default(),
            types.map(|types| types.next.means().to_owned()).unwrap_or_default(),
            ids(&report.basis),
        ]);
    }
    table.text()
}

/// Which type and why, for each report that is gone for.
fn types(text: &mut String, advice: &Advice) {
    for types in &advice.types {
        let says = match (types.now, types.next) {
            (now, next) if now == next => now.means().to_owned(),
            (now, next) => format!("{}, then {}", now.means(), next.means()),
        };
        let mark = format!("{}  ", types.report);
        text.push_str(&wrap::hanging(&mark, &format!("{says}{}", because(&types.basis))));
    }
}

fn scope(text: &mut String, advised: &Advised) {
    let advice = &advised.advice;
    if !advice.categories.is_empty() {
        heading(text, "Trust services categories (SOC 2)");
        let mut table = Table::new(&["category", "in", "because"]);
        for line in &advice.categories {
            table.row([line.category.replace('-', " "), line.level.to_string(), told(line.basis.iter())]);
        }
        text.push_str(&table.text());
    }
    if !advised.objectives.is_empty() {
        heading(text, "Control objectives to begin with (SOC 1); management chooses its own");
        let mut table = Table::new(&["objective", "title", "industry"]);
        for line in &advised.objectives {
            table.row([line.id.clone(), line.title.clone(), line.industry.clone().unwrap_or_default()]);
        }
        text.push_str(&table.text());
        let rules = told(advice.objectives.iter().flat_map(|family| &family.basis));
        text.push_str(&wrap::hanging("", &rules));
    }
    if !advice.subservice.is_empty() {
        heading(text, "Providers");
        let mut table = Table::new(&["provider", "in", "treated", "rules"]);
        // What to do is told once for all providers that it is about, with what is known of each.
        let mut to_do: Vec<(&str, Vec<&str>, Vec<&Basis>)> = Vec::new();
        for line in &advice.subservice {
            let treated = line.treatment.shown().to_owned();
            table.row([line.provider.clone(), line.report.to_string(), treated, ids(&line.basis)]);
            let why = line.basis.first();
            match to_do.iter_mut().find(|(says, ..)| *says == line.says) {
                Some((_, providers, whys)) => {
                    if !providers.contains(&line.provider.as_str()) {
                        providers.push(&line.provider);
                    }
                    whys.extend(why);
                }
                None => to_do.push((line.says, vec![&line.provider], why.into_iter().collect())),
            }
        }
        text.push_str(&table.text());
        for (says, providers, whys) in to_do {
            let says = format!("{}: {says} ({})", providers.join(", "), told(whys.into_iter()));
            text.push_str(&wrap::hanging("-  ", &says));
        }
    }
}

fn dates(text: &mut String, advice: &Advice) {
    for days in &advice.periods {
        let standards: Vec<&str> = days.standards.iter().map(|standard| standard.shown()).collect();
        heading(text, &format!("{} dates, under {}", days.report, standards.join(" and ")));
        if let Some(as_of_on) = days.as_of_on {
            let _ = writeln!(text, "Type 1 as of {as_of_on}");
        }
        let _ = writeln!(text, "Type 2 period {} to {}", days.period.first, days.period.last);
        let _ = writeln!(text, "next period   {} to {}", days.renewal.first, days.renewal.last);
        text.push_str(&wrap::hanging("because  ", &told(days.basis.iter())));
        if days.coverage.is_empty() {
            continue;
        }
        let mut table = Table::new(&[
            "years end",
            "#user entities",
            "fiscal year",
            "#covered",
            "#%",
            "#before",
            "#gap days",
            "cover",
        ]);
        for line in &days.coverage {
            let cover = &line.cover;
            table.row([
                line.month.means().to_owned(),
                if line.assumed { "assumed".to_owned() } else { grouped(u64::from(line.user_entities)) },
                format!("{} to {}", cover.fiscal_year.first, cover.fiscal_year.last),
                cover.covered_days.to_string(),
                cover.percent.to_string(),
                cover.head_days.to_string(),
                cover.gap_days.to_string(),
                cover.shown().to_owned(),
            ]);
        }
        text.push_str(&table.text());
        if let Some(served) = days.well_covered {
            let says = format!(
                "With later periods of twelve months, {served} get nine months of cover or more and a gap of three months or less."
            );
            text.push_str(&wrap::hanging("", &says));
        }
    }
    if !advice.plan.is_empty() {
        heading(text, "Plan; lengths are customary, the firm sets the real ones");
        let mut table = Table::new(&["from", "to", "report", "what", "rules"]);
        for step in &advice.plan {
            let to = if step.first == step.last { String::new() } else { step.last.to_string() };
            let report = step.report.map(|report| report.to_string()).unwrap_or_default();
            table.row([step.first.to_string(), to, report, step.what.to_owned(), ids(&step.basis)]);
        }
        text.push_str(&table.text());
        text.push_str(&wrap::hanging("", &told(advice.plan.iter().flat_map(|step| &step.basis))));
    }
}

/// Each report that is owed, with its own answer.
fn owed(text: &mut String, advice: &Advice) {
    if advice.owed.is_empty() {
        return;
    }
    heading(text, "Owed, each by itself");
    for owed in &advice.owed {
        text.push_str(&wrap::hanging("-  ", &format!("{}{}", owed.says, because(&owed.basis))));
        if !owed.meanwhile.is_empty() {
            text.push_str(&wrap::hanging("   ", &format!("Until then: {}.", owed.meanwhile.join("; "))));
        }
    }
}

fn statements(text: &mut String, title: &str, statements: &[Statement]) {
    if statements.is_empty() {
        return;
    }
    heading(text, title);
    for statement in statements {
        text.push_str(&wrap::hanging("-  ", &format!("{}{}", statement.says, because(&statement.basis))));
    }
}

/// The rules behind the levels, each with its answers and its reason.
fn why(text: &mut String, advice: &Advice) {
    heading(text, "Why");
    let told = [Subject::Soc1, Subject::Soc2, Subject::Soc3, Subject::Isae3402, Subject::Isae3000];
    for report in advice.reports.iter().filter(|report| told.contains(&report.report)) {
        // A level of no without a rule of its own says nothing that the table does not.
        let unspoken = report.level == Level::No && report.report > Subject::Both;
        for basis in report.basis.iter().filter(|_| !unspoken) {
            let answers: Vec<String> = answers_of(basis).collect();
            let mark = format!("{:<9} {:<5} ", report.report.to_string(), basis.rule.id);
            text.push_str(&wrap::hanging(&mark, &format!("{}: {}", answers.join(", "), basis.rule.why)));
        }
    }
}

fn would_change(text: &mut String, advised: &Advised, all: bool) {
    if advised.would_change.is_empty() {
        return;
    }
    heading(text, "What would change the answer");
    for report in settled(&advised.would_change) {
        let level = advised.advice.report(report).map(ReportAdvice::told).unwrap_or_default();
        text.push_str(&wrap::hanging("-  ", &format!("No single answer changes the level of the {report}: {level}.")));
    }
    let shown = if all { usize::MAX } else { CHANGES };
    for turn in advised.would_change.iter().take(shown) {
        text.push_str(&wrap::hanging(
            "-  ",
            &format!("{} ({}, now {}; {})", turn.says, turn.question, turn.now, leading(&turn.basis)),
        ));
    }
    let more = advised.would_change.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(text, "   … and {more} more with --all");
    }
    let idle: Vec<String> = idle(&advised.would_change).into_iter().map(|question| question.to_string()).collect();
    if all && !idle.is_empty() {
        let says = format!("Another answer to one of these changes nothing by itself: {}.", idle.join(", "));
        text.push_str(&wrap::hanging("-  ", &says));
    }
}

fn costs(cost: &CostTable) -> String {
    let mut table = Table::new(&["way", "#firm", "#other", "#own days", "#total", "remark"]);
    let amount = |amount: Option<tickmark_app::advisor::Amount>| {
        amount.map_or_else(|| "not quoted".to_owned(), tickmark_app::advisor::Amount::grouped)
    };
    for line in &cost.ways {
        table.row([
            line.way.to_owned(),
            amount(line.firm),
            line.other.map_or_else(|| "–".to_owned(), tickmark_app::advisor::Amount::grouped),
            amount(line.days),
            amount(line.total),
            line.remark.to_owned(),
        ]);
    }
    format!("{}amounts in {}\n", table.text(), String::from(cost.currency.clone()))
}
