//! The cases of the advisor: every row of `src/advisor/cases.md` is given to the advisor, and what it expects must come out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jiff::civil::{Date, date};
use tickmark_domain::advisor::{
    Advice, Basis, DIFFERENCES, Itgc, Level, Profile, Question, RULES, Subject, WARNING_TEXTS, Word, advise,
};

const CASES: &str = include_str!("../../src/advisor/cases.md");

/// The day that the file names.
pub const TODAY: Date = date(2026, 11, 22);

/// One row: its cells by the head of their column.
struct Row {
    line: usize,
    cells: BTreeMap<String, String>,
}

impl Row {
    fn cell(&self, column: &str) -> &str {
        self.cells.get(column).unwrap_or_else(|| panic!("line {}: no column `{column}`", self.line))
    }

    fn profile(&self) -> Profile {
        answers(self.cell("answers")).unwrap_or_else(|why| panic!("line {}: {why}", self.line))
    }
}

/// A profile from answers written as `Q01 direct · Q02 payroll`.
pub fn answers(text: &str) -> Result<Profile, String> {
    let mut profile = Profile::default();
    for part in text.split('·').map(str::trim) {
        let (id, line) = part.split_once(' ').ok_or_else(|| format!("`{part}` has no answer"))?;
        let question = Question::named(id).ok_or_else(|| format!("there is no question `{id}`"))?;
        if question.is_answered(&profile) {
            return Err(format!("{id} is answered twice"));
        }
        question.answer(&mut profile, line)?;
    }
    Ok(profile)
}

/// The rows of the table under a heading; a row with other columns than the head fails.
fn table(heading: &str) -> Vec<Row> {
    let mut lines = CASES.lines().enumerate().skip_while(|(_, line)| *line != format!("## {heading}")).skip(1);
    let cells_of = |line: &str| -> Vec<String> {
        let line = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|')).expect("a row between bars");
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let (_, head) = lines.by_ref().find(|(_, line)| line.starts_with('|')).expect("a table");
    let head = cells_of(head);
    lines.next();
    let rows: Vec<Row> = lines
        .take_while(|(_, line)| line.starts_with('|'))
        .map(|(at, line)| {
            let cells = cells_of(line);
            assert_eq!(cells.len(), head.len(), "line {}: a row of {} columns", at + 1, head.len());
            Row { line: at + 1, cells: head.iter().cloned().zip(cells).collect() }
        })
        .collect();
    assert!(!rows.is_empty(), "{heading} has no rows");
    rows
}

fn level(text: &str) -> Level {
    Level::of(text).unwrap_or_else(|| panic!("`{text}` is no level"))
}

fn subject(id: &str) -> Subject {
    Subject::ALL.into_iter().find(|subject| subject.id() == id).unwrap_or_else(|| panic!("`{id}` is no report"))
}

/// Collects what does not hold, so that one run shows every row that is wrong.
#[derive(Default)]
struct Wrong(String);

impl Wrong {
    fn check(&mut self, row: &Row, column: &str, expected: &str, found: &str) {
        if expected != found {
            let id = row.cell("id");
            writeln!(self.0, "line {} {id}, {column}: expected `{expected}`, found `{found}`", row.line).unwrap();
        }
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        assert!(self.0.is_empty() || std::thread::panicking(), "these rows do not hold:\n{}", self.0);
    }
}

#[test]
fn the_matrix_is_met_exactly() {
    let mut wrong = Wrong::default();
    for row in table("Exact levels") {
        let advice = advise(&row.profile(), TODAY);
        for (column, report) in [("SOC 1", Subject::Soc1), ("SOC 2", Subject::Soc2), ("both", Subject::Both)] {
            wrong.check(&row, column, row.cell(column), advice.level(report).id());
        }
    }
}

#[test]
fn every_other_row_is_met_at_least() {
    let mut wrong = Wrong::default();
    for (heading, column) in
        [("At least", "at least"), ("Conflicts, as they are resolved", "expects"), ("Mistakes", "expects")]
    {
        for row in table(heading) {
            let advice = advise(&row.profile(), TODAY);
            for clause in row.cell(column).split(',').map(str::trim) {
                wrong.check(&row, clause, "holds", holds(&advice, clause));
            }
        }
    }
}

/// Whether a clause such as `soc1 likely`, `at most soc2 no`, `category security`, `warns W12` holds of an advice.
fn holds(advice: &Advice, clause: &str) -> &'static str {
    let words: Vec<&str> = clause.split_whitespace().collect();
    let met = match words.as_slice() {
        ["at", "most", report, most] => advice.level(subject(report)) <= level(most),
        ["category", category] => advice.categories.iter().any(|c| c.category == *category && c.level == Level::Yes),
        ["warns", id] => {
            assert!(WARNING_TEXTS.iter().any(|(rule, _)| rule.id == *id), "`{id}` is no warning");
            advice.warnings.iter().any(|warning| warning.id == *id)
        }
        ["provisional", report] => advice.report(subject(report)).is_some_and(|r| r.provisional),
        ["months", report, count] => {
            let days = advice.period_of(subject(report)).expect("a period");
            let length = days.period.first.until((jiff::Unit::Month, days.period.last.tomorrow().unwrap())).unwrap();
            length.get_months() == count.parse::<i32>().unwrap()
        }
        [report, least] => advice.level(subject(report)) >= level(least),
        _ => panic!("`{clause}` says nothing"),
    };
    if met { "holds" } else { "does not hold" }
}

