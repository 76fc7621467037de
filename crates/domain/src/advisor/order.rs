//! Which question comes next: the four that settle most cases first, then those whose answer can still matter.
//!
//! Invariant: whatever is answered to a question that is not asked, the conclusions stay the same; and such an answer
//! makes no other question worth asking (both by property tests).

use super::{
    categories::SCOPED_FROM,
    choice::YesNo,
    level::Level,
    needs::{Needs, needs},
    profile::Profile,
    question::Question as Q,
    reading::Reading,
};

/// The order in which questions are asked.
const ORDER: [Q; 24] = [
    Q::FinancialEffect,
    Q::HoldsData,
    Q::AskedBy,
    Q::AskedFor,
    Q::Transactions,
    Q::ServiceModel,
    Q::Reliance,
    Q::AuditedClients,
    Q::Contracts,
    Q::Data,
    Q::Plans,
    Q::Size,
    Q::ControlsSince,
    Q::FirstReportDue,
    Q::YearEnds,
    Q::AvailabilityPromises,
    Q::ConfidentialityPromises,
    Q::ProcessingPromises,
    Q::PersonalInformation,
    Q::Providers,
    Q::EarlierReports,
    Q::AuditorsIn,
    Q::PublicReport,
    Q::OtherDuties,
];

/// The questions without an answer that could still matter, in the order in which to ask them.
pub fn open_questions(profile: &Profile) -> Vec<Q> {
    // No rule about what matters reads the day.
    let reading = Reading { profile, today: jiff::civil::Date::ZERO };
    let needs = needs(reading);
    ORDER.into_iter().filter(|q| !q.is_answered(profile) && matters(*q, reading, &needs)).collect()
}

/// The next question to ask, besides those that were put aside as unknown.
pub fn next_question(profile: &Profile, put_aside: &[Q]) -> Option<Q> {
    open_questions(profile).into_iter().find(|question| !put_aside.contains(question))
}

/// Whether an answer to a question can still change what is concluded, given the other answers.
fn matters(question: Q, reading: Reading<'_>, needs: &Needs) -> bool {
    let (soc1, soc2) = (needs.soc1_pursued(), needs.soc2_pursued());
    let scoped = needs.soc2.level >= SCOPED_FROM;
    let profile = reading.profile;
    match question {
        Q::FinancialEffect | Q::HoldsData | Q::AskedBy | Q::AskedFor | Q::Contracts | Q::ServiceModel | Q::Plans => {
            true
        }
        Q::Transactions | Q::Reliance | Q::AuditedClients => reading.may_bear_on_reporting(),
        Q::Data => profile.holds_data != Some(YesNo::No),
        Q::AvailabilityPromises | Q::ProcessingPromises | Q::ConfidentialityPromises => {
            scoped || profile.holds_data.is_none()
        }
        Q::PersonalInformation => scoped,
        Q::YearEnds => soc1,
        Q::Providers | Q::ControlsSince | Q::FirstReportDue | Q::EarlierReports | Q::AuditorsIn | Q::OtherDuties => {
            soc1 || soc2
        }
        Q::PublicReport => soc2,
        // A segment can raise SOC 2 to likely, and a very small organization that nobody asks only gets ready.
        Q::Size => {
            needs.soc2.level < Level::Likely
                || needs.soc2.provisional
                || profile.asked_by.as_ref().is_none_or(std::collections::BTreeSet::is_empty)
        }
    }
}
