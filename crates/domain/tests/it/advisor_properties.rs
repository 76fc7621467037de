//! What holds of the advisor for every profile.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use proptest::prelude::*;
use tickmark_domain::advisor::{
    Advice, Basis, Kind, Level, Profile, Question, Size, Step, Subject, Word, advise, next_question, open_questions,
    what_would_change,
};

/// Lines that answer a question, unknown among them.
fn lines(question: Question) -> Vec<String> {
    let mut lines = vec!["unknown".to_owned()];
    match question.kind() {
        Kind::One(choices) => lines.extend(choices.iter().map(|choice| choice.id.to_owned())),
        Kind::Some(choices) => {
            lines.push("none".to_owned());
            lines.extend(choices.iter().map(|choice| choice.id.to_owned()));
            lines.extend(choices.windows(2).map(|pair| format!("{}, {}", pair[0].id, pair[1].id)));
        }
        Kind::Line(example) => {
            lines.extend(
                match question.id() {
                    "Q08" => vec!["none", "soc1", "soc2 type-2 2027-06-30 Client", "soc1 2026-12-20", "isae3402; soc3"],
                    "Q15" => vec![
                        "none",
                        "A: hosting, soc1, soc2, type-2; B: printing, vendor",
                        "C: coding, soc1, no-report, takes part; D: mail",
                        "E: batch, soc2, own-controls-suffice; F: cards, soc1, type-1, takes no part",
                    ],
                    "Q16" => vec!["december 30", "june 3, december 3, march 4", "february 1"],
                    "Q17" => vec![
                        "not-yet",
                        "2026-11-20",
                        "2026-12-10",
                        "2026-05-01",
                        "2020-02-29",
                        "2031-01-01",
                        "9999-12-31",
                    ],
                    "Q18" => vec!["none", "2026-12-01", "2027-02-20", "2027-05-01", "2028-01-01", "0001-01-01"],
                    "Q21" => vec![
                        "none",
                        "soc1 type-2 2025-07-01 2026-06-30 qualified",
                        "soc2 type-1 2026-03-31",
                        "soc1 type-2 2022-01-01 2022-12-31; soc2 type-2 2025-11-29 2026-11-28 unmodified",
                    ],
                    "Q23" => vec!["4 people", "4000 people, 9 customers", "consumers", "enterprise, regulated"],
                    _ => vec![example],
                }
                .into_iter()
                .map(str::to_owned),
            );
        }
    }
    lines
}

fn profile() -> impl Strategy<Value = Profile> {
    let answers: Vec<_> = Question::all()
        .map(|question| (Just(question), prop::option::weighted(0.6, prop::sample::select(lines(question)))))
        .collect();
    answers.prop_map(|answers| {
        let mut profile = Profile::default();
        for (question, line) in answers {
            question.answer(&mut profile, line.as_deref().unwrap_or("unknown")).unwrap();
        }
        profile
    })
}

fn a_day() -> impl Strategy<Value = Date> {
    prop::sample::select(vec![date(2026, 11, 22), date(2024, 2, 29), date(1999, 12, 31), date(9999, 12, 30), Date::MIN])
}

/// What is concluded, without the reasons: levels, timing, types, scope, dates, mistakes.
fn conclusions(advice: &Advice) -> Vec<String> {
    let mut told = Vec::new();
    for r in &advice.reports {
        told.push(format!("{} {} {} {:?}", r.report, r.level, r.provisional, r.when));
    }
    told.extend(advice.types.iter().map(|t| format!("{} {:?} {:?}", t.report, t.now, t.next)));
    told.extend(advice.categories.iter().map(|c| format!("{} {}", c.category, c.level)));
    told.extend(advice.objectives.iter().map(|o| format!("{:?} {:?} {:?}", o.industry, o.only, o.itgc)));
    told.extend(advice.subservice.iter().map(|s| format!("{} {} {:?}", s.provider, s.report, s.treatment)));
    told.extend(
        advice
            .periods
            .iter()
            .map(|p| format!("{} {:?} {:?} {:?} {:?}", p.report, p.as_of_on, p.period, p.renewal, p.coverage)),
    );
    told.extend(advice.plan.iter().map(|s| format!("{} {} {:?} {}", s.first, s.last, s.report, s.what)));
    told.extend(advice.notes.iter().map(|note| note.says.clone()));
    told.extend(advice.warnings.iter().map(|warning| warning.id.to_owned()));
    told
}

