//! Profiles that nobody would write: unknown and empty answers, the same thing twice, dates far away, leap days, years that end in
//! every month. What is advised holds together all the same, and the cover is counted again here, day by day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use proptest::prelude::*;
use tickmark_domain::{
    Span,
    advisor::{
        Advice, Basis, Contract, ControlsSince, EarlierReport, FirstReportDue, Kind, Level, Month, NamedReport,
        NamedType, Opinion, OwedStanding, Profile, Question, Subject, Word, advise,
    },
};

/// Days at which calendars go wrong, near days and far ones.
fn a_day() -> impl Strategy<Value = Date> {
    let odd = prop::sample::select(vec![
        Date::MIN,
        date(1, 1, 1),
        date(1999, 12, 31),
        date(2023, 2, 28),
        date(2024, 2, 29),
        date(2026, 6, 30),
        date(2026, 9, 26),
        date(2027, 1, 2),
        date(2028, 2, 29),
        date(9999, 12, 30),
        Date::MAX,
    ]);
    let near = (-1_500_i32..1_500).prop_map(|days| date(2026, 11, 22).saturating_add(days.days()));
    prop_oneof![1 => odd, 5 => near]
}

fn any_of<T: Word + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop::sample::select(T::ALL.to_vec())
}

fn contract() -> impl Strategy<Value = Contract> {
    (any_of::<NamedReport>(), prop::option::of(any_of::<NamedType>()), prop::option::of(a_day()), any::<bool>())
        .prop_map(|(report, report_type, due_on, named)| Contract {
            report,
            report_type,
            due_on,
            client: named.then(|| "First Bank".to_owned()),
        })
}

fn earlier_report() -> impl Strategy<Value = EarlierReport> {
    let days = (a_day(), 1_i32..400);
    (any_of::<NamedReport>(), any_of::<NamedType>(), days, prop::option::of(any_of::<Opinion>())).prop_map(
        |(report, report_type, (last, length), opinion)| EarlierReport {
            report,
            report_type,
            first: Some(last.saturating_sub(length.days())),
            last,
            opinion,
        },
    )
}

/// Lists with the same thing twice.
fn some<T: Clone + std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Vec<T>>> {
    let list = prop::collection::vec(of, 0..4).prop_map(|mut list| {
        list.extend(list.first().cloned());
        list
    });
    prop::option::of(list)
}

/// The words of one question: unknown, none, one, many, or one twice.
fn words(question: Question) -> BoxedStrategy<String> {
    let ids = |choices: Vec<tickmark_domain::advisor::Choice>| choices.into_iter().map(|c| c.id.to_owned()).collect();
    match question.kind() {
        Kind::One(choices) => {
            let mut all: Vec<String> = ids(choices);
            all.push("unknown".to_owned());
            prop::sample::select(all).boxed()
        }
        Kind::Some(choices) => {
            let all: Vec<String> = ids(choices);
            let many = prop::sample::subsequence(all.clone(), 0..=all.len()).prop_map(|some| {
                let twice: Vec<String> = some.iter().chain(some.first()).cloned().collect();
                if twice.is_empty() { "none".to_owned() } else { twice.join(", ") }
            });
            prop_oneof![1 => Just("unknown".to_owned()), 4 => many].boxed()
        }
        Kind::Line(example) => prop::sample::select(match question.id() {
            "Q15" => vec![
                "unknown",
                "none",
                "A: hosting, soc1, soc2, type-2; A: hosting, soc1, soc2, type-2; B: printing, vendor",
                "C: coding, soc1, no-report, takes part; D: mail",
            ],
            "Q23" => vec!["unknown", "4 people", "0 people", "consumers", "4000 people, enterprise, regulated"],
            // Dates, reports and year-ends are made as such.
            "Q08" | "Q16" | "Q17" | "Q18" | "Q21" => vec!["unknown"],
            _ => vec![example],
        })
        .prop_map(str::to_owned)
        .boxed(),
    }
}

fn profile() -> impl Strategy<Value = Profile> {
    let answers: Vec<_> = Question::all().map(|question| (Just(question), words(question))).collect();
    let year_ends = prop::option::of(prop::collection::btree_map(any_of::<Month>(), 0_u32..2_000, 0..12));
    let since = prop::option::of(prop_oneof![Just(ControlsSince::NotYet), a_day().prop_map(ControlsSince::On)]);
    let due = prop::option::of(prop_oneof![Just(FirstReportDue::NoDate), a_day().prop_map(FirstReportDue::On)]);
    (answers, some(contract()), some(earlier_report()), year_ends, since, due).prop_map(
        |(answers, contracts, earlier_reports, year_ends, controls_since, first_report_due)| {
            let mut profile = Profile::default();
            for (question, line) in answers {
                question.answer(&mut profile, &line).unwrap();
            }
            Profile { contracts, earlier_reports, year_ends, controls_since, first_report_due, ..profile }
        },
    )
}

