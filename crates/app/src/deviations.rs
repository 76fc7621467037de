//! Deviations that the firm noted, and what management answers.

use jiff::civil::Date;
use serde::Serialize;
use tickmark_domain::{Authority, Command, EngagementId, FirmTestId, PersonId, RespondToDeviation};

use crate::{Error, House};

/// A deviation of the firm's, as a list shows it.
#[derive(Debug, Clone, Serialize)]
pub struct DeviationLine {
    /// The id under which reports print it.
    pub deviation: String,
    /// The control.
    pub control: String,
    /// Items where the control did not work as described.
    pub deviations: u64,
    /// Items tested.
    pub items_tested: u64,
    /// What the firm found, in its words.
    pub finding: String,
    /// Management's exception over the same result, where the firm adopted one: its response is what is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Management's response.
    pub response: Option<String>,
    /// The day on which the correction took or takes effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Date>,
}

impl House {
    /// The deviations that the firm noted in an engagement, by their ids.
    pub fn deviations(&self, engagement: &EngagementId) -> Result<Vec<DeviationLine>, Error> {
        let unknown = || Error::Unknown { kind: "engagement", name: engagement.to_string() };
        let state = self.state();
        let of = state.engagements.get(engagement).ok_or_else(unknown)?;
        let noted = of.firm_tests.iter().filter(|(_, test)| test.deviations > 0);
        let line = |(id, test): (&FirmTestId, &tickmark_domain::FirmTest)| -> Result<DeviationLine, Error> {
            let standing = match &test.authority {
                Authority::Adopted { test, .. } => state.standing_exception(test, of.report_type.span()),
                Authority::Own => None,
            };
            let answer = state.answer_to(test, of.report_type.span());
            Ok(DeviationLine {
                deviation: format!("D-{id}"),
                control: test.control.to_string(),
                deviations: test.deviations,
                items_tested: test.items_tested,
                finding: self.text(&test.finding)?,
                exception: standing.map(|(exception, _)| exception.to_string()),
                response: answer.map(|answer| self.text(&answer.response)).transpose()?,
                effective_on: answer.and_then(|answer| answer.effective_on),
            })
        };
        noted.map(line).collect()
    }

    /// Answers a deviation, named as reports print it (`D-…`) or by the firm's test.
    pub fn respond_to_deviation(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        deviation: &str,
        text: &str,
        effective_on: Option<Date>,
    ) -> Result<(), Error> {
        let firm_test: FirmTestId = deviation.strip_prefix("D-").unwrap_or(deviation).parse()?;
        let response = self.put_text(text)?;
        let command = RespondToDeviation { engagement: engagement.clone(), firm_test, response, effective_on };
        self.execute(author, Command::RespondToDeviation(command)).map(drop)
    }
}
