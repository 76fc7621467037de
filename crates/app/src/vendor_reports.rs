//! A vendor's report: read as a proposal, written as a form, recorded when a person confirmed each field.
//!
//! Invariant: nothing of a proposal is recorded that a person did not confirm or correct; what lacks that is named.
//! Invariant: the record is the scope's report on file; there is no second store.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::{
    Command, ControlId, Found, ListedCuec, ListedDeviation, OpinionPart, PeriodGap, PersonId, RecordScopeItem,
    ReportType, ScopeFacts, ScopeItem, ScopeItemId, StatedOpinion, SubserviceMethod, SubserviceReport,
    VendorReportKind, VendorReportProposal, read_vendor_report,
};

use crate::{Error, House, packaging::io_error, written::Written};

/// What was read of a PDF.
#[derive(Debug, Clone, Serialize)]
pub struct VendorReportRead {
    /// SHA-256 of the file.
    pub pdf: Digest,
    /// How many pages it has.
    pub pages: u64,
    /// Pages without words: pictures, or blank. Nothing of them was read.
    pub pages_without_text: Vec<u32>,
    /// Pages with words that are not painted: an OCR layer under a scan, or hidden words.
    pub pages_with_hidden_words: Vec<u32>,
    /// What its words seem to say.
    #[serde(flatten)]
    pub proposal: VendorReportProposal,
}

/// Reads a vendor's report. It needs no installation and records nothing.
pub fn read_vendor_report_pdf(path: &Path) -> Result<VendorReportRead, Error> {
    let bytes = fs::read(path).map_err(io_error("read", path))?;
    let pages =
        tickmark_pdf_text::read_in_child(&bytes).map_err(|reason| Error::Pdf { path: path.to_owned(), reason })?;
    let numbers = |is: fn(&tickmark_pdf_text::PageText) -> bool| {
        (1..).zip(&pages).filter(|(_, page)| is(page)).map(|(number, _)| number).collect()
    };
    let (pages_without_text, pages_with_hidden_words) =
        (numbers(tickmark_pdf_text::PageText::is_empty), numbers(|page| page.has_hidden_words));
    let count = pages.len() as u64;
    let lines: Vec<Vec<String>> = pages.into_iter().map(|page| page.lines).collect();
    let proposal = read_vendor_report(&lines);
    Ok(VendorReportRead {
        pdf: Digest::of(&bytes),
        pages: count,
        pages_without_text,
        pages_with_hidden_words,
        proposal,
    })
}

/// A field of the form: what was read, and what a person says of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field<T> {
    /// What was read; left out where nothing was found.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    read: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// A person compared it with the page.
    #[serde(default)]
    confirmed: bool,
    /// What it is instead.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    corrected: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

impl<T> Field<T> {
    fn of(found: Option<Found<T>>) -> Self {
        let (read, page, words) = match found {
            Some(Found { value, page, words }) => (Some(value), Some(page), Some(words)),
            None => (None, None, None),
        };
        Self { read, page, words, confirmed: false, corrected: None }
    }

    fn settled(&self) -> Option<&T> {
        self.corrected.as_ref().or(self.read.as_ref().filter(|_| self.confirmed))
    }
}

/// The opinion on one part.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpinionOfPart {
    part: OpinionPart,
    opinion: StatedOpinion,
}

/// A list that a person has to have compared as a whole, so that nothing is missing in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List<T> {
    /// A person looked through the report, and the list is whole.
    #[serde(default)]
    is_whole: bool,
    #[serde(default = "Vec::new")]
    item: Vec<T>,
}

/// What a person decides about a complementary user entity control (MAP-01).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CuecField {
    /// Controls of ours that run it. None of them is a gap, and shows as one.
    #[serde(default)]
    controls: BTreeSet<ControlId>,
    /// Set where no control of ours runs it yet.
    #[serde(default)]
    is_gap: bool,
    /// Why it does not apply to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    does_not_apply: Option<String>,
    // The fields of `Field`, written out: flattened, unknown keys would not be refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<ListedCuec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    /// A person compared it with the page.
    #[serde(default)]
    confirmed: bool,
    /// What it is instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected: Option<ListedCuec>,
}

impl CuecField {
    fn settled(&self) -> Option<&ListedCuec> {
        self.corrected.as_ref().or(self.read.as_ref().filter(|_| self.confirmed))
    }
}