/// The last day of a month of a year, found by walking.
fn last_of(year: i16, month: i8) -> Option<Date> {
    (28..=31).rev().find_map(|day| Date::new(year, month, day).ok())
}

/// The cover of the fiscal years that end with a month, counted day by day: covered days, days of the year, days before the
/// period, days after it.
fn counted(period: Span, month: i8) -> Option<(i64, i64, i64, i64)> {
    let (year, at) = (period.last.year(), period.last.month());
    let year = if month >= at { year } else { year.checked_add(1)? };
    let (last, before) = (last_of(year, month)?, last_of(year.checked_sub(1)?, month)?);
    let (mut covered, mut all, mut head, mut gap) = (0, 0, 0, 0);
    let mut day = before.tomorrow().ok()?;
    while day <= last {
        all += 1;
        if day < period.first {
            head += 1;
        } else if day > period.last {
            gap += 1;
        } else {
            covered += 1;
        }
        day = day.tomorrow().ok()?;
    }
    Some((covered, all, head, gap))
}

fn bases(advice: &Advice) -> Vec<&[Basis]> {
    let mut all: Vec<&[Basis]> = vec![&advice.confidence.basis];
    all.extend(advice.sentences.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.reports.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.types.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.categories.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.objectives.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.subservice.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.periods.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.owed.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.plan.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.notes.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.warnings.iter().map(|of| of.basis.as_slice()));
    all.extend(advice.contradictions.iter().map(|of| of.basis.as_slice()));
    all
}

