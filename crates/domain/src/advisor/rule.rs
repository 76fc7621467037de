//! The rules by name: when each fires, what follows, and why. The code that asks a rule names it; the table is what
//! people read and what documents print.
//!
//! Invariant: no statement of an advice names a rule that is not here, and no rule here is dead (both tests).

use serde::{Serialize, Serializer};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Its id, which documents and files may rely on.
    pub id: &'static str,
    /// When it fires.
    pub when: &'static str,
    /// What follows.
    pub then: &'static str,
    /// Why.
    pub why: &'static str,
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

macro_rules! rules {
    ($($name:ident = $id:literal: $when:literal => $then:literal, $why:literal;)+) => {
        $(#[doc = $when] pub const $name: Rule = Rule { id: $id, when: $when, then: $then, why: $why };)+

        /// Every rule, in the order in which documents print them.
        pub const RULES: &[Rule] = &[$($name,)+];
    };
}

rules! {
    // Which reports.
    R00 = "R00": "no other rule speaks for a report" => "its level stays no", "Nothing that was answered makes it needed.";
    R01 = "R01": "Q01 is direct" => "SOC 1 yes", "The service is part of user entities' information system for financial reporting, which is what AT-C 320 is about.";
    R01A = "R01a": "Q01 is unknown and Q02 names transactions" => "SOC 1 at least likely, provisional", "Such transactions nearly always reach clients' books; Q01 settles it.";
    R02 = "R02": "Q01 is hosts and Q02 has financial-hosting or ledger-erp" => "SOC 1 yes", "User auditors need the general controls over systems that produce balances.";
    R02A = "R02a": "Q01 is hosts, no raw capacity, and Q02 is unknown or names other transactions" => "SOC 1 at least may; likely if Q02 names them", "Who runs a system that processes transactions runs part of the controls over it.";
    R03 = "R03": "Q10 is iaas-hosting or colocation and Q01 is hosts, or Q10 is msp-mssp, without clients' financial systems" => "SOC 1 usually no; both sometimes for hosting and colocation; SOC 1 sometimes if an auditor or a bank asks", "User auditors mostly want the layer above; some ask for the hosting layer as a subservice organization.";
    R04 = "R04": "Q01 is feature" => "SOC 1 may", "A product with invoicing or time capture can feed revenue.";
    R05 = "R05": "Q03 is yes or partly, and the service bears on financial reporting" => "SOC 1 yes; at least likely if partly", "What clients do not redo reaches their books as it is.";
    R06 = "R06": "clients' auditors, internal audit, finance, banks or regulators ask, or Q07 names SOC 1, ISAE 3402, SOX or audits" => "SOC 1 yes if Q01 is direct, feature or hosts under R02; likely and provisional if Q01 is unknown", "When user auditors ask and the service bears on financial reporting, the request is rarely waived.";
    R07 = "R07": "SOC 1 is asked for, or clients' auditors ask, and Q01 is none" => "SOC 1 may", "A report without an objective relevant to financial reporting misleads; a firm may refuse it. Talk to the client first.";
    R08 = "R08": "Q09 has clients under SOX" => "SOC 1 one step up, never under likely; if Q01 is unknown yes, provisional", "Management of a client under SOX and its auditor need evidence over a period.";
    R09 = "R09": "Q04 is yes and Q05 is not only public" => "SOC 2 yes", "Holding customers' data, or systems they depend on, is what a SOC 2 speaks about; who asks decides when.";
    R09A = "R09a": "Q04 is unknown and Q10 is a hosted or managed service" => "SOC 2 yes for SaaS, infrastructure and analytics; else likely", "Such services nearly always hold or carry customer data.";
    R09B = "R09b": "Q04 is unknown and a promise of uptime, accuracy or confidentiality is made" => "SOC 2 at least likely", "What was promised of a system is what a SOC 2 reports on.";
    R10 = "R10": "procurement, security, vendor risk, legal or prospects ask, regulators where Q01 is none, or Q07 names SOC 2 or security" => "SOC 2 yes, now", "The reader is a security reader.";
    R11 = "R11": "Q02 has payroll or payments, and the service bears on financial reporting" => "SOC 2 at least often; both usually where SOC 1 is at least likely", "Pay and payment data is sensitive; buyers ask for both.";
    R12 = "R12": "Q02 has healthcare-rcm, financial-hosting, ledger-erp or lending-platform, and Q01 is not none" => "SOC 1, SOC 2 and both yes", "Sensitive data and ledger effect meet.";
    R13 = "R13": "Q10 is advice-only and Q04 is no" => "SOC 2 usually no", "Nothing is processed or held.";
    R14 = "R14": "Q10 is on-premise-software and Q04 is not yes" => "SOC 2 usually no", "The customer runs the system; a statement about secure development is a better answer.";
    R14A = "R14a": "a report is pursued and nobody asks for it yet" => "its level stays, its time is plan", "Need and timing are different answers.";
    R15 = "R15": "Q08 names a report" => "that report yes, now", "A contract duty beats inference. If it names the wrong report for the service, the contract wants renegotiating as well.";
    R15A = "R15a": "Q07 or Q08 names a SOC 3" => "SOC 3 yes, SOC 2 at least likely", "A SOC 3 comes from the same examination as a SOC 2.";
    R16 = "R16": "SOC 1 and SOC 2 are both pursued" => "one control set, the same last day, two reports", "Different criteria, readers and restrictions make two opinions; the evidence can be shared.";
    R17 = "R17": "nobody asks, nothing is planned and the organization is very small" => "readiness only; levels stay", "A report that nobody reads spends money.";
    R18 = "R18": "enterprises or regulated customers are served or planned" => "SOC 2 at least likely", "Plan for what will be expected, not only for today.";
    R19 = "R19": "Q22 has financial processing" => "SOC 1 at least may; design its controls now", "Processing controls that are added later cannot give evidence for the past.";
    R20 = "R20": "Q07 says only \"a SOC report\" and no reader is known" => "SOC 1, SOC 2 and both at least may", "The reader decides the report: ask who will read it.";
    // Which type.
    T01 = "T01": "Q07 names Type 2, or Q08 one of this report" => "Type 2 next; a Type 1 first only as a stop-gap that the client accepts in writing", "The client asks for operation over a period.";
    T02 = "T02": "controls do not all run yet, or nobody knows since when" => "readiness, then Type 1, then Type 2", "A Type 1 can be given once controls are designed and implemented.";
    T02A = "T02a": "controls have run for under three months, a SOC 2 stands alone, and no Type 2 can be in time where one is due" => "Type 1 now, and the period begins the next day", "Too little has happened to be tested; design and implementation can be examined at once.";
    T03 = "T03": "the report is due before a Type 2 could be ready, or a contract takes a Type 1 sooner" => "Type 1 now, and the period begins the next day", "The need comes before a period can have passed.";
    T04 = "T04": "controls have run for three months with kept evidence" => "SOC 2 Type 2 now, over three to six months; twelve after", "A short first period is customary for a SOC 2.";
    T05 = "T05": "SOC 1 for user auditors" => "Type 2, over twelve months if possible, not under six", "A Type 1 helps user auditors understand and gives no evidence of operation.";
    T06 = "T06": "Q22 has a large change of the system" => "a Type 1 of the new system, a period that begins after the change, or tests before and after it", "Controls before and after a large change are not the same controls.";
    T07 = "T07": "Q21 has a Type 2, and the twelve months after it are not over" => "the next period begins the day after, for twelve months, or for a bridging period where the last day fits badly; later where the controls run only since a later day (T08)", "Readers look for periods without a gap.";
    T07A = "T07a": "Q21 has an opinion that is not unmodified" => "its cause is remediated and retested before the next period ends", "Readers look in the next report for what became of it.";
    T08 = "T08": "always" => "no as-of date in the past of the controls, and no period that begins before they ran with kept evidence", "What was not kept cannot be examined.";
    T09 = "T09": "nobody asks for a SOC 2 yet, and its controls run" => "a Type 1 when somebody asks, then Type 2", "A Type 1 can be given within weeks of the first request, while the period runs.";
    // Trust services categories.
    C01 = "C01": "SOC 2" => "security", "The common criteria stand in every SOC 2.";
    C02 = "C02": "Q11 is yes, or unknown where an outage hurts customers at once" => "availability yes; likely", "The promise is what the category is measured by.";
    C03 = "C03": "Q13 is yes, or unknown where data is confidential" => "confidentiality yes; likely", "The promise is what the category is measured by.";
    C04 = "C04": "Q12 is yes" => "processing integrity yes; may if a SOC 1 covers the same processing and no security reader asks", "Where a SOC 1 covers the processing, the category may repeat it.";
    C05 = "C05": "Q14 is a role with a notice or privacy terms" => "privacy yes for who collects from people; likely under privacy terms if a buyer asks, else may", "Privacy is measured by the organization's own notice; confidentiality usually fits a processor better.";
    C06 = "C06": "Q11, Q12 or Q13 is no" => "that category stays out", "A category without a promise behind it adds criteria to meet in every period.";
    // Control objectives.
    O01 = "O01": "SOC 1 at least sometimes" => "the objectives of each industry in Q02 with its IT general controls", "Management chooses objectives; these are where it starts.";
    O02 = "O02": "only raw capacity is rented" => "physical access and environment only", "Nothing else of a rack or a virtual machine bears on clients' books.";
    O03 = "O03": "Q01 is feature" => "without the industry's objective for client set-up, if the feature is chosen at all", "The feature yields amounts; clients set up the rest themselves.";
    O04 = "O04": "Q10 is msp-mssp" => "logical access and change management only, and only for clients' financial systems", "Who manages systems may run part of their general controls.";
    O05 = "O05": "Q02 has outsourced-accounting and no transactions of its own systems" => "logical access only, of the IT general controls", "The ledger is the client's own system.";
    // Subservice organizations.
    B01 = "B01": "Q15 names a provider" => "a subservice organization if its controls are needed with yours, else a vendor that is monitored", "The test is whether objectives or commitments can be met without its controls.";
    B02 = "B02": "it has a Type 2 report of its own, or will not take part" => "carve-out, with complementary controls and a review of its report", "Its own report covers what yours leaves out.";
    B03 = "B03": "it has no Type 2 report, its controls are needed, and it takes part" => "inclusive", "Nothing else gives readers evidence; the service auditor must be independent of it too.";
    B04 = "B04": "your own controls over its work suffice" => "not needed; record why", "What you check yourself need not be assumed of others.";
    B05 = "B05": "both reports are pursued" => "the test is made for each report", "The same provider can matter to one report and not to the other.";
    // Period.
    P01 = "P01": "SOC 1 is pursued" => "the last day that serves most user entities (a gap of three months or less), if it serves three quarters; else the one that gives most a gap of one to three months", "Their auditors need at least six to nine months of cover, and the report before they finish.";
    P02 = "P02": "no one last day serves three quarters of user entities" => "a second last day, the one that adds most, or a rolling twelve months", "Year-ends spread over the year have no one good last day.";
    P03 = "P03": "SOC 1 and SOC 2 are pursued now" => "both begin and end on the same days; a SOC 2 that would wait over a quarter for it may take a short first period", "One set of evidence serves both.";
    P04 = "P04": "a period is shorter than twelve months" => "each annual control falls inside it", "A control that did not run cannot be tested.";
    P05 = "P05": "a fiscal year ends after the last day" => "a bridge letter where the gap is three months or less; longer, another report or another last day", "Readers need to hear what happened since, and a letter is weak evidence.";
    P06 = "P06": "SOC 2 alone" => "three to six months first, twelve after", "No fixed minimum exists; readers accept a short first period.";
    P07 = "P07": "a report is due before the period that fits best can be reported" => "the period that is: six months or more (SOC 2: three), the longest up to twelve, then the best fit, then the latest", "A Type 2 in time serves the reader better than a Type 1, and a date that is owed beats a better fit.";
    P08 = "P08": "a first report: none of its kind in the last year" => "no last day before readiness is assessed, and no as-of date before it can be at the soonest; where a due date leaves less time the assessment is short, and where it leaves none the advice says so", "What is found after the last day cannot be mended in that period.";
    P09 = "P09": "Q08 or Q18 says that a report is owed" => "each is answered by itself: whether its day can be met, the soonest day, and what can be given until then", "One date that cannot be met says nothing of another.";
    // Public and international reports.
    I01 = "I01": "Q20 is yes and a SOC 2 Type 2 is planned" => "SOC 3 yes, from the same examination", "It never replaces the SOC 2 for a buyer who needs tests and results.";
    I02 = "I02": "Q20 is yes and no SOC 2 Type 2 is planned" => "SOC 3 no", "A SOC 3 speaks of effectiveness over a period.";
    I03 = "I03": "SOC 1 is pursued and user auditors are outside the United States, or Q07 or Q08 names ISAE 3402" => "ISAE 3402 yes: one report that names both standards", "Those auditors work under ISA 402 and look for the international standard by name.";
    I04 = "I04": "SOC 2 is pursued and readers are outside the United States" => "ISAE 3000 may", "A reader there may want the international standard named beside AT-C 105 and 205.";
    I05 = "I05": "SOC 1 is pursued and Q19 is only the United States" => "ISAE 3402 usually no", "Auditors there work with AT-C 320.";
    I06 = "I06": "Q24 names duties with criteria of their own" => "offer SOC 2 with that subject matter beside", "One examination can report on more; it replaces no duty.";
    I07 = "I07": "SOC 1 is pursued and every user auditor is outside the United States and Canada" => "deliver the need as ISAE 3402 alone", "The level says the need, the standard its form.";
    // Plan, warnings, confidence.
    L01 = "L01": "a report is pursued now" => "readiness, report and renewal with dates", "Lengths are customary, from the calendar of such engagements; the firm sets the real ones.";
    W01 = "W01": "SOC 1 is pursued" => "warning", "The mistake is to think that a SOC 2 replaces it.";
    W02 = "W02": "security readers ask, and a SOC 1 is asked for or pursued" => "warning", "The mistake is to answer them with a SOC 1.";
    W03 = "W03": "prospects or procurement ask, or a need is only planned" => "warning", "The mistake is to begin when a deal is blocked.";
    W04 = "W04": "a Type 2 is due before its period can have passed" => "warning", "The mistake is to believe that a period can be shortened.";
    W05 = "W05": "SOC 1 is pursued" => "warning", "The mistake is to give user auditors a Type 1 only.";
    W06 = "W06": "a report is pursued and providers are named or unknown" => "warning", "The mistake is to leave providers out of scope by silence.";
    W07 = "W07": "a report is pursued" => "warning", "The mistake is a list of users' controls that is padded or missing.";
    W08 = "W08": "a period shorter than twelve months is advised" => "warning", "The mistake is an annual control outside the period.";
    W09 = "W09": "SOC 1 is pursued" => "warning", "The mistake is an objective without controls or without a link to financial reporting.";
    W10 = "W10": "Q07 has certification" => "warning", "The mistake is a word.";
    W11 = "W11": "Q24 names laws or standards, or Q05 has health or card data" => "warning", "The mistake is to take the report for proof of something else.";
    W12 = "W12": "SOC 1 is asked for, or may be needed, and nothing is known to bear on financial reporting" => "warning", "The mistake is a report with nothing to say.";
    W13 = "W13": "SOC 1 is pursued" => "warning", "The mistake is a period that covers nobody's year.";
    W14 = "W14": "SOC 1 is pursued and auditors are outside the United States" => "warning", "The mistake is a report under a standard that they do not look for.";
    W15 = "W15": "Q02 has outsourced-accounting" => "warning", "The mistake is a firm that examines its own work.";
    W16 = "W16": "always" => "warning", "The mistake is to take advice for an opinion.";
    W17 = "W17": "a category is advised without a promise behind it" => "warning", "The mistake is every category to be safe.";
    D01 = "D01": "the four first questions, and answers that disagree" => "confidence: low without Q01 or Q04, or where answers that disagree would give another level; medium without Q06 or Q07, or where answers disagree otherwise; else high", "Advice is as good as the answers behind it.";
    D02 = "D02": "two answers cannot both be true" => "both are named, and what follows from either; the rules read what is written", "The advisor cannot know which of them is wrong.";
}
