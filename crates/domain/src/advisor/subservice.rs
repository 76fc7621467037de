//! Subservice organizations: carve-out, inclusive, or no subservice organization at all; rules B01 to B05.

use super::{
    advice::{Answered, Basis, ProviderAdvice, Treatment},
    choice::{NamedReport, OwnReport, YesNo},
    level::Subject,
    needs::Needs,
    profile::Provider,
    question::Question as Q,
    reading::Reading,
    rule::{self, Rule},
};

/// The treatment of each provider in each report that is gone for (B05: the test is made for each).
pub(crate) fn subservice(reading: Reading<'_>, needs: &Needs) -> Vec<ProviderAdvice> {
    let mut advised = Vec::new();
    let both = needs.soc1_pursued() && needs.soc2_pursued();
    for provider in reading.profile.providers.iter().flatten() {
        for need in needs.pursued() {
            let (treatment, rule, says) = treatment(provider, need.report);
            let named = format!("{}:", provider.name);
            let answers: Vec<Answered> =
                reading.part(Q::Providers, |part| part.starts_with(&named)).into_iter().collect();
            let mut basis = vec![Basis { rule, answers }];
            if both {
                basis.extend(needs.because(rule::B05));
            }
            advised.push(ProviderAdvice {
                provider: provider.name.clone(),
                report: need.report,
                treatment,
                says,
                basis,
            });
        }
    }
    advised
}

fn treatment(provider: &Provider, report: Subject) -> (Treatment, Rule, &'static str) {
    let needed = provider.needed_for.as_ref().map(|reports| match report {
        Subject::Soc1 | Subject::Isae3402 => {
            reports.contains(&NamedReport::Soc1) || reports.contains(&NamedReport::Isae3402)
        }
        Subject::Soc2 | Subject::Soc3 | Subject::Both | Subject::Isae3000 => {
            reports.contains(&NamedReport::Soc2) || reports.contains(&NamedReport::Soc3)
        }
    });
    if needed == Some(false) {
        return (Treatment::Vendor, rule::B01, "List it as a vendor and describe how you monitor it.");
    }
    if provider.own_controls_suffice == Some(YesNo::Yes) {
        return (Treatment::NotNeeded, rule::B04, "Record why your own controls over its work are enough.");
    }
    if needed.is_none() {
        return (
            Treatment::Undecided,
            rule::B01,
            "Find out whether an objective or a commitment can be met without its controls.",
        );
    }
    match (provider.own_report, provider.takes_part) {
        (Some(OwnReport::Type2), _) => (
            Treatment::CarveOut,
            rule::B02,
            "Review its report (period, opinion, exceptions, controls it expects of you) and write the complementary controls.",
        ),
        (_, Some(YesNo::No)) => (
            Treatment::CarveOut,
            rule::B02,
            "It takes no part: write the complementary controls you assume of it, and monitor it more closely.",
        ),
        (Some(OwnReport::Nothing | OwnReport::Type1), Some(YesNo::Yes)) => (
            Treatment::Inclusive,
            rule::B03,
            "It gives access, an assertion and a representation letter; the service auditor must be independent of it too.",
        ),
        (Some(OwnReport::Nothing | OwnReport::Type1) | None, _) => (
            Treatment::Undecided,
            rule::B01,
            "Ask whether it has a Type 2 report of its own, and if not, whether it would take part.",
        ),
    }
}