/// Whether the calendar ends before the dates of an advice do: there they run into its last day.
fn ends_with_the_calendar(days: Span) -> bool {
    days.last.year() >= 9_998
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_advised_holds_together(profile in profile(), today in a_day()) {
        let advice = advise(&profile, today);
        for basis in bases(&advice) {
            prop_assert!(!basis.is_empty());
            // One warning stands for every profile, and so rests on no answer.
            prop_assert!(basis.iter().all(|basis| !basis.answers.is_empty() || basis.rule.id == "W16"), "{basis:?}");
        }
        let both = advice.report(Subject::Both).unwrap();
        let lower = advice.level(Subject::Soc1).min(advice.level(Subject::Soc2));
        let by_itself = both.basis.iter().any(|basis| ["R03", "R11", "R12", "R20"].contains(&basis.rule.id));
        prop_assert!(both.level <= lower || by_itself, "both {} over {lower}", both.level);

        for days in &advice.periods {
            let Span { first, last } = days.period;
            prop_assert!(first < last || ends_with_the_calendar(days.period), "{days:?}");
            prop_assert!(last >= today && days.renewal.first >= last);
            prop_assert_eq!(days.renewal.first, last.saturating_add(1.day()), "without a gap");
            let runs = match profile.controls_since {
                Some(ControlsSince::On(since)) if since <= today => Some(since),
                _ => None,
            };
            // No period begins before the controls run: not of a renewal either (T08).
            match profile.controls_since {
                Some(ControlsSince::On(since)) => prop_assert!(first >= since, "{days:?}"),
                Some(ControlsSince::NotYet) => prop_assert!(first > today || ends_with_the_calendar(days.period), "{days:?}"),
                None => {}
            }
            if let Some(as_of_on) = days.as_of_on {
                prop_assert!(today <= as_of_on && as_of_on <= last);
                prop_assert!(runs.is_some() || as_of_on < first || ends_with_the_calendar(days.period), "{days:?}");
            }
            for line in &days.coverage {
                let Some(counted) = counted(days.period, line.month.number()) else { continue };
                let cover = line.cover;
                prop_assert_eq!((cover.covered_days, cover.days, cover.head_days, cover.gap_days), counted, "{:?}", days);
                let percent = (counted.0 * 200 + counted.1) / (2 * counted.1);
                prop_assert_eq!(cover.percent, percent);
            }
        }
        let steps = |what: &str| advice.plan.iter().filter(|step| step.what.starts_with(what)).map(|step| step.last).max();
        if let (Some(ready), Some(reported)) = (steps("Assess readiness"), steps("Type 2: representation")) {
            prop_assert!(ready <= reported);
        }
        prop_assert!(advice.plan.iter().all(|step| step.first <= step.last));
    }

    #[test]
    fn each_owed_report_has_its_own_answer(profile in profile(), today in a_day()) {
        let advice = advise(&profile, today);
        let contracts: Vec<&Contract> = profile.contracts.iter().flatten().collect();
        let pursued = !advice.periods.is_empty();
        prop_assert!(!pursued || advice.owed.len() >= contracts.len(), "{:?}", advice.owed);
        for owed in &advice.owed {
            prop_assert!(owed.soonest_on <= owed.signed_on, "{owed:?}");
            let met = owed.due_on.map(|due| owed.signed_on <= due);
            prop_assert_eq!(met == Some(true), owed.standing == OwedStanding::Met, "{:?}", owed);
            prop_assert_eq!(owed.due_on.is_none(), owed.standing == OwedStanding::NoDay);
            prop_assert_eq!(owed.standing == OwedStanding::Met, owed.meanwhile.is_empty());
        }
        // In whatever order they were written.
        let mut turned = profile.clone();
        turned.contracts.iter_mut().for_each(|contracts| contracts.reverse());
        let says = |advice: &Advice| advice.owed.iter().map(|owed| owed.says.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(says(&advice), says(&advise(&turned, today)));
    }

    #[test]
    fn a_date_that_cannot_be_met_hides_none_that_can(first in -200_i32..1_000, second in -200_i32..1_000, since in prop::option::of(-700_i32..0)) {
        let today = date(2026, 11, 22);
        let contract = |days: i32| Contract {
            report: NamedReport::Soc1,
            report_type: Some(NamedType::Type2),
            due_on: Some(today.saturating_add(days.days())),
            client: None,
        };
        let with = |contracts: Vec<Contract>| {
            let mut profile = crate::advisor_cases::answers("Q01 direct · Q06 client-auditors · Q16 december 5").unwrap();
            profile.controls_since = Some(since.map_or(ControlsSince::NotYet, |days| ControlsSince::On(today.saturating_add(days.days()))));
            profile.contracts = Some(contracts);
            let advice = advise(&profile, today);
            advice.owed.iter().map(|owed| (owed.due_on, owed.standing)).collect::<BTreeMap<_, _>>()
        };
        let (a, b) = (contract(first), contract(second));
        let together = with(vec![a.clone(), b.clone()]);
        for one in [a, b] {
            let alone = with(vec![one.clone()]);
            if alone[&one.due_on] == OwedStanding::Met {
                prop_assert_eq!(together[&one.due_on], OwedStanding::Met, "{:?}", one);
            }
        }
    }
}

#[test]
fn answers_that_cannot_both_be_true_are_told_with_both_outcomes() {
    let told = |text: &str| {
        let advice = advise(&crate::advisor_cases::answers(text).unwrap(), date(2026, 11, 22));
        let found: Vec<String> =
            advice.contradictions.iter().map(tickmark_domain::advisor::Contradiction::told).collect();
        assert!(advice.confidence.level.id() != "high");
        let disputed: Vec<String> =
            advice.reports.iter().filter(|of| of.disputed).map(|of| format!("{} {}", of.report, of.told())).collect();
        format!("{text}\n{}\n{:?}; confidence {}\n", found.join("\n"), disputed, advice.confidence.level.id())
    };
    insta::assert_snapshot!([
        told("Q01 none · Q04 no · Q05 personal, health · Q06 prospects · Q07 none"),
        told("Q01 none · Q04 no · Q06 none · Q07 none · Q10 saas"),
        told("Q01 none · Q04 no · Q06 none · Q07 none · Q11 yes"),
        told("Q01 none · Q04 no · Q06 none · Q07 none · Q13 yes"),
        told("Q01 none · Q04 no · Q06 none · Q07 none · Q14 processor-with-privacy-terms"),
        told("Q01 direct · Q02 payroll · Q04 no · Q06 client-auditors · Q07 soc1"),
        told("Q01 none · Q02 payroll · Q04 yes · Q06 none · Q07 none"),
        told("Q01 direct · Q02 none · Q04 yes · Q06 none · Q07 none"),
        told("Q01 none · Q04 yes · Q05 public-only, personal · Q06 none · Q07 none"),
        told("Q01 none · Q04 yes · Q05 personal · Q06 none · Q07 none · Q14 none"),
        told("Q01 none · Q04 yes · Q06 none · Q07 soc2"),
        told("Q01 direct · Q04 yes · Q06 client-auditors · Q07 soc1 · Q09 none"),
        told("Q01 direct · Q04 yes · Q06 client-auditors · Q07 soc1 · Q17 2026-03-01 · Q21 soc1 type-2 2025-01-01 2025-12-31"),
    ].join("\n"));
    let fine = advise(
        &crate::advisor_cases::answers("Q01 none · Q04 no · Q05 none · Q06 none · Q07 none · Q10 advice-only").unwrap(),
        date(2026, 11, 22),
    );
    assert!(fine.contradictions.is_empty() && fine.level(Subject::Soc2) == Level::UsuallyNo);
}
