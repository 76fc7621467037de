//! The answer in plain sentences: who will ask, about what, and so which report.

use super::{
    advice::{Statement, TypeAdvice},
    level::{AdvisedType, Level, Subject, When},
    needs::Needs,
};

/// One sentence on numbers and one on systems.
pub(crate) fn sentences(needs: &Needs, types: &[TypeAdvice], isae_alone: bool) -> Vec<Statement> {
    let name = if isae_alone { "SOC 1, as an ISAE 3402 report," } else { "SOC 1" };
    let who = match needs.soc1.level {
        Level::Yes | Level::Usually | Level::Likely => "Your clients' auditors will ask about the numbers",
        Level::Often | Level::May | Level::Sometimes => "Your clients' auditors may ask about the numbers",
        Level::UsuallyNo | Level::No => "Your clients' auditors have no reason to ask about your numbers",
    };
    let soc1 = sentence(who, name, Subject::Soc1, needs.soc1.level, needs.soc1.when, types);
    let who = match needs.soc2.level {
        Level::Yes | Level::Usually | Level::Likely => "Your clients' security teams will ask about the systems",
        Level::Often | Level::May | Level::Sometimes => "Your clients' security teams may ask about the systems",
        Level::UsuallyNo | Level::No => "Your clients' security teams have no reason to ask about your systems",
    };
    let soc2 = sentence(who, "SOC 2", Subject::Soc2, needs.soc2.level, needs.soc2.when, types);
    let soc1 = if needs.soc1.is_not_known() {
        "Whether your clients' auditors will ask about the numbers is not known yet: find out whether what you do ends up in clients' financial statements (Q01).".to_owned()
    } else {
        soc1
    };
    let soc2 = if needs.soc2.is_not_known() {
        "Whether your clients' security teams will ask about the systems is not known yet: find out whether you hold data or run systems that they depend on (Q04).".to_owned()
    } else {
        soc2
    };
    let both = [(&needs.soc1, soc1), (&needs.soc2, soc2)];
    both.into_iter()
        .map(|(need, says)| {
            let supposed = need.provisional && !need.is_not_known();
            let remark = match (need.disputed, supposed) {
                (true, _) => " This rests on answers that disagree.",
                (false, true) => " This rests on an answer that is unknown.",
                (false, false) => "",
            };
            Statement { says: format!("{says}{remark}"), basis: need.basis.clone() }
        })
        .collect()
}

fn sentence(who: &str, name: &str, report: Subject, level: Level, when: When, types: &[TypeAdvice]) -> String {
    let advised = types.iter().find(|advice| advice.report == report);
    let need = match level {
        Level::Yes => format!("a {name} is needed"),
        Level::Usually | Level::Likely | Level::Often | Level::May | Level::Sometimes => {
            format!("a {name} is {}", word(level))
        }
        Level::UsuallyNo => format!("a {name} is usually not needed"),
        Level::No => format!("a {name} is not needed"),
    };
    let kind = match advised.map(|advice| (advice.now, advice.next)) {
        Some((AdvisedType::Type1, AdvisedType::Type2)) => "; begin with a Type 1, then Type 2",
        Some((AdvisedType::Type2, _)) => "; get a Type 2",
        Some((AdvisedType::Nothing, AdvisedType::Type1)) if when == When::Plan => {
            "; nobody asks yet, so plan for a Type 1"
        }
        Some((AdvisedType::Nothing, AdvisedType::Type2)) if when == When::Plan => {
            "; nobody asks yet, so plan for a Type 2"
        }
        Some((AdvisedType::Nothing | AdvisedType::Type1, _)) => "; get ready first",
        None => "",
    };
    format!("{who}: {need}{kind}.")
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Usually => "usually needed",
        Level::Likely => "likely needed",
        Level::Often => "often needed",
        Level::May => "perhaps needed",
        Level::Sometimes => "sometimes needed",
        Level::Yes => "needed",
        Level::UsuallyNo => "usually not needed",
        Level::No => "not needed",
    }
}