fn bases(advice: &Advice) -> Vec<&[Basis]> {
    let mut all: Vec<&[Basis]> = Vec::new();
    all.extend(advice.sentences.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.reports.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.types.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.categories.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.objectives.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.subservice.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.periods.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.notes.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.warnings.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.contradictions.iter().map(|s| s.basis.as_slice()));
    all.extend(advice.plan.iter().map(|step| step.basis.as_slice()));
    all.push(&advice.confidence.basis);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_never_panics_and_answers_the_same_twice(profile in profile(), today in a_day()) {
        let advice = advise(&profile, today);
        prop_assert_eq!(&advice, &advise(&profile.clone(), today));
    }

    #[test]
    fn every_statement_has_its_basis(profile in profile(), today in a_day()) {
        let advice = advise(&profile, today);
        for basis in bases(&advice) {
            prop_assert!(!basis.is_empty());
            for answered in basis.iter().flat_map(|basis| &basis.answers) {
                // Whole, or the parts that made the rule fire.
                let whole = answered.question.answer_in(&profile);
                let separators = [", ", "; "];
                let parts: Vec<&str> = separators.iter().flat_map(|by| whole.split(by)).collect();
                let said = separators.iter().any(|by| answered.answer.split(by).all(|part| parts.contains(&part)));
                prop_assert!(said, "{} is not in {whole}", answered.answer);
                prop_assert!(!answered.in_words().is_empty());
            }
            // One warning stands for every profile, and so rests on no answer.
            prop_assert!(basis.iter().all(|basis| !basis.answers.is_empty() || basis.rule.id == "W16"));
        }
    }

    #[test]
    fn size_decides_no_level(profile in profile(), people in 0u32..100_000, customers in 0u32..100_000) {
        let segments = profile.size.as_ref().and_then(|size| size.segments.clone());
        let sized = |people, customers| Profile {
            size: Some(Size { people, customers, systems: Some(3), segments: segments.clone() }),
            ..profile.clone()
        };
        let unknown = advise(&sized(None, None), date(2026, 11, 22));
        let known = advise(&sized(Some(people), Some(customers)), date(2026, 11, 22));
        for report in [Subject::Soc1, Subject::Soc2, Subject::Both] {
            prop_assert_eq!(unknown.level(report), known.level(report));
        }
    }

    #[test]
    fn levels_only_rise_when_somebody_more_asks(profile in profile()) {
        let today = date(2026, 11, 22);
        let before = advise(&profile, today);
        let more: Vec<(&str, Vec<Subject>)> = vec![
            ("Q06", vec![Subject::Soc1, Subject::Soc2, Subject::Both]),
            ("Q08", vec![Subject::Soc1, Subject::Soc2, Subject::Both]),
            ("Q22", vec![Subject::Soc1, Subject::Soc2, Subject::Both]),
        ];
        for (id, reports) in more {
            let question = Question::named(id).unwrap();
            for addition in lines(question).into_iter().filter(|line| line != "unknown" && line != "none") {
                let mut added = profile.clone();
                // Q07's "a SOC report" alone is weaker than any reader, and so no reader may be added to it here.
                if added.asked_for.iter().flatten().any(|phrase| *phrase == tickmark_domain::advisor::Phrase::ASocReport) {
                    continue;
                }
                let own = question.answer_in(&added);
                let between = if id == "Q08" { "; " } else { ", " };
                let line = if own == "unknown" || own == "none" { addition } else { format!("{own}{between}{addition}") };
                question.answer(&mut added, &line).unwrap();
                let after = advise(&added, today);
                for report in &reports {
                    prop_assert!(after.level(*report) >= before.level(*report), "{id} {line}: {report}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_asked_changes_nothing(profile in profile()) {
        let today = date(2026, 11, 22);
        let open: BTreeSet<Question> = open_questions(&profile).into_iter().collect();
        let before = conclusions(&advise(&profile, today));
        for question in Question::all().filter(|q| !q.is_answered(&profile) && !open.contains(q)) {
            for line in lines(question) {
                let mut answered = profile.clone();
                question.answer(&mut answered, &line).unwrap();
                prop_assert_eq!(&before, &conclusions(&advise(&answered, today)), "{} {}", question, line);
                let mut still: BTreeSet<Question> = open_questions(&answered).into_iter().collect();
                still.remove(&question);
                prop_assert_eq!(&open, &still, "{} {} opens or closes others", question, line);
            }
        }
    }

    #[test]
    fn no_step_of_a_plan_comes_before_what_it_needs(profile in profile(), today in a_day()) {
        let advice = advise(&profile, today);
        let of = |what: &str| advice.plan.iter().filter(|step| step.what.starts_with(what)).collect::<Vec<_>>();
        let assessments = of("Assess readiness");
        prop_assert!(assessments.len() <= 1);
        for scope in of("Fix scope") {
            prop_assert_eq!(scope.first, today);
            prop_assert!(assessments.iter().all(|step| scope.last <= step.first && step.first <= step.last));
        }
        for days in &advice.periods {
            let of_report = |step: &Step| [None, Some(days.report), Some(Subject::Both)].contains(&step.report);
            let examined_on = days.as_of_on.unwrap_or(days.period.last);
            let assessed = assessments.iter().find(|step| of_report(step));
            let not_assessed = advice.notes.iter().any(|note| {
                note.says.starts_with(&format!("The {} leaves no time", days.report))
                    && note.basis.iter().all(|basis| basis.rule.id == "P08")
            });
            let is_first = days.basis.iter().any(|basis| basis.rule.id == "P08");
            // A first report has an assessment before it is examined, or the advice says why not; others have none.
            prop_assert_eq!(is_first && !not_assessed, assessed.is_some(), "{:?}", advice.plan);
            prop_assert!(assessed.is_none_or(|step| step.last <= examined_on), "{:?}", advice.plan);
            prop_assert!(of("Fix scope").iter().all(|step| step.last <= examined_on), "{:?}", advice.plan);
            prop_assert!(today <= examined_on && days.as_of_on.is_none_or(|on| on <= days.period.last));
            let at = |what: &str| of(what).into_iter().find(|step| of_report(step)).map(|step| (step.first, step.last));
            let (Some(fieldwork), Some(report)) = (at("Type 2: final"), at("Type 2: representation")) else {
                return Err(TestCaseError::fail("a Type 2 without fieldwork or report"));
            };
            prop_assert!(days.period.last <= fieldwork.0 && fieldwork.1 <= report.0 && report.0 <= report.1);
            if let Some((first, last)) = at("Bridge letter") {
                prop_assert!(days.period.last <= first && first <= last);
                prop_assert!(days.coverage.iter().any(|line| line.cover.fiscal_year.last == last && line.cover.gap_days <= 92));
            }
        }
    }

    #[test]
    fn both_is_the_lower_of_the_two_unless_a_rule_speaks_for_it(profile in profile()) {
        let advice = advise(&profile, date(2026, 11, 22));
        let (soc1, soc2, both) =
            (advice.level(Subject::Soc1), advice.level(Subject::Soc2), advice.report(Subject::Both).unwrap());
        let speaks = |id: &str| both.basis.iter().any(|basis| basis.rule.id == id);
        // Hosting of raw capacity (R03); pay and payments, where a SOC 1 is gone for (R11, K03).
        let most = if soc1.is_pursued() && speaks("R11") {
            Level::Usually
        } else if speaks("R03") {
            Level::Sometimes
        } else {
            Level::No
        };
        prop_assert!(both.level <= soc1.min(soc2).max(most), "{soc1} and {soc2}, but both {}", both.level);
    }

    #[test]
    fn a_last_day_that_serves_three_quarters_is_found(counts in prop::collection::btree_map(0_usize..12, 1_u32..40, 1..6)) {
        use tickmark_domain::advisor::Month;
        let year_ends: BTreeMap<Month, u32> = counts.iter().map(|(at, count)| (Month::ALL[*at], *count)).collect();
        let all: u32 = counts.values().sum();
        let serves = |last: usize| -> u32 { counts.iter().filter(|(end, _)| (**end + 12 - last) % 12 <= 3).map(|(_, c)| c).sum() };
        let mut profile = crate::advisor_cases::answers("Q01 direct · Q06 client-auditors · Q17 2025-01-01").unwrap();
        profile.year_ends = Some(year_ends);
        let advice = advise(&profile, date(2026, 11, 22));
        let is_spread = advice.notes.iter().any(|note| note.basis.iter().any(|basis| basis.rule.id == "P02"));
        let served = advice.period_of(Subject::Soc1).unwrap().well_covered.unwrap();
        prop_assert_eq!(is_spread, served.percent() < 75);
        // In whole percent, rounded half up.
        prop_assert_eq!(is_spread, !(0..12).any(|last| (serves(last) * 200 + all) / (2 * all) >= 75));
    }

    #[test]
    fn periods_respect_the_day_on_which_controls_ran(profile in profile(), today in a_day()) {
        use tickmark_domain::advisor::ControlsSince;
        let advice = advise(&profile, today);
        for days in &advice.periods {
            prop_assert!(days.period.first <= days.period.last);
            prop_assert!(days.renewal.first >= days.period.last);
            if let (Some(ControlsSince::On(since)), true) =
                (profile.controls_since, profile.earlier_reports.iter().flatten().next().is_none())
            {
                prop_assert!(days.period.first >= since, "{:?}", days.period);
                prop_assert!(days.as_of_on.is_none_or(|on| on >= since));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_would_change_does_change(profile in profile()) {
        let today = date(2026, 11, 22);
        let turns = what_would_change(&profile, today);
        let mut sentences = BTreeSet::new();
        for turn in &turns {
            prop_assert!(sentences.insert(turn.says.clone()), "told twice: {}", turn.says);
            prop_assert!(turn.says.starts_with("If ") && turn.says.ends_with('.') && !turn.changes.is_empty());
        }
        prop_assert_eq!(&turns, &what_would_change(&profile, today));
    }
}

#[test]
fn the_four_that_settle_most_come_first() {
    let mut profile = Profile::default();
    let mut asked = Vec::new();
    for line in ["none", "yes", "prospects", "soc2"] {
        let question = next_question(&profile, &[]).unwrap();
        asked.push(question.id());
        question.answer(&mut profile, line).unwrap();
    }
    assert_eq!(asked, ["Q01", "Q04", "Q06", "Q07"]);
    let rest: Vec<&str> = open_questions(&profile).into_iter().map(Question::id).collect();
    // Nothing reaches clients' statements, and a SOC 2 is needed anyway.
    for skipped in ["Q02", "Q03", "Q09", "Q16", "Q23"] {
        assert!(!rest.contains(&skipped), "{skipped} is asked");
    }
}

#[test]
fn every_question_can_matter() {
    let mut needed = BTreeMap::new();
    for base in ["Q01 direct · Q04 yes · Q06 client-auditors, security-team · Q17 2025-01-01", "Q02 unknown"] {
        let base = crate::advisor_cases::answers(base).unwrap();
        let before = conclusions(&advise(&base, date(2026, 11, 22)));
        for question in Question::all() {
            for line in lines(question) {
                let mut answered = base.clone();
                question.answer(&mut answered, &line).unwrap();
                if conclusions(&advise(&answered, date(2026, 11, 22))) != before {
                    needed.entry(question).or_insert(line);
                }
            }
        }
    }
    let idle: Vec<&str> = Question::all().filter(|q| !needed.contains_key(q)).map(Question::id).collect();
    assert!(idle.is_empty(), "these never change anything: {idle:?}");
    assert_eq!(advise(&Profile::default(), date(2026, 11, 22)).level(Subject::Soc1), Level::No);
}
