//! Engagements as pages show them: the report in words, the firm and what it recorded.

use tickmark_domain::{Engagement, EngagementId, FirmTest, Span};

use super::Moment;
use crate::{Error, opening::report_in_words, views::FirmText};

/// An engagement in words.
#[derive(Debug, Clone)]
pub struct EngagementView<'a> {
    /// Its id.
    pub id: &'a EngagementId,
    /// The engagement.
    pub engagement: &'a Engagement,
    /// Report and type.
    pub report: String,
    /// Name of the system.
    pub system: String,
    /// The days it speaks of.
    pub span: Span,
    /// The firm's name.
    pub firm: Option<String>,
}

/// A test of controls that the firm recorded, in words.
#[derive(Debug, Clone)]
pub struct FirmTestView<'a> {
    /// Its id.
    pub id: String,
    /// As recorded.
    pub test: &'a FirmTest,
    /// What was done.
    pub procedure: String,
    /// What was found.
    pub finding: String,
}

impl Moment {
    /// All engagements.
    pub fn engagements(&self) -> Result<Vec<EngagementView<'_>>, Error> {
        self.state.engagements.iter().map(|(id, engagement)| self.engagement_view(id, engagement)).collect()
    }

    /// Names of reports by engagement, for the switcher.
    pub fn reports(&self) -> Vec<(String, String)> {
        let all = self.state.engagements.iter();
        all.map(|(id, engagement)| (id.to_string(), report_in_words(engagement))).collect()
    }

    fn engagement_view<'a>(
        &'a self,
        id: &'a EngagementId,
        engagement: &'a Engagement,
    ) -> Result<EngagementView<'a>, Error> {
        let firm = match &engagement.firm {
            Some(appointment) => {
                let text = self.text(&appointment.name)?;
                Some(
                    serde_json::from_str::<FirmText>(&text)
                        .map_or(text, |firm| format!("{}, {}", firm.name, firm.city)),
                )
            }
            None => None,
        };
        Ok(EngagementView {
            id,
            engagement,
            report: report_in_words(engagement),
            system: self.text(&engagement.system)?,
            span: engagement.report_type.span(),
            firm,
        })
    }

    /// How many tests of controls the firm recorded, all or those with deviations, and those of a page (counted from 1).
    pub fn firm_tests(
        &self,
        engagement: &str,
        only_deviations: bool,
        page: u64,
        on_page: u64,
    ) -> Result<(u64, Vec<FirmTestView<'_>>), Error> {
        let (id, _) = self.figures_of(engagement)?;
        let Some(found) = self.state.engagements.get(id) else { return Ok((0, Vec::new())) };
        let asked: Vec<_> =
            found.firm_tests.iter().filter(|(_, test)| !only_deviations || test.deviations > 0).collect();
        let first = usize::try_from(page.saturating_sub(1).saturating_mul(on_page)).unwrap_or(usize::MAX);
        let of_page = asked.iter().skip(first).take(usize::try_from(on_page).unwrap_or(usize::MAX));
        let of_page = of_page.map(|(id, test)| {
            Ok(FirmTestView {
                id: id.to_string(),
                test,
                procedure: self.text(&test.procedure)?,
                finding: self.text(&test.finding)?,
            })
        });
        Ok((asked.len() as u64, of_page.collect::<Result<_, Error>>()?))
    }
}