#[test]
fn profiles_are_advised_as_their_rows_say() {
    let mut wrong = Wrong::default();
    for row in table("Profiles") {
        let advice = advise(&row.profile(), TODAY);
        for (column, report) in [("SOC 1", Subject::Soc1), ("SOC 2", Subject::Soc2), ("both", Subject::Both)] {
            let said = advice.report(report).unwrap();
            let plan = if said.when.id() == "plan" { " (plan)" } else { "" };
            wrong.check(&row, column, row.cell(column), &format!("{}{plan}", said.level.id()));
        }
        let types = advice.types.iter().map(|t| format!("{} {} > {}", t.report, t.now.id(), t.next.id()));
        wrong.check(&row, "types", row.cell("types"), &types.collect::<Vec<_>>().join(", "));
        let last = advice.periods.first().map(|days| days.period.last.strftime("%m-%d").to_string());
        wrong.check(&row, "last day", row.cell("last day"), last.as_deref().unwrap_or("none"));
        let categories = advice.categories.iter().map(|c| {
            if c.level == Level::Yes { c.category.to_owned() } else { format!("{} ({})", c.category, c.level.id()) }
        });
        let expected: BTreeSet<&str> = row.cell("categories").split(", ").collect();
        let found: Vec<String> = categories.collect();
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        wrong.check(&row, "categories", &format!("{expected:?}"), &format!("{found:?}"));
        wrong.check(&row, "objectives", row.cell("objectives"), &objectives(&advice));
        for warning in row.cell("warns").split_whitespace() {
            wrong.check(&row, warning, "holds", holds(&advice, &format!("warns {warning}")));
        }
        for clause in row.cell("also").split(';').map(str::trim).filter(|clause| !clause.is_empty()) {
            wrong.check(&row, clause, "holds", also_holds(&advice, clause));
        }
    }
}

#[test]
fn dates_owed_reports_and_traces_are_as_their_rows_say() {
    let mut wrong = Wrong::default();
    for row in table("Dates, owed reports, unknown answers") {
        let advice = advise(&row.profile(), TODAY);
        for clause in row.cell("expects").split(';').map(str::trim) {
            wrong.check(&row, clause, "holds", also_holds(&advice, clause));
        }
    }
}