/// The form: what was read, for a person to confirm, correct and complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// SHA-256 of the file that was read.
    pdf: Digest,
    /// Id that the report on file gets; an empty one is to be filled in.
    id: String,
    /// The subservice organization, an item of the scope.
    organization: String,
    /// From which day it is on file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_on: Option<Date>,
    /// Why it is recorded again, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The last day that a bridge letter speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bridge_until: Option<Date>,
    kind: Field<VendorReportKind>,
    report_type: Field<ReportType>,
    firm: Field<String>,
    opinion: Field<StatedOpinion>,
    opinion_parts: List<Field<OpinionOfPart>>,
    categories: Field<Vec<String>>,
    subservice_method: Field<SubserviceMethod>,
    subservice_organizations: List<Field<String>>,
    deviations: List<Field<ListedDeviation>>,
    cuecs: List<CuecField>,
}

const FORM_HEAD: &str = "\
# A vendor's report as it was read. Compare each field with its page, then set `confirmed = true`, or write what is right as
# `corrected = …`. Where nothing was found, `corrected` is needed; a list is confirmed with `is_whole = true` as well. Items may
# be added and, if they are none, taken out. Each complementary user entity control needs a decision: `controls = [\"…\"]`,
# `is_gap = true`, or `does_not_apply = \"why\"`. Fill in `id`, `organization` and `effective_on`; with a bridge letter,
# `bridge_until`. Then: tickmark vendor-report record THIS-FILE --pdf REPORT.pdf
";

impl VendorReportRead {
    /// The form, in TOML.
    pub fn form(&self) -> Result<String, Error> {
        let read = self.proposal.clone();
        fn list<T, U>(found: Vec<Found<T>>, of: impl Fn(T) -> U) -> List<Field<U>> {
            let item = found
                .into_iter()
                .map(|Found { value, page, words }| Field::of(Some(Found { value: of(value), page, words })));
            List { is_whole: false, item: item.collect() }
        }
        let cuecs = read.cuecs.into_iter().map(|found| CuecField {
            controls: BTreeSet::new(),
            is_gap: false,
            does_not_apply: None,
            read: Some(found.value),
            page: Some(found.page),
            confirmed: false,
            corrected: None,
        });
        let form = Form {
            pdf: self.pdf,
            id: String::new(),
            organization: String::new(),
            effective_on: None,
            reason: None,
            bridge_until: None,
            kind: Field::of(read.kind),
            report_type: Field::of(read.report_type),
            firm: Field::of(read.firm),
            opinion: Field::of(read.opinion),
            opinion_parts: list(read.opinion_parts, |(part, opinion)| OpinionOfPart { part, opinion }),
            categories: Field::of(read.categories),
            subservice_method: Field::of(read.subservice_method),
            subservice_organizations: list(read.subservice_organizations, |name| name),
            deviations: list(read.deviations, |deviation| deviation),
            cuecs: List { is_whole: false, item: cuecs.collect() },
        };
        let body = toml::to_string_pretty(&form).map_err(|error| Error::Unwritable(error.to_string()))?;
        let asks: String = read.warnings.iter().map(|warning| format!("# Ask: {warning}\n")).collect();
        Ok(format!("{FORM_HEAD}{asks}\n{body}"))
    }
}

impl Form {
    /// Every field that nobody confirmed or corrected, and every decision that is missing, by name.
    fn open(&self) -> Vec<String> {
        let mut open = Vec::new();
        let mut need = |settled: bool, name: &str| {
            if !settled {
                open.push(name.to_owned());
            }
        };
        need(!self.id.is_empty(), "id");
        need(!self.organization.is_empty(), "organization");
        need(self.effective_on.is_some(), "effective_on");
        need(self.kind.settled().is_some(), "kind");
        need(self.report_type.settled().is_some(), "report_type");
        need(self.firm.settled().is_some(), "firm");
        need(self.opinion.settled().is_some(), "opinion");
        let is_soc1 = self.kind.settled().is_some_and(|kind| kind.report() == tickmark_domain::ReportKind::Soc1);
        need(is_soc1 || self.categories.settled().is_some(), "categories");
        let organizations = self.subservice_organizations.item.len();
        need(organizations == 0 || self.subservice_method.settled().is_some(), "subservice_method");
        fn settled<T>(list: &List<Field<T>>, name: &str, need: &mut impl FnMut(bool, &str)) {
            need(list.is_whole, &format!("{name}.is_whole"));
            for (number, item) in (1..).zip(&list.item) {
                need(item.settled().is_some(), &format!("{name}.item {number}"));
            }
        }
        settled(&self.opinion_parts, "opinion_parts", &mut need);
        settled(&self.subservice_organizations, "subservice_organizations", &mut need);
        settled(&self.deviations, "deviations", &mut need);
        need(self.cuecs.is_whole, "cuecs.is_whole");
        for (number, item) in (1..).zip(&self.cuecs.item) {
            let id = item.corrected.as_ref().or(item.read.as_ref()).map(|cuec| cuec.id.as_str());
            let name = format!("cuecs.item {number} ({})", id.unwrap_or("no id"));
            need(item.settled().is_some(), &name);
            let decisions = [
                !item.controls.is_empty(),
                item.is_gap,
                item.does_not_apply.as_ref().is_some_and(|why| !why.trim().is_empty()),
            ];
            need(decisions.into_iter().filter(|decided| *decided).count() == 1, &format!("{name}: one decision"));
        }
        open
    }

