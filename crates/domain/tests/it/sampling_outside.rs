//! Sampling against an independent implementation: Python's whole numbers and fractions (`tests/sampling/`).

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use tickmark_canonical::Digest;
use tickmark_domain::{
    EngagementId,
    sampling::{
        Allowed, Draw, DrawPlan, EvaluationQuestion, KRounding, Nonce, Offer, Population, Rate, SecondStage, Seed,
        SizeQuestion, evaluate, sample_size, upper_limit,
    },
};

fn python(script: &str, arguments: &[&str], input: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/sampling").join(script);
    let mut child = Command::new("python3")
        .arg(path)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed (tests/install)");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// A percentage from millionths of a percent.
fn rate(millionths: u64) -> Rate {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000).parse().unwrap()
}

fn population(items: u64, rounding: KRounding) -> Option<Population> {
    (items > 0).then_some(Population { items, rounding })
}

fn answer(kind: &str, words: &[&str]) -> String {
    let rounding = if words.contains(&"down") { KRounding::Down } else { KRounding::Up };
    let numbers: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    match (kind, numbers.as_slice()) {
        ("size", [risk, tolerable, expected, items]) => {
            let allowed = Allowed::ExpectedRate(rate(*expected));
            let population = population(*items, rounding);
            let question = SizeQuestion { risk: rate(*risk), tolerable: rate(*tolerable), allowed, population };
            let size = sample_size(&question).unwrap();
            format!("{} {}", size.size, size.allowed)
        }
        ("limit", [risk, size, deviations, items]) => {
            let limit = upper_limit(rate(*risk), *size, *deviations, population(*items, rounding)).unwrap();
            format!("{} {}", limit.tabulated, limit.rate)
        }
        ("stages", [risk, tolerable, size, deviations, second_size, second_deviations, items]) => {
            let question = EvaluationQuestion {
                risk: rate(*risk),
                tolerable: rate(*tolerable),
                size: *size,
                deviations: *deviations,
                allowed: None,
                planned: None,
                second: Some(SecondStage { size: *second_size, deviations: *second_deviations }),
                population: population(*items, rounding),
            };
            match evaluate(&question) {
                Ok(found) => format!("{} {}", found.risk_run, u8::from(found.is_supported)),
                Err(refusal) => refusal.code().to_owned(),
            }
        }
        other => panic!("no question: {other:?}"),
    }
}

/// Percentages of the answer as we write them.
fn expected(kind: &str, words: &[&str]) -> String {
    let percent = |word: &str| rate(word.parse().unwrap()).to_string();
    match (kind, words) {
        ("limit", [tenth, fine]) => format!("{} {}", percent(tenth), percent(fine)),
        ("stages", [run, supported]) => format!("{} {supported}", percent(run)),
        _ => words.join(" "),
    }
}

#[test]
fn thousands_of_random_questions_have_the_answers_of_another_implementation() {
    let lines = python("reference.py", &[], b"");
    let differ: Vec<String> = lines
        .lines()
        .filter_map(|line| {
            let (question, theirs) = line.split_once(" = ").unwrap();
            let words: Vec<&str> = question.split(' ').collect();
            let theirs = expected(words[0], &theirs.split(' ').collect::<Vec<_>>());
            let ours = answer(words[0], &words[1..]);
            (ours != theirs).then(|| format!("{question}: expected {theirs}, found {ours}"))
        })
        .collect();
    assert_eq!(lines.lines().count(), 3000);
    assert!(differ.is_empty(), "{} differ, such as\n{}", differ.len(), differ[..differ.len().min(10)].join("\n"));
}

#[test]
fn anyone_can_draw_again_in_another_language() {
    let engagement: EngagementId = "soc1-2025".parse().unwrap();
    let (frozen, checkpoint) = (Digest::of(b"population"), Digest::of(b"checkpoint"));
    let items: Vec<(String, i128)> = (0..700).map(|i| (format!("PS-{i:05}"), i * 7919 % 5000 - 100)).collect();
    let total = items.iter().map(|(_, amount)| (*amount).max(0).unsigned_abs()).sum();
    for nonce in [Some(Nonce::new([9; 32])), None] {
        let seed = Seed::of(&engagement, &frozen, &checkpoint, nonce.as_ref());
        for (method, size, plan) in [
            ("random", "60", DrawPlan::Random { size: 60 }),
            ("systematic", "45", DrawPlan::Systematic { size: 45, items: 700 }),
            ("monetary-unit", "50", DrawPlan::MonetaryUnit { size: 50, total }),
        ] {
            let mut draw = Draw::new(&seed, &frozen, plan, 0).unwrap();
            for (key, amount) in &items {
                draw.offer(Offer { key: key.as_bytes(), stratum: None, amount: Some(*amount) }).unwrap();
            }
            let ours: Vec<String> =
                draw.finish().unwrap().items.into_iter().map(|item| String::from_utf8(item.key).unwrap()).collect();
            let line = |(key, amount): &(String, i128)| match method {
                "monetary-unit" => format!("{amount}\t{key}\n"),
                _ => format!("{key}\n"),
            };
            let input: String = items.iter().map(line).collect();
            let nonce = nonce.map_or("-".to_owned(), |nonce| nonce.to_string());
            let arguments = [engagement.as_str(), &frozen.to_string(), &checkpoint.to_string(), &nonce, method, size];
            let theirs = python("redraw.py", &arguments, input.as_bytes());
            assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{method}");
        }
    }
}