#[test]
fn a_trace_keeps_only_what_made_the_rule_fire() {
    let told = |text: &str| {
        let advice = advise(&answers(text).unwrap(), TODAY);
        let basis = advice.reports.iter().take(2).flat_map(|report| &report.basis);
        let categories = advice.categories.iter().flat_map(|category| &category.basis);
        let providers = advice.subservice.iter().flat_map(|line| &line.basis);
        basis.chain(categories).chain(providers).map(Basis::told).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(
        told("Q01 direct · Q02 payroll, other · Q04 yes · Q05 personal, financial · Q06 client-auditors, procurement, regulators · Q07 soc1, security-questionnaire · Q08 soc1 type-2 2027-12-15 Bank; soc2 · Q10 saas · Q11 yes · Q13 yes · Q15 AWS: hosting, soc1, soc2, type-2; Post: letters, vendor · Q22 enterprise-customers, new-regions · Q23 40 people, enterprise, small-business"),
        @r"
        R01: Q01 direct
        R06: Q01 direct, Q06 client-auditors, regulators, Q07 soc1
        R15: Q08 soc1 type-2 2027-12-15 Bank
        R09: Q04 yes, Q05 personal, financial
        R10: Q06 procurement, Q07 security-questionnaire
        R15: Q08 soc2
        R18: Q22 enterprise-customers, Q23 enterprise
        R11: Q02 payroll, Q01 direct
        C01: Q04 yes, Q05 personal, financial
        C02: Q11 yes
        C03: Q13 yes
        B02: Q15 AWS: hosting, soc1, soc2, type-2
        B05: Q01 direct, Q04 yes, Q05 personal, financial
        B02: Q15 AWS: hosting, soc1, soc2, type-2
        B05: Q01 direct, Q04 yes, Q05 personal, financial
        B01: Q15 Post: letters, vendor
        B05: Q01 direct, Q04 yes, Q05 personal, financial
        B01: Q15 Post: letters, vendor
        B05: Q01 direct, Q04 yes, Q05 personal, financial
        "
    );
}

#[test]
fn two_profiles_side_by_side_say_of_what_is_unknown_what_the_advice_says() {
    let known = answers("Q01 direct · Q04 yes · Q06 client-auditors").unwrap();
    let unknown = answers("Q02 payroll · Q11 yes").unwrap();
    let compared = tickmark_domain::advisor::compare_profiles(&known, &unknown, TODAY);
    let advice = advise(&unknown, TODAY);
    let reports = [Subject::Soc1, Subject::Soc2, Subject::Both].map(|subject| advice.report(subject).unwrap());
    assert!(reports.iter().all(|report| report.provisional), "{reports:?}");
    for report in reports {
        let line = compared.conclusions.iter().find(|line| line.about == report.report.to_string()).unwrap();
        assert!(line.second.starts_with(&report.told()), "{line:?}");
    }
    // Nothing is known of a profile without answers, and nothing is said to be unnecessary.
    let nothing = tickmark_domain::advisor::compare_profiles(&known, &Profile::default(), TODAY);
    let soc2 = nothing.conclusions.iter().find(|line| line.about == "SOC 2").unwrap();
    assert_eq!((soc2.first.as_str(), soc2.second.as_str()), ("yes, plan", "not known yet"));
}

fn objectives(advice: &Advice) -> String {
    let families = advice.objectives.iter().map(|family| {
        let only = if family.only.is_empty() { String::new() } else { format!(" ({})", family.only.join(" ")) };
        let itgc = match &family.itgc {
            Itgc::OfIndustry => "ITGC".to_owned(),
            Itgc::Only(ids) => ids.join(" "),
            Itgc::Nothing => String::new(),
        };
        match (family.industry, itgc.as_str()) {
            (Some(industry), "") => format!("{industry}{only}"),
            (Some(industry), itgc) => format!("{industry}{only} + {itgc}"),
            (None, itgc) => itgc.to_owned(),
        }
    });
    let told: Vec<String> = families.collect();
    if told.is_empty() { "none".to_owned() } else { told.join(", ") }
}

fn also_holds(advice: &Advice, clause: &str) -> &'static str {
    let met = if let Some(day) = clause.strip_prefix("as of ") {
        advice.periods.iter().all(|days| days.as_of_on.map(|on| on.to_string()).as_deref() == Some(day))
    } else if let Some(period) = clause.strip_prefix("period ") {
        advice.periods.iter().all(|days| format!("{} to {}", days.period.first, days.period.last) == period)
    } else if let Some(percent) = clause.strip_prefix("well covered ") {
        let told = |served: &tickmark_domain::advisor::Served| format!("{} of {}", served.served, served.of);
        advice.periods.iter().any(|days| days.well_covered.as_ref().map(told).as_deref() == Some(percent))
    } else if let Some(words) = clause.strip_prefix("no step ") {
        !advice.plan.iter().any(|step| step.what.starts_with(words))
    } else if let Some(step) = clause.strip_prefix("step ") {
        advice.plan.iter().any(|s| format!("{} to {} {}", s.first, s.last, s.what).starts_with(step))
    } else if let Some(words) = clause.strip_prefix("no note ") {
        !advice.notes.iter().any(|note| note.says.contains(words))
    } else if let Some(id) = clause.strip_prefix("no warning ") {
        !advice.warnings.iter().any(|warning| warning.id == id)
    } else if let Some(answers) = clause.strip_prefix("W17 by ") {
        let because = |basis: &Basis| basis.told() == format!("W17: {answers}");
        advice.warnings.iter().any(|warning| warning.basis.iter().any(because))
    } else if let Some(rule) = clause.strip_prefix("rule ") {
        advice.notes.iter().any(|note| note.basis.iter().any(|basis| basis.rule.id == rule))
    } else if let Some(words) = clause.strip_prefix("notes ") {
        advice.notes.iter().any(|note| note.says.contains(words))
    } else if let Some(words) = clause.strip_prefix("disagrees ") {
        advice.contradictions.iter().any(|found| found.says.contains(words))
    } else if let Some(words) = clause.strip_prefix("reads ") {
        advice.contradictions.iter().flat_map(|found| &found.readings).any(|read| read.outcome.contains(words))
    } else if let Some(words) = clause.strip_prefix("owed ") {
        advice.owed.iter().any(|owed| owed.says.contains(words))
    } else if let Some(words) = clause.strip_prefix("until then ") {
        advice.owed.iter().flat_map(|owed| &owed.meanwhile).any(|given| given.contains(words))
    } else if let Some(level) = clause.strip_prefix("confidence ") {
        advice.confidence.level.id() == level
    } else if let Some(told) = clause.strip_prefix("types by ") {
        let rules = |basis: &[Basis]| basis.iter().map(|basis| basis.rule.id).collect::<Vec<_>>().join(" ");
        let types = advice.types.iter().map(|types| format!("{} {}", types.report, rules(&types.basis)));
        types.collect::<Vec<_>>().join(", ") == told
    } else if let Some((provider, treatment)) =
        clause.rsplit_once(' ').filter(|(_, word)| ["carve-out", "inclusive"].contains(word))
    {
        let (name, report) = provider.rsplit_once(' ').expect("NAME REPORT TREATMENT");
        advice
            .subservice
            .iter()
            .any(|line| line.provider == name && line.report == subject(report) && line.treatment.shown() == treatment)
    } else {
        return holds(advice, clause);
    };
    if met { "holds" } else { "does not hold" }
}

