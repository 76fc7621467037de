//! Freezing populations, and comparing one with what its query returns later.

use std::collections::BTreeMap;

use tickmark_examine::{
    Job, PopulationOutcome, PopulationQuery, PopulationRows, Says, each_frozen_item, freeze, item_texts,
};

use crate::support::*;

fn slips(sql: &str) -> PopulationQuery {
    PopulationQuery {
        name: "payslips".to_owned(),
        sql: sql.to_owned(),
        item: vec!["payslip_id".to_owned()],
        total: None,
        parameters: BTreeMap::new(),
    }
}

fn asked(house: &House, query: PopulationQuery) -> PopulationRows {
    let job = Job { populations: vec![query], ..job(vec![house.year_of_payslips()], Vec::new()) };
    freeze(&job, &house.vault).pop().unwrap()
}

/// Each query that cannot be a population, and what is said of it.
#[test]
fn what_is_no_population_says_so() {
    let house = House::new();
    let with = |change: &dyn Fn(&mut PopulationQuery)| {
        let mut query = slips("SELECT payslip_id, net FROM payslip");
        change(&mut query);
        match asked(&house, query).outcome {
            PopulationOutcome::Read { items, .. } => format!("{items} items"),
            PopulationOutcome::Repeated { repeated } => format!("repeated {repeated}"),
            PopulationOutcome::NotEvaluable { reason } => format!("not evaluable: {reason}"),
            PopulationOutcome::Error { message } => format!("error: {message}"),
        }
    };
    let said = [
        with(&|_| ()),
        with(&|q| q.total = Some("net".to_owned())),
        with(&|q| q.sql = "SELECT payslip_id, net FROM payslip WHERE pay_on < $period_start".to_owned()),
        with(&|q| q.sql = "SELECT p.payslip_id, p.net FROM payslip p JOIN payslip o ON o.currency = p.currency".to_owned()),
        with(&|q| q.sql = "SELECT net, payslip_id FROM payslip".to_owned()),
        with(&|q| q.sql = "SELECT * FROM payslip".to_owned()),
        with(&|q| q.sql = "SELECT payslip_id FROM payslip LIMIT 1".to_owned()),
        with(&|q| q.total = Some("payslip_id".to_owned())),
        with(&|q| q.total = Some("gross".to_owned())),
        with(&|q| q.item.clear()),
    ];
    assert_eq!(
        said,
        [
            "2 items",
            "2 items",
            "0 items",
            "repeated 2",
            "error: payslips: returns net, payslip_id; expected payslip_id first [item-columns]",
            "error: payslips:1:8: columns are named, never `*` [no-star]",
            "error",
            "error: payslips: `payslip_id` is a Utf8 and cannot be summed [item-columns]",
            "error: payslips: returns no column `gross` to sum [item-columns]",
            "error: payslips: returns payslip_id, net; expected  first [item-columns]",
        ]
    );
}

#[test]
fn frozen_rows_are_read_back_item_by_item() {
    let house = House::new();
    let mut query = slips("SELECT payslip_id, pay_on AS occurred_on, net FROM payslip");
    query.total = Some("net".to_owned());
    let PopulationOutcome::Read { rows: Some(rows), .. } = asked(&house, query).outcome else { panic!() };
    let manifest = house.vault.manifest(&rows).unwrap();
    let mut seen = Vec::new();
    each_frozen_item::<tickmark_examine::Error>(&house.vault, &manifest, Some("net"), &mut |item| {
        let Says::Units(net) = item.says else { panic!() };
        seen.push((item_texts(&manifest, item.key).unwrap(), net));
        Ok(())
    })
    .unwrap();
    let total: i128 = seen.iter().map(|(_, net)| net).sum();
    assert_eq!(manifest.control_totals[0].stored.replace('.', ""), total.to_string());
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0), "{seen:?}");
    assert!(manifest.sealed);
}
