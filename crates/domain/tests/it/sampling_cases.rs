//! The cases of sampling: every cell of `src/sampling/cases.md` is computed.

use tickmark_domain::sampling::{
    Allowed, Evaluation, EvaluationQuestion, KRounding, LARGEST_SIZE, Population, Rate, SampleSize, SecondStage,
    SizeQuestion, UpperLimit, discovery_size, evaluate, sample_size, upper_limit,
};

const CASES: &str = include_str!("../../src/sampling/cases.md");

/// Rows of the tables under a heading: the heading's columns first, then line numbers and cells.
fn tables(heading: &str) -> Vec<(usize, Vec<&'static str>)> {
    let lines = CASES.lines().enumerate().skip_while(|(_, line)| !line.starts_with(&format!("## {heading}"))).skip(1);
    let rows = lines.take_while(|(_, line)| !line.starts_with("## ")).filter(|(_, line)| line.starts_with('|'));
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let rows: Vec<_> =
        rows.filter(|(_, line)| !line.starts_with("|---")).map(|(at, line)| (at + 1, cells(line))).collect();
    assert!(rows.len() > 1, "no table under `{heading}`");
    rows
}

/// Compares cell by cell and tells all that differ at once.
fn compare(cells: impl Iterator<Item = (usize, String, String)>) {
    let mut compared = 0;
    let differ: Vec<String> = cells
        .inspect(|_| compared += 1)
        .filter(|(_, expected, found)| expected != found)
        .map(|(line, expected, found)| format!("line {line}: expected {expected}, found {found}"))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(compared > 0);
}

fn rate(text: &str) -> Rate {
    text.trim_end_matches(" %").parse().unwrap()
}

fn number(text: &str) -> u64 {
    text.parse().unwrap()
}

fn population(items: &str, rounding: &str) -> Option<Population> {
    let rounding = if rounding == "down" { KRounding::Down } else { KRounding::Up };
    (!items.is_empty()).then(|| Population { items: number(items), rounding })
}

fn size(risk: &str, tolerable: &str, allowed: Allowed, population: Option<Population>) -> SampleSize {
    let question = SizeQuestion { risk: rate(risk), tolerable: rate(tolerable), allowed, population };
    sample_size(&question).unwrap()
}

fn told(size: &SampleSize) -> String {
    format!("{} ({})", size.size, size.allowed)
}

