//! Families of control objectives to begin a SOC 1 with: rules O01 to O05. Management chooses and owns them.

use super::{
    advice::{Basis, Itgc, ObjectiveFamily},
    choice::{FinancialEffect, ServiceModel, Transaction},
    level::Level,
    needs::Needs,
    question::Question as Q,
    reading::Reading,
    rule,
    word::Word,
};

/// The industry of the catalog that speaks of a class of transactions.
pub fn industry_of(transaction: Transaction) -> Option<&'static str> {
    match transaction {
        Transaction::Payroll => Some("payroll"),
        Transaction::Payments => Some("payments"),
        Transaction::Loans | Transaction::LendingPlatform => Some("loan-servicing"),
        Transaction::ClaimsBenefits => Some("claims-tpa"),
        Transaction::Retirement => Some("retirement"),
        Transaction::Billing => Some("billing"),
        Transaction::ApAr => Some("ap-ar"),
        Transaction::HealthcareRcm => Some("healthcare-rcm"),
        Transaction::Investments => Some("fund-services"),
        Transaction::FinancialHosting => Some("financial-hosting"),
        Transaction::LedgerErp => Some("erp-saas"),
        Transaction::OutsourcedAccounting => Some("outsourced-accounting"),
        Transaction::Other => None,
    }
}

/// The objectives of an industry that a feature alone touches: all but the first, which is about client set-up.
fn of_feature(industry: &str) -> Vec<&'static str> {
    match industry {
        "billing" => vec!["BIL-2", "BIL-3", "BIL-4", "BIL-5", "BIL-6"],
        "erp-saas" => vec!["ERP-2", "ERP-3", "ERP-4", "ERP-5", "ERP-6"],
        _ => Vec::new(),
    }
}

/// The families.
pub(crate) fn objectives(reading: Reading<'_>, needs: &Needs) -> Vec<ObjectiveFamily> {
    if reading.rents_raw_capacity() {
        return of_raw_capacity(reading, needs);
    }
    if needs.soc1.level < Level::Sometimes {
        return Vec::new();
    }
    let mut families: Vec<ObjectiveFamily> = Vec::new();
    for transaction in reading.profile.transactions.iter().flatten() {
        let Some(industry) = industry_of(*transaction).filter(|_| reading.may_bear_on_reporting()) else { continue };
        if families.iter().any(|family| family.industry == Some(industry)) {
            continue;
        }
        let mut family = ObjectiveFamily {
            industry: Some(industry),
            only: Vec::new(),
            itgc: Itgc::OfIndustry,
            basis: vec![of_transactions(reading, industry)],
        };
        if reading.effect() == Some(FinancialEffect::Feature) {
            family.only = of_feature(industry);
            family.basis.push(reading.basis(rule::O03, &[Q::FinancialEffect]));
        }
        let in_clients_ledger = *transaction == Transaction::OutsourcedAccounting
            && reading.model_is(&[ServiceModel::Bpo])
            && reading.profile.transactions.iter().flatten().count() == 1;
        if in_clients_ledger {
            family.itgc = Itgc::Only(vec!["ITGC-LA"]);
            family.basis.push(reading.basis(rule::O05, &[Q::Transactions, Q::ServiceModel]));
        }
        families.push(family);
    }
    families
}

/// The transactions that call for an industry's objectives.
fn of_transactions(reading: Reading<'_>, industry: &str) -> Basis {
    let calls = |part: &str| Transaction::of(part).and_then(industry_of) == Some(industry);
    Basis { rule: rule::O01, answers: reading.part(Q::Transactions, calls).into_iter().collect() }
}

fn of_raw_capacity(reading: Reading<'_>, needs: &Needs) -> Vec<ObjectiveFamily> {
    let questions = [Q::FinancialEffect, Q::ServiceModel, Q::Transactions];
    if reading.model_is(&[ServiceModel::MspMssp]) {
        return vec![ObjectiveFamily {
            industry: None,
            only: Vec::new(),
            itgc: Itgc::Only(vec!["ITGC-LA", "ITGC-CM"]),
            basis: reading.because(rule::O04, &questions),
        }];
    }
    if needs.soc1.level < Level::Sometimes {
        return Vec::new();
    }
    vec![ObjectiveFamily {
        industry: Some("financial-hosting"),
        only: vec!["HST-7"],
        itgc: Itgc::Nothing,
        basis: reading.because(rule::O02, &questions),
    }]
}
