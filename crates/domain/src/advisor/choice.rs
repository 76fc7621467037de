//! The choices among which answers are made.

use super::word::{Word, words};

words! {
    /// Whether what the organization does ends up in its clients' financial statements (Q01).
    FinancialEffect {
        Direct = "direct", "you start, record, process or report your clients' transactions or balances";
        Hosts = "hosts", "you run the systems that do so for your clients";
        Feature = "feature", "a part of your product yields amounts that clients book";
        Nothing = "none", "nothing that you do reaches your clients' financial statements";
    }

    /// Transactions or records that the service processes (Q02).
    Transaction {
        Payroll = "payroll", "payroll";
        Payments = "payments", "payments and settlement";
        Loans = "loans", "loans that you service";
        LendingPlatform = "lending-platform", "a lending platform";
        ClaimsBenefits = "claims-benefits", "claims and benefits";
        Retirement = "retirement", "retirement plans";
        Billing = "billing", "billing and invoicing";
        ApAr = "ap-ar", "payables and receivables";
        HealthcareRcm = "healthcare-rcm", "healthcare billing (revenue cycle)";
        Investments = "investments", "investments and funds";
        FinancialHosting = "financial-hosting", "hosting of financial systems";
        LedgerErp = "ledger-erp", "a general ledger (ERP included)";
        OutsourcedAccounting = "outsourced-accounting", "bookkeeping and accounting for clients";
        Other = "other", "other records";
    }

    /// Whether clients rely on the organization's numbers (Q03).
    Reliance {
        Yes = "yes", "clients book your numbers without redoing them";
        Partly = "partly", "clients redo your numbers only in part";
        No = "no", "clients redo your numbers before they book them";
    }

    /// Yes or no.
    YesNo {
        Yes = "yes", "yes";
        No = "no", "no";
    }

    /// How sensitive the data is (Q05).
    DataKind {
        Personal = "personal", "personal data";
        Health = "health", "health data";
        PaymentCard = "payment-card", "payment card data";
        Financial = "financial", "financial data";
        Credentials = "credentials", "credentials";
        ConfidentialBusiness = "confidential-business", "confidential business data";
        PublicOnly = "public-only", "public data only";
    }

    /// Who asks for a report (Q06).
    Asker {
        ClientAuditors = "client-auditors", "clients' financial statement auditors";
        ControllersCfo = "controllers-cfo", "clients' controllers and CFOs";
        InternalAudit = "internal-audit", "clients' internal audit";
        Procurement = "procurement", "procurement";
        SecurityTeam = "security-team", "security teams";
        VendorRisk = "vendor-risk", "vendor risk teams";
        LegalCompliance = "legal-compliance", "legal and compliance teams";
        Regulators = "regulators", "regulators";
        Prospects = "prospects", "prospects";
        FinancialInstitutions = "financial-institutions", "banks and other financial institutions";
    }

    /// The words in which they ask (Q07).
    Phrase {
        Soc1 = "soc1", "SOC 1";
        Soc2 = "soc2", "SOC 2";
        Soc3 = "soc3", "SOC 3";
        Type1 = "type-1", "Type 1";
        Type2 = "type-2", "Type 2";
        Isae3402 = "isae3402", "ISAE 3402";
        SoxOrAudit = "sox-or-audit", "Sarbanes-Oxley or their audit";
        SecurityQuestionnaire = "security-questionnaire", "a security questionnaire";
        ProveSecurity = "prove-security", "proof of security";
        ASocReport = "a-soc-report", "“a SOC report”";
        Certification = "certification", "a certification";
    }

    /// Whether clients are audited (Q09).
    AuditedClients {
        Nobody = "none", "no client is audited";
        SomeAudited = "some-audited", "some clients are audited";
        SomeSox = "some-sox", "some clients are public companies under SOX";
        ManySox = "many-sox", "many clients are public companies under SOX";
    }

    /// The service model (Q10).
    ServiceModel {
        Saas = "saas", "you offer software as a service";
        Api = "api", "you offer an API";
        IaasHosting = "iaas-hosting", "you offer cloud infrastructure or hosting";
        Colocation = "colocation", "you offer colocation";
        MspMssp = "msp-mssp", "you manage clients' IT or security";
        Bpo = "bpo", "you run business processes for clients";
        DataAnalytics = "data-analytics", "you offer data analytics";
        OnPremiseSoftware = "on-premise-software", "clients run your software themselves";
        AdviceOnly = "advice-only", "you only advise";
    }

    /// The organization's role with personal information (Q14).
    PersonalInformation {
        Nothing = "none", "you handle no personal information";
        ProcessorWithoutNotice = "processor-without-own-notice", "you process personal information for clients without a notice of your own";
        ProcessorWithTerms = "processor-with-privacy-terms", "you process personal information under privacy terms with clients";
        Collects = "controller-or-collects-from-people", "you collect personal information from people or decide about its use";
    }

    /// Where user entities and their auditors are (Q19).
    Region {
        Us = "us", "the United States";
        Ca = "ca", "Canada";
        Uk = "uk", "the United Kingdom";
        Eu = "eu", "the European Union";
        Au = "au", "Australia";
        In = "in", "India";
        Other = "other", "other countries";
    }

    /// Plans for the next twelve months (Q22).
    Plan {
        FinancialProcessing = "financial-processing", "to process financial transactions";
        EnterpriseCustomers = "enterprise-customers", "to sell to enterprises";
        RegulatedCustomers = "regulated-customers", "to sell to regulated customers";
        NewRegions = "new-regions", "to enter new regions";
        LargeSystemChange = "large-system-change", "a large change of the system";
    }

    /// Customer segments (Q23).
    Segment {
        Consumers = "consumers", "consumers";
        SmallBusiness = "small-business", "small businesses";
        Enterprise = "enterprise", "enterprises";
        Regulated = "regulated", "regulated customers";
    }

    /// Other duties (Q24).
    OtherDuty {
        Hipaa = "hipaa", "HIPAA";
        Pci = "pci", "PCI DSS";
        Gdpr = "gdpr", "GDPR";
        Glba = "glba", "GLBA";
        BankOversight = "bank-oversight", "bank oversight";
        Iso27001 = "iso27001", "ISO 27001";
    }

    /// A report that a contract or an earlier engagement names.
    NamedReport {
        Soc1 = "soc1", "SOC 1";
        Soc2 = "soc2", "SOC 2";
        Soc3 = "soc3", "SOC 3";
        Isae3402 = "isae3402", "ISAE 3402";
    }

    /// A type of report.
    NamedType {
        Type1 = "type-1", "Type 1";
        Type2 = "type-2", "Type 2";
    }

    /// What report a provider has of its own.
    OwnReport {
        Nothing = "no-report", "no report";
        Type1 = "type-1", "a Type 1 report";
        Type2 = "type-2", "a Type 2 report";
    }

    /// The opinion of an earlier report.
    Opinion {
        Unmodified = "unmodified", "unmodified";
        Qualified = "qualified", "qualified";
        Adverse = "adverse", "adverse";
        Disclaimer = "disclaimer", "disclaimer";
    }

    /// A month in which a fiscal year ends.
    Month {
        January = "january", "January";
        February = "february", "February";
        March = "march", "March";
        April = "april", "April";
        May = "may", "May";
        June = "june", "June";
        July = "july", "July";
        August = "august", "August";
        September = "september", "September";
        October = "october", "October";
        November = "november", "November";
        December = "december", "December";
    }
}

impl Month {
    /// 1 to 12.
    pub fn number(self) -> i8 {
        // The order of the variants is the order of the year.
        self as i8 + 1
    }

    /// The month of a day.
    pub fn of_day(day: jiff::civil::Date) -> Option<Self> {
        Self::ALL.iter().copied().find(|month| month.number() == day.month())
    }
}