    /// What was seen in the report, as the item's text.
    fn account(&self, author: &PersonId) -> String {
        let mut text = String::new();
        let mut say = |what: &str, value: String, page: Option<u32>| {
            let page = page.map(|page| format!(" (page {page})")).unwrap_or_default();
            text.push_str(&format!("{what}: {value}{page}\n"));
        };
        if let (Some(kind), Some(report_type)) = (self.kind.settled(), self.report_type.settled()) {
            say("Report", format!("{}, {}", kind.shown(), type_shown(*report_type)), self.report_type.page);
        }
        if let Some(firm) = self.firm.settled() {
            say("Service auditor", firm.clone(), self.firm.page);
        }
        if let Some(opinion) = self.opinion.settled() {
            say("Opinion", opinion_shown(*opinion).to_owned(), self.opinion.page);
        }
        for part in &self.opinion_parts.item {
            if let Some(OpinionOfPart { part: of, opinion }) = part.settled() {
                say(part_shown(*of), opinion_shown(*opinion).to_owned(), part.page);
            }
        }
        if let Some(categories) = self.categories.settled() {
            say("Categories", categories.join(", "), self.categories.page);
        }
        for organization in &self.subservice_organizations.item {
            if let Some(name) = organization.settled() {
                say("Subservice organization", name.clone(), organization.page);
            }
        }
        if let Some(method) = self.subservice_method.settled() {
            say("Method", method_shown(*method).to_owned(), self.subservice_method.page);
        }
        for deviation in &self.deviations.item {
            if let Some(ListedDeviation { control, text }) = deviation.settled() {
                let control = control.as_ref().map(|control| format!("{control}: ")).unwrap_or_default();
                say("Deviation", format!("{control}{text}"), deviation.page);
            }
        }
        for cuec in &self.cuecs.item {
            if let Some(ListedCuec { id, text }) = cuec.settled() {
                let decision = match &cuec.does_not_apply {
                    Some(why) => format!("does not apply: {why}"),
                    None if cuec.controls.is_empty() => "a gap: no control of ours runs it".to_owned(),
                    None => {
                        let controls: Vec<&str> = cuec.controls.iter().map(ControlId::as_str).collect();
                        format!("run by {}", controls.join(", "))
                    }
                };
                say(&format!("Complementary user entity control {id}"), format!("{text} [{decision}]"), cuec.page);
            }
        }
        say("Read from the PDF with SHA-256", self.pdf.to_string(), None);
        say("Each field compared with its page by", author.to_string(), None);
        text
    }

    fn cuecs_with_controls(&self) -> BTreeMap<String, BTreeSet<ControlId>> {
        let applies = self.cuecs.item.iter().filter(|cuec| cuec.does_not_apply.is_none());
        applies.filter_map(|cuec| Some((cuec.settled()?.id.clone(), cuec.controls.clone()))).collect()
    }
}

/// A report on file with what it leaves open.
#[derive(Debug, Clone, Serialize)]
pub struct VendorReportLine {
    /// The report on file.
    pub id: String,
    /// Of whom.
    pub organization: String,
    /// The firm.
    pub firm: String,
    /// Which report.
    pub report: String,
    /// Its type with its date or period.
    pub report_type: ReportType,
    /// The opinion that it states.
    pub opinion: StatedOpinion,
    /// Deviations that it lists.
    pub deviations: u32,
    /// The last day that a bridge letter speaks of.
    pub bridge_until: Option<Date>,
    /// Its complementary user entity controls that no control of ours runs.
    pub cuecs_without_control: Vec<String>,
    /// The report in the vault.
    pub document: Option<Digest>,
    /// How its days stand to those of our engagements.
    pub gaps: Vec<PeriodGap>,
}