/// Every filled cell beside the head of its column.
fn by_column(
    rows: Vec<(usize, Vec<&'static str>)>,
    labels: usize,
) -> impl Iterator<Item = (usize, Vec<&'static str>, &'static str, &'static str)> {
    let mut head = Vec::new();
    rows.into_iter().flat_map(move |(line, cells)| {
        if !cells[0].starts_with(|first: char| first.is_ascii_digit()) {
            head = cells;
            return Vec::new();
        }
        let row: Vec<&str> = cells[..labels].to_vec();
        let filled = head.iter().zip(&cells).skip(labels).filter(|(_, cell)| !cell.is_empty());
        filled.map(|(head, cell)| (line, row.clone(), *head, *cell)).collect::<Vec<_>>()
    })
}

#[test]
fn sizes_by_deviations_allowed() {
    compare(by_column(tables("Sizes by deviations allowed"), 2).map(|(line, row, allowed, expected)| {
        let found = size(row[0], row[1], Allowed::Deviations(number(allowed)), None);
        (line, expected.to_owned(), found.size.to_string())
    }));
}

#[test]
fn sizes_with_an_expected_rate() {
    compare(tables("Sizes with an expected rate").into_iter().skip(1).map(|(line, row)| {
        let found = size(row[0], row[1], Allowed::ExpectedRate(rate(row[2])), population(row[3], row[4]));
        let k = found.deviating.map_or(String::new(), |k| k.to_string());
        (line, format!("{} K {}", row[5], row[6]), format!("{} K {k}", told(&found)))
    }));
}

#[test]
fn sizes_of_counted_populations() {
    let mut down = false;
    let mut lines = by_column(tables("Sizes of counted populations"), 1).collect::<Vec<_>>();
    lines.sort_by_key(|(line, ..)| *line);
    let first_down = CASES.lines().position(|line| line == "K rounded down.").unwrap();
    compare(lines.into_iter().map(|(line, row, head, expected)| {
        down |= line > first_down;
        let (risk, tolerable) = head.split_once('/').unwrap();
        let population = population(row[0], if down { "down" } else { "up" });
        let found = size(risk, tolerable, Allowed::ExpectedRate(Rate::ZERO), population);
        (line, expected.to_owned(), found.size.to_string())
    }));
}

/// To the nearest tenth, from the limit rounded up to 0.0001.
fn nearest(limit: &UpperLimit) -> String {
    let text = limit.rate.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let steps: u64 = format!("{whole}{decimals:0<4}").parse().unwrap();
    let tenths = (steps + 500) / 1000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[test]
fn upper_limits() {
    compare(by_column(tables("Upper limits"), 1).map(|(line, row, head, expected)| {
        let (deviations, risk) = head.split_once('/').unwrap();
        let found = upper_limit(rate(risk), number(row[0]), number(deviations), None).unwrap();
        (line, expected.to_owned(), nearest(&found))
    }));
}

#[test]
fn upper_limits_of_counted_populations() {
    compare(tables("Upper limits of counted populations").into_iter().skip(1).map(|(line, row)| {
        let found = upper_limit(rate(row[0]), number(row[1]), number(row[2]), population(row[3], "up")).unwrap();
        let items = found.items.unwrap();
        (line, row[4..].join(" "), format!("{items} {} {}", found.tabulated, found.rate))
    }));
}

fn evaluated(row: &[&str]) -> Evaluation {
    let second = (!row[4].is_empty()).then(|| SecondStage { size: number(row[4]), deviations: number(row[5]) });
    evaluate(&EvaluationQuestion {
        risk: rate(row[0]),
        tolerable: rate(row[1]),
        size: number(row[2]),
        deviations: number(row[3]),
        allowed: None,
        planned: None,
        second,
        population: population(row[6], "up"),
    })
    .unwrap()
}

#[test]
fn evaluations() {
    compare(tables("Evaluations").into_iter().skip(1).map(|(line, row)| {
        let found = evaluated(&row);
        let supported = if found.is_supported { "yes" } else { "no" };
        let extension = found.extension.map_or("–".to_owned(), |items| items.to_string());
        let told = [found.risk_run.to_string(), found.upper_limit.tabulated.to_string(), supported.into(), extension];
        (line, row[7..11].join(" "), told.join(" "))
    }));
}

#[test]
fn the_first_result_stays_in_an_extended_sample() {
    let found = evaluated(&["10", "9", "25", "1", "17", "0", ""]);
    let stages = found.stages.unwrap();
    assert_eq!((found.size, found.deviations), (42, 1));
    assert_eq!((stages.first_deviations, stages.first_upper_limit.tabulated), (1, rate("14.7")));
    assert_eq!(stages.plan.first_allowed, Some(0));
    assert_eq!(stages.enough, Some(41));
}

#[test]
fn aicpa_sizes() {
    for (table, risk) in [("AICPA Table A-1", "5"), ("AICPA Table A-2", "10")] {
        compare(by_column(tables(table), 1).map(|(line, row, tolerable, expected)| {
            let found = size(risk, tolerable, Allowed::ExpectedRate(rate(row[0])), None);
            (line, expected.to_owned(), told(&found))
        }));
    }
}

#[test]
fn aicpa_upper_limits() {
    for (table, risk) in [("AICPA Table A-3", "5"), ("AICPA Table A-4", "10")] {
        compare(by_column(tables(table), 1).map(|(line, row, deviations, expected)| {
            let found = upper_limit(rate(risk), number(row[0]), number(deviations), None).unwrap();
            (line, rate(expected).to_string(), found.tabulated.to_string())
        }));
    }
}

#[test]
fn a_discovery_sample_holds_one_of_those_that_deviate() {
    for (deviating, items, expected) in [(3, 5000, 3158), (1, 20, 19), (20, 20, 1), (1, 1, 1), (50, 1000, 57)] {
        let found = discovery_size(rate("5"), deviating, items).unwrap();
        assert_eq!((found.size, found.deviating), (expected, Some(deviating)), "{deviating} of {items}");
        assert!(found.achieved_risk <= rate("5"));
    }
}

#[test]
fn what_has_no_answer_is_refused() {
    let question = |risk, tolerable, allowed, population| {
        let question = SizeQuestion { risk: rate(risk), tolerable: rate(tolerable), allowed, population };
        sample_size(&question).unwrap_err().code()
    };
    let none = Allowed::Deviations(0);
    assert_eq!(question("0", "5", none, None), "rate-out-of-range");
    assert_eq!(question("100", "5", none, None), "rate-out-of-range");
    assert_eq!(question("5", "0", none, None), "rate-out-of-range");
    assert_eq!(question("5", "100", none, None), "rate-out-of-range");
    assert_eq!(question("5", "5", Allowed::ExpectedRate(rate("5")), None), "expected-not-under-tolerable");
    assert_eq!(question("5", "5", none, Some(Population::of(0))), "empty-population");
    assert_eq!(question("5", "5", Allowed::Deviations(LARGEST_SIZE + 1), None), "size-too-large");
    assert_eq!(question("0.000001", "0.001", none, None), "size-too-large");
    assert_eq!(discovery_size(rate("5"), 0, 10).unwrap_err().code(), "empty-sample");
    assert_eq!(discovery_size(rate("5"), 11, 10).unwrap_err().code(), "sample-larger-than-population");

    let limit = |size, deviations, population| upper_limit(rate("5"), size, deviations, population).unwrap_err().code();
    assert_eq!(limit(0, 0, None), "empty-sample");
    assert_eq!(limit(5, 6, None), "more-deviations-than-items");
    assert_eq!(limit(5, 0, Some(Population::of(4))), "sample-larger-than-population");

    let second = Some(SecondStage { size: 17, deviations: 0 });
    let extended = |deviations, items: Option<u64>| {
        let population = items.map(Population::of);
        let (risk, tolerable) = (rate("10"), rate("9"));
        let question = EvaluationQuestion {
            risk,
            tolerable,
            size: 25,
            deviations,
            allowed: None,
            planned: None,
            second,
            population,
        };
        evaluate(&question).unwrap_err().code()
    };
    assert_eq!(extended(0, None), "nothing-to-extend");
    assert_eq!(extended(2, Some(41)), "sample-larger-than-population");
}

/// A plan of 25 items, and what was tested first: fewer are not the plan's sample, and more are a second stage that nobody told.
#[test]
fn a_first_stage_is_compared_with_its_plan() {
    let (risk, tolerable) = ("10".parse().unwrap(), "9".parse().unwrap());
    let of = |size, planned| {
        let question = EvaluationQuestion {
            risk,
            tolerable,
            size,
            deviations: 0,
            allowed: None,
            planned,
            second: None,
            population: None,
        };
        let found = evaluate(&question).unwrap();
        (found.planned, found.beyond_plan, found.is_supported)
    };
    assert_eq!(of(25, Some(25)), (Some(25), 0, true));
    assert_eq!(of(20, Some(25)), (Some(25), 0, false));
    assert_eq!(of(40, Some(25)), (Some(25), 15, true));
    assert_eq!(of(20, None), (Some(25), 0, false), "by the risk: 25 items without a deviation");
    assert_eq!(of(60, None), (None, 0, true), "nothing was planned, and 60 items can keep the risk");
}
