//! Two profiles side by side: which answers differ, and what is advised otherwise because of it.

use jiff::civil::Date;
use serde::Serialize;

use super::{
    advice::Advice,
    advise,
    level::{Level, Subject},
    profile::Profile,
    question::Question,
    word::Word,
};

/// Two profiles side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfilesCompared {
    /// Answers that differ.
    pub answers: Vec<AnswerDiffers>,
    /// What is concluded otherwise.
    pub conclusions: Vec<ConclusionDiffers>,
}

/// An answer that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerDiffers {
    /// The question.
    pub question: Question,
    /// What it asks.
    pub asks: &'static str,
    /// The answer of the first.
    pub first: String,
    /// The answer of the second.
    pub second: String,
}

/// A conclusion that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConclusionDiffers {
    /// About what.
    pub about: String,
    /// What the first is advised.
    pub first: String,
    /// What the second is advised.
    pub second: String,
}

/// Compares two profiles on a day.
pub fn compare_profiles(first: &Profile, second: &Profile, today: Date) -> ProfilesCompared {
    let answers = Question::all().filter_map(|question| {
        let (a, b) = (question.answer_in(first), question.answer_in(second));
        (a != b).then(|| AnswerDiffers { question, asks: question.asks(), first: a, second: b })
    });
    let (a, b) = (conclusions(&advise(first, today)), conclusions(&advise(second, today)));
    let differing = a.into_iter().zip(b).filter(|((_, a), (_, b))| a != b);
    ProfilesCompared {
        answers: answers.collect(),
        conclusions: differing
            .map(|((about, first), (_, second))| ConclusionDiffers { about, first, second })
            .collect(),
    }
}

/// What is concluded, in the same order for every advice.
fn conclusions(advice: &Advice) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for report in Subject::ALL {
        let level = advice.report(report).map(|said| {
            if said.level.is_pursued() { format!("{}, {}", said.told(), said.when.id()) } else { said.told() }
        });
        told.push((report.to_string(), level.unwrap_or_else(|| Level::No.to_string())));
    }
    for report in [Subject::Soc1, Subject::Soc2] {
        let types = advice.type_of(report).map(|types| format!("{}, then {}", types.now.means(), types.next.means()));
        told.push((format!("{report} type"), types.unwrap_or_else(|| "none".to_owned())));
        let period = advice.period_of(report).map(|days| format!("{} to {}", days.period.first, days.period.last));
        told.push((format!("{report} period"), period.unwrap_or_else(|| "none".to_owned())));
    }
    let list = |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let categories = advice.categories.iter().map(|line| {
        if line.level == Level::Yes { line.category.to_owned() } else { format!("{} ({})", line.category, line.level) }
    });
    told.push(("categories".to_owned(), list(categories.collect())));
    let families = advice.objectives.iter().map(|family| family.industry.unwrap_or("general").to_owned());
    told.push(("control objectives".to_owned(), list(families.collect())));
    let providers = advice
        .subservice
        .iter()
        .map(|line| format!("{} in {}: {}", line.provider, line.report, line.treatment.shown()));
    told.push(("providers".to_owned(), list(providers.collect())));
    told.push(("warnings".to_owned(), list(advice.warnings.iter().map(|warning| warning.id.to_owned()).collect())));
    let disagree = advice.contradictions.iter().map(|found| found.says.clone());
    told.push(("answers that disagree".to_owned(), list(disagree.collect())));
    let owed = advice.owed.iter().map(|owed| owed.says.clone());
    told.push(("owed reports".to_owned(), list(owed.collect())));
    told.push(("confidence".to_owned(), advice.confidence.level.id().to_owned()));
    told
}