impl House {
    /// Records a vendor's report that a person confirmed field by field, with the PDF itself.
    pub fn record_vendor_report(
        &mut self,
        author: &PersonId,
        form: &Path,
        pdf: &Path,
    ) -> Result<VendorReportLine, Error> {
        let written = Written::read(form)?;
        let form: Form = written.parse()?;
        let open = form.open();
        if !open.is_empty() {
            let problem = format!("nobody confirmed or corrected: {}", open.join("; "));
            return Err(written.refuse("confirmed", &problem));
        }
        let bytes = fs::read(pdf).map_err(io_error("read", pdf))?;
        let digest = Digest::of(&bytes);
        if digest != form.pdf {
            let problem = format!("the form was read from another PDF: that one has the SHA-256 {digest}");
            return Err(written.refuse("pdf", &problem));
        }
        let (Some(kind), Some(report_type), Some(firm), Some(opinion), Some(effective_on)) = (
            form.kind.settled(),
            form.report_type.settled(),
            form.firm.settled(),
            form.opinion.settled(),
            form.effective_on,
        ) else {
            return Err(written.refuse("confirmed", "fields are open"));
        };
        let ids: Vec<&str> = form.cuecs.item.iter().filter_map(|cuec| Some(cuec.settled()?.id.as_str())).collect();
        if let Some(twice) = ids.iter().enumerate().find(|(at, id)| ids.iter().take(*at).any(|before| before == *id)) {
            return Err(written.refuse(twice.1, "two complementary user entity controls have this id"));
        }
        let id: ScopeItemId = form.id.parse()?;
        let mut facts = SubserviceReport {
            organization: form.organization.parse()?,
            report: kind.report(),
            report_type: *report_type,
            opinion: *opinion,
            deviations: u32::try_from(form.deviations.item.len()).unwrap_or(u32::MAX),
            bridge_until: form.bridge_until,
            cuecs: form.cuecs_with_controls(),
            document: None,
        };
        let (account, reason) = (form.account(author), form.reason.as_deref());
        let command = |facts: &SubserviceReport| {
            Command::RecordScopeItem(RecordScopeItem {
                id: id.clone(),
                item: ScopeItem {
                    name: Digest::of(firm.as_bytes()),
                    text: Digest::of(account.as_bytes()),
                    facts: ScopeFacts::SubserviceReport(facts.clone()),
                },
                effective_on,
                reason: reason.map(|reason| Digest::of(reason.as_bytes())),
            })
        };
        // The rules are asked before anything is stored, so that what they refuse leaves no bytes behind.
        if let Some((_, error)) = self.first_refused(author, &[command(&facts)]) {
            let Error::Refused(refusal) = error else { return Err(error) };
            return Err(written.refused(&form.id, "this report", refusal));
        }
        // Reports are lent under an agreement, and people sign them: sealed, so that the copy can be erased.
        facts.document = Some(self.vault.put_sealed(&bytes)?);
        self.put_texts(&[firm.as_str(), account.as_str()])?;
        if let Some(reason) = reason {
            self.put_text(reason)?;
        }
        self.execute(author, command(&facts))?;
        let line = self.vendor_reports()?.into_iter().find(|line| line.id == form.id);
        line.ok_or(Error::Unknown { kind: "report on file", name: form.id })
    }

    /// Every report on file.
    pub fn vendor_reports(&self) -> Result<Vec<VendorReportLine>, Error> {
        let state = self.state();
        let mut lines = Vec::new();
        for (id, version) in state.standing_scope() {
            let ScopeFacts::SubserviceReport(facts) = &version.item.facts else { continue };
            let open = facts.cuecs.iter().filter(|(_, controls)| controls.is_empty());
            lines.push(VendorReportLine {
                id: id.to_string(),
                organization: facts.organization.to_string(),
                firm: self.text(&version.item.name)?,
                report: facts.report.shown().to_owned(),
                report_type: facts.report_type,
                opinion: facts.opinion,
                deviations: facts.deviations,
                bridge_until: facts.bridge_until,
                cuecs_without_control: open.map(|(cuec, _)| cuec.clone()).collect(),
                document: facts.document,
                gaps: state.vendor_report_gaps(id),
            });
        }
        Ok(lines)
    }
}

/// A type with its date or period, for people.
pub fn type_shown(report_type: ReportType) -> String {
    match report_type {
        ReportType::Type1 { as_of_on } => format!("Type 1 as of {as_of_on}"),
        ReportType::Type2(span) => format!("Type 2, {} to {}", span.first, span.last),
    }
}

