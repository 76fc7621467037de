//! SOC 1 and SOC 2 side by side: what anyone has to know before choosing.

use serde::Serialize;

/// One respect in which the two differ, or agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The respect.
    pub respect: &'static str,
    /// What a SOC 1 is in it.
    pub soc1: &'static str,
    /// What a SOC 2 is in it.
    pub soc2: &'static str,
}

const fn line(respect: &'static str, soc1: &'static str, soc2: &'static str) -> Difference {
    Difference { respect, soc1, soc2 }
}

/// The comparison, in the order in which it is shown.
pub const DIFFERENCES: &[Difference] = &[
    line(
        "question it answers",
        "Can my client's auditor trust your numbers: may it rely on your controls over the financial data you process?",
        "Can my client trust your systems: are they secure against threats, is access to data right, are privacy practices documented?",
    ),
    line(
        "purpose",
        "Report on the design, and in a Type 2 the operation, of controls relevant to clients' financial reporting (ICFR)",
        "Report on controls that protect systems and data, and on their reliability",
    ),
    line(
        "focus",
        "Financial reporting: accuracy and integrity of transaction processing",
        "Security, availability, processing integrity, confidentiality, privacy",
    ),
    line(
        "risk addressed",
        "Misstated financial statements of clients",
        "Breach or loss of data, outage, misuse of personal information",
    ),
    line("standard", "SSAE: AT-C 105, 205 and 320; abroad ISAE 3402", "SSAE: AT-C 105 and 205; abroad ISAE 3000"),
    line(
        "measured against",
        "Control objectives that management states for the service",
        "AICPA Trust Services Criteria (TSP 100); the description by DC 200",
    ),
    line(
        "scope",
        "Classes of transactions, and IT general controls below them",
        "Security always, and each other category behind which a commitment stands",
    ),
    line(
        "readers",
        "Clients' financial statement auditors, controllers, CFOs, finance teams, regulators",
        "Customers, prospects, procurement, security teams, vendor risk, legal and compliance",
    ),
    line(
        "who asks",
        "Clients whose financials you affect, for external audits or under SOX",
        "Enterprise clients in sales, vendor risk reviews and security questionnaires",
    ),
    line(
        "how often asked",
        "Less often, and rarely waived when asked",
        "Most often, as a baseline for technology providers",
    ),
    line(
        "what clients expect",
        "Confidence that financial data used in audits is accurate",
        "Confidence that sensitive data is handled securely",
    ),
    line("Type 1", "Yes: design at one date (point in time)", "Yes: design at one date (point in time)"),
    line(
        "Type 2",
        "Yes: operation over a period, usually 6 to 12 months",
        "Yes: operation over a period, usually 6 to 12 months; 3 for a first",
    ),
    line(
        "common industries",
        "Payroll, payments, billing, claims and benefits, loans, retirement, fund services, outsourced accounting, financial platforms",
        "SaaS, cloud, API and hosting providers, managed IT and security, data analytics, digital health, fintech, technology",
    ),
    line("who may issue", "A licensed, independent CPA firm only", "A licensed, independent CPA firm only"),
    line(
        "use",
        "Restricted: management, user entities of the period, their auditors",
        "Restricted: who knows the service and the criteria; a SOC 3 may be public",
    ),
    line(
        "not in it",
        "Security for its own sake, continuity plans, privacy",
        "Control objectives for clients' financial reporting",
    ),
    line(
        "the other one",
        "Does not answer a security buyer; the wrong report costs a second audit, delayed deals and the same questions again",
        "Does not replace a SOC 1; both can share one control set, one period and one body of evidence, as two reports",
    ),
];