#[test]
fn the_comparison_of_the_reports_says_what_everybody_agrees_on() {
    let mut wrong = Wrong::default();
    for row in table("Knowledge") {
        let line = DIFFERENCES.iter().find(|line| line.respect == row.cell("respect"));
        let line = line.unwrap_or_else(|| panic!("line {}: no respect `{}`", row.line, row.cell("respect")));
        for (column, text) in [("SOC 1 says", line.soc1), ("SOC 2 says", line.soc2)] {
            for part in row.cell(column).split(';').map(str::trim).filter(|part| !part.is_empty()) {
                let says = text.to_lowercase().contains(&part.to_lowercase());
                wrong.check(&row, column, part, if says { part } else { text });
            }
        }
    }
}

#[test]
fn claims_of_sellers_are_never_shown() {
    let mut said: String = DIFFERENCES.iter().flat_map(|line| [line.respect, line.soc1, line.soc2]).collect();
    said.extend(RULES.iter().flat_map(|rule| [rule.when, rule.then, rule.why]));
    said.extend(WARNING_TEXTS.iter().map(|(_, text)| *text));
    said.extend(Question::all().flat_map(|question| [question.asks(), question.helps()]));
    for row in table("Profiles") {
        said.push_str(&serde_json::to_string(&advise(&row.profile(), TODAY)).unwrap());
    }
    for row in table("Never shown") {
        for words in row.cell("words").split(';').map(str::trim) {
            assert!(!said.contains(words), "{}: `{words}` is said", row.cell("id"));
        }
    }
    for word in ["certified", "compliant", "passed the audit"] {
        assert!(!said.to_lowercase().contains(word), "`{word}` is said");
    }
}