/// An opinion, for people.
pub fn opinion_shown(opinion: StatedOpinion) -> &'static str {
    match opinion {
        StatedOpinion::Unmodified => "unmodified",
        StatedOpinion::Qualified => "qualified",
        StatedOpinion::Adverse => "adverse",
        StatedOpinion::Disclaimer => "disclaimer",
    }
}

/// A part of an opinion, for people.
pub fn part_shown(part: OpinionPart) -> &'static str {
    match part {
        OpinionPart::Description => "Opinion on the description",
        OpinionPart::Design => "Opinion on the design",
        OpinionPart::Operation => "Opinion on the operation",
    }
}

/// A method, for people.
pub fn method_shown(method: SubserviceMethod) -> &'static str {
    match method {
        SubserviceMethod::CarveOut => "carve-out",
        SubserviceMethod::Inclusive => "inclusive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read() -> VendorReportRead {
        let pages = [
            vec!["SOC 2 Type 2", "For the period July 1, 2025 to June 30, 2026"],
            vec![
                "relevant to security.",
                "In our opinion, in all material respects, the description presents the system.",
                "Colborne & Reyes LLP",
            ],
            vec!["Complementary user entity controls", "CUEC-1 Users remove leavers.", "CUEC-2 Users restore backups."],
        ];
        let pages: Vec<Vec<String>> =
            pages.iter().map(|page| page.iter().map(|line| (*line).to_owned()).collect()).collect();
        VendorReportRead {
            pdf: Digest::of(b"pdf"),
            pages: 3,
            pages_without_text: Vec::new(),
            pages_with_hidden_words: Vec::new(),
            proposal: read_vendor_report(&pages),
        }
    }

    fn open(form: &str) -> Vec<String> {
        toml::from_str::<Form>(form).unwrap().open()
    }

    #[test]
    fn what_nobody_confirmed_is_refused_by_name() {
        let form = read().form().unwrap();
        let expected = [
            "id",
            "organization",
            "effective_on",
            "kind",
            "report_type",
            "firm",
            "opinion",
            "categories",
            "opinion_parts.is_whole",
            "opinion_parts.item 1",
            "subservice_organizations.is_whole",
            "deviations.is_whole",
            "cuecs.is_whole",
            "cuecs.item 1 (CUEC-1)",
            "cuecs.item 1 (CUEC-1): one decision",
            "cuecs.item 2 (CUEC-2)",
            "cuecs.item 2 (CUEC-2): one decision",
        ];
        assert_eq!(open(&form), expected);
        let form = form.replace("confirmed = false", "confirmed = true").replace("is_whole = false", "is_whole = true");
        let form = form.replace("\nid = \"\"", "\nid = \"SUB-9-2026\"\neffective_on = \"2026-09-01\"");
        let form = form.replace("\norganization = \"\"", "\norganization = \"SUB-9\"");
        assert_eq!(open(&form), ["cuecs.item 1 (CUEC-1): one decision", "cuecs.item 2 (CUEC-2): one decision"]);
        // Two decisions are none.
        let both = form.replace("is_gap = false", "is_gap = true\ndoes_not_apply = \"no backups of ours\"");
        assert_eq!(open(&both).len(), 2);
        let decided = form.replacen("controls = []", "controls = [\"LA-02\"]", 1);
        let (before, after) = decided.rsplit_once("is_gap = false").unwrap();
        let decided = format!("{before}does_not_apply = \"no backups of ours\"{after}");
        assert_eq!(open(&decided), [""; 0]);
        let form: Form = toml::from_str(&decided).unwrap();
        // A control of users that does not apply is no gap; its reason stands in the account.
        assert_eq!(form.cuecs_with_controls().into_keys().collect::<Vec<_>>(), ["CUEC-1"]);
        let account = form.account(&"p-03".parse().unwrap());
        assert!(account.contains("Service auditor: Colborne & Reyes LLP (page 2)"), "{account}");
        assert!(account.contains("[does not apply: no backups of ours] (page 3)"), "{account}");
    }

    #[test]
    fn a_correction_stands_in_the_place_of_what_was_read() {
        let form = read().form().unwrap();
        let (before, after) = form.split_once("[firm]\n").unwrap();
        let form: Form = toml::from_str(&format!("{before}[firm]\ncorrected = \"Colborne LLP\"\n{after}")).unwrap();
        assert_eq!(form.firm.settled().map(String::as_str), Some("Colborne LLP"));
        assert!(!form.open().contains(&"firm".to_owned()));
        assert!(toml::from_str::<Form>(&read().form().unwrap().replacen("\nconfirmed =", "\nconfirmd =", 1)).is_err());
    }
}