#[test]
fn no_case_is_missing() {
    let headings = [
        "Exact levels",
        "At least",
        "Conflicts, as they are resolved",
        "Mistakes",
        "Knowledge",
        "Never shown",
        "Answered elsewhere",
        "Dates, owed reports, unknown answers",
        "Profiles",
    ];
    let found: BTreeSet<String> =
        headings.iter().flat_map(|heading| table(heading)).map(|row| row.cell("id").to_owned()).collect();
    let expected: BTreeSet<String> =
        [("S0-", 37), ("S1-", 33), ("S2-", 57), ("S3-", 26), ("K", 17), ("M", 30), ("F", 20)]
            .into_iter()
            .flat_map(|(series, last)| (1..=last).map(move |number| format!("{series}{number:02}")))
            .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_rule_speaks_in_some_case() {
    let mut spoken: BTreeSet<String> = BTreeSet::new();
    let more = [
        // Rules that no source case needs.
        "Q02 payroll",
        "Q01 hosts · Q02 payroll",
        "Q04 no · Q10 advice-only",
        "Q10 on-premise-software",
        "Q01 none · Q04 yes · Q06 none · Q07 none · Q08 none · Q22 none · Q23 4 people",
        "Q01 direct · Q03 partly · Q06 client-auditors · Q17 2025-01-01 · Q21 soc1 type-2 2025-10-01 2026-09-30 unmodified · Q19 us · Q22 large-system-change",
        "Q01 direct · Q06 client-auditors · Q16 december 5, june 5, march 4 · Q15 Printer: payslips, soc1, own-controls-suffice; Post: letters, vendor",
        "Q04 yes · Q20 yes · Q06 none · Q17 not-yet · Q24 iso27001 · Q14 processor-with-privacy-terms",
        "Q04 yes · Q06 security-team · Q11 no · Q22 financial-processing",
    ];
    let rows = [
        "Exact levels",
        "At least",
        "Conflicts, as they are resolved",
        "Mistakes",
        "Dates, owed reports, unknown answers",
        "Profiles",
    ];
    let profiles = rows.iter().flat_map(|heading| table(heading)).map(|row| row.profile());
    for profile in profiles.chain(more.into_iter().map(|text| answers(text).unwrap())) {
        let json = serde_json::to_value(advise(&profile, TODAY)).unwrap();
        collect_rules(&json, &mut spoken);
    }
    let silent: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !spoken.contains(*id)).collect();
    assert!(silent.is_empty(), "these rules never speak: {silent:?}");
    assert!(spoken.iter().all(|id| RULES.iter().any(|rule| rule.id == id)), "a rule that is not in the table speaks");
}

fn collect_rules(json: &serde_json::Value, spoken: &mut BTreeSet<String>) {
    match json {
        serde_json::Value::Object(map) => {
            if let Some(rule) = map.get("rule").and_then(serde_json::Value::as_str) {
                spoken.insert(rule.to_owned());
            }
            let rules = map.get("rules").and_then(serde_json::Value::as_array).into_iter().flatten();
            spoken.extend(rules.filter_map(serde_json::Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect_rules(value, spoken));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect_rules(value, spoken)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[test]
fn the_reference_page_lists_every_question_and_rule_as_they_are() {
    let page = include_str!("../../../../docs/advisor.md");
    let questions = Question::all().map(|q| format!("| {q} | `{}` | {} |", q.key(), q.asks()));
    let rules = RULES.iter().map(|rule| format!("| {} | {} | {} | {} |", rule.id, rule.when, rule.then, rule.why));
    let missing: Vec<String> = questions.chain(rules).filter(|line| !page.contains(line.as_str())).collect();
    assert!(missing.is_empty(), "docs/advisor.md lacks:\n{}", missing.join("\n"));
}

#[test]
fn what_would_change_is_told_in_plain_sentences_the_weightiest_first() {
    let profile = answers("Q01 none · Q04 yes · Q05 confidential-business · Q06 security-team · Q07 soc2 · Q10 saas · Q11 no · Q12 no · Q13 yes · Q15 Mailer: mail, soc2, no-report · Q17 2025-01-01").unwrap();
    let turns = tickmark_domain::advisor::what_would_change(&profile, TODAY);
    let told: Vec<&str> = turns.iter().map(|turn| turn.says.as_str()).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    If you start, record, process or report your clients' transactions or balances, SOC 1 becomes needed.
    If a contract obliges you to deliver a SOC 1, SOC 1 becomes needed and the SOC 2 period ends on 2027-09-30.
    If a contract obliges you to deliver an ISAE 3402, SOC 1 becomes needed, ISAE 3402 becomes needed and the SOC 2 period ends on 2027-09-30.
    If you run the systems that do so for your clients or a part of your product yields amounts that clients book, SOC 1 goes from no to may.
    If clients' financial statement auditors ask for a report, SOC 1 goes from no to may.
    If clients ask for SOC 1, ISAE 3402 or Sarbanes-Oxley or their audit, SOC 1 goes from no to may.
    If you plan to process financial transactions, SOC 1 goes from no to may.
    If clients ask for SOC 3, SOC 3 becomes needed.
    If a contract obliges you to deliver a SOC 3, SOC 3 becomes needed.
    If you want a report that the public may read, SOC 3 becomes needed.
    If the controls do not all run yet, SOC 2 begins with a Type 1 and the SOC 2 period ends on 2027-09-30.
    If the controls run only since today, SOC 2 begins with a Type 1 and the SOC 2 period ends on 2027-06-30.
    If the first report is due in six weeks, SOC 2 begins with a Type 1.
    If there is a SOC 2 Type 2 that ended on 2026-10-31, the SOC 2 period ends on 2027-10-31.
    If you promise uptime, recovery or support times, availability joins the SOC 2.
    If you promise that processing is complete, accurate and timely, processing integrity joins the SOC 2.
    If you promise nothing about confidentiality, confidentiality leaves the SOC 2.
    If you process personal information under privacy terms with clients or you collect personal information from people or decide about its use, privacy joins the SOC 2.
    If Mailer has a Type 2 report of its own or Mailer takes no part in the examination, Mailer in the SOC 2 becomes: carve-out.
    If Mailer has no report of its own and takes part, Mailer in the SOC 2 becomes: inclusive.
    If user entities or their auditors are in Canada, the United Kingdom, the European Union, Australia, India or other countries, ISAE 3000 goes from not known yet to may.
    ");
}
