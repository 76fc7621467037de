//! Vendors, some of them subservice organizations whose reports are reviewed every year.

use std::path::Path;

use jiff::civil::{Date, date};
use serde::Serialize;

use crate::calendar::{PERIOD_END, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::people::People;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, day_between, take};

const TEST: &str = "vendor-reviewed";
/// `$on` less twelve months.
const YEAR_BEFORE: Date = date(2025, 9, 30);

#[derive(Debug, Clone, Serialize)]
struct Vendor {
    vendor_id: String,
    name: &'static str,
    is_subservice: bool,
    service: &'static str,
    onboarded_on: Date,
    ended_on: Option<Date>,
    report_kind: Option<&'static str>,
    report_period_end_on: Option<Date>,
    reviewed_on: Option<Date>,
    reviewed_by: Option<String>,
    #[serde(skip)]
    planted: bool,
}

impl Plantable for Vendor {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// Name, service, subservice organization, report.
const VENDORS: [(&str, &str, bool, Option<&str>); 28] = [
    ("Northgate Hosting, Inc.", "data center and virtual machines", true, Some("SOC 2 Type 2")),
    ("Tidewater Bank, N.A.", "payment origination", true, Some("SOC 1 Type 2")),
    ("Signal Ridge Identity LLC", "identity provider", true, Some("SOC 2 Type 2")),
    ("Corvid Backup Services", "off-site backup", true, Some("SOC 2 Type 2")),
    ("Larkspur Print & Mail", "printing of checks and forms", true, Some("SOC 1 Type 2")),
    ("Meridian Tax Content Co.", "tax tables and filing forms", true, Some("SOC 1 Type 2")),
    ("Halyard Ticketing", "ticket system", true, Some("SOC 2 Type 2")),
    ("Brightwater Telecom", "voice and network", true, Some("SOC 2 Type 2")),
    ("Kestrel Code Hosting", "source control", true, Some("SOC 2 Type 2")),
    ("Stillwater Filing Corp.", "state tax filing", true, Some("SOC 1 Type 2")),
    ("Orchard Time Clocks", "time capture", true, Some("SOC 2 Type 2")),
    ("Palisade Monitoring", "monitoring and alerts", true, Some("SOC 2 Type 2")),
    ("Cobalt Key Management", "key storage", true, Some("SOC 2 Type 2")),
    ("Fathom Log Archive", "log archive", true, Some("SOC 2 Type 2")),
    ("Wharfside Courier", "courier for checks", true, Some("SOC 1 Type 2")),
    ("Lanternfish Mail Relay", "outgoing mail", true, Some("SOC 2 Type 2")),
    ("Quillback Documents", "document store", true, Some("SOC 2 Type 2")),
    ("Breakwater Recovery", "recovery site", true, Some("SOC 2 Type 2")),
    ("Beacon Benefits", "benefit files", true, Some("SOC 1 Type 2")),
    ("Gannet Garnishments", "garnishment payments", true, Some("SOC 1 Type 2")),
    ("Isthmus Translation", "translations", false, None),
    ("Copper Kettle Catering", "catering", false, None),
    ("Greenleaf Facilities", "cleaning", false, None),
    ("Fennel & Rowe LLP", "legal advice", false, None),
    ("Summit Recruiting", "recruiting", false, None),
    ("Harrow Training", "training videos", false, None),
    ("Old Customs Office Supplies", "office supplies", false, None),
    ("Tern Travel", "travel", false, None),
];

/// The vendor list.
#[derive(Debug)]
pub(crate) struct Vendors(Vec<Vendor>);

impl Vendors {
    /// The list as it stands two weeks after the period, then what is planted in it.
    pub(crate) fn build(seed: u64, people: &People, plan: Plan, truth: &mut Truth) -> Vendors {
        let mut draw = Draw::new(seed, "vendors");
        let reviewers = people.steady("Finance");
        let mut list = Vec::new();
        for (n, (name, service, is_subservice, report_kind)) in (1..).zip(VENDORS) {
            let onboarded_on = day_between(&mut draw, date(2015, 3, 2), date(2025, 6, 2));
            let reviewed_on = is_subservice.then(|| day_between(&mut draw, date(2025, 11, 3), date(2026, 9, 10)));
            list.push(Vendor {
                vendor_id: format!("V-{n:03}"),
                name,
                is_subservice,
                service,
                onboarded_on,
                ended_on: None,
                report_kind,
                report_period_end_on: reviewed_on.map(|day| plus(day.first_of_month(), -1).max(date(2025, 10, 31))),
                reviewed_on,
                reviewed_by: is_subservice.then(|| draw.pick(&reviewers).map(|person| person.email.clone())).flatten(),
                planted: false,
            });
        }
        let mut vendors = Vendors(list);
        vendors.plant(plan, truth);
        vendors
    }

    fn plant(&mut self, plan: Plan, truth: &mut Truth) {
        let cases = [
            (true, "never reviewed"),
            (true, "reviewed more than a year ago"),
            (true, "reviewer not recorded"),
            (true, "report too old"),
            (true, "no report"),
            (false, "reviewed a year ago to the day"),
            (false, "report ended a year ago to the day"),
            (false, "ended the day before"),
        ];
        for (fault, kind) in cases {
            let (count, mut draw) = if fault { plan.of(TEST, kind) } else { plan.near(TEST, kind) };
            // There are twenty subservice organizations: one or two of a kind leave room for all.
            for _ in 0..count.min(if fault { 2 } else { 1 }) {
                let Some(vendor) = take(&mut draw, &mut self.0, |vendor| vendor.is_subservice) else { continue };
                match kind {
                    "never reviewed" => (vendor.reviewed_on, vendor.reviewed_by) = (None, None),
                    "reviewed more than a year ago" => vendor.reviewed_on = Some(plus(YEAR_BEFORE, -1)),
                    "reviewer not recorded" => vendor.reviewed_by = None,
                    "report too old" => vendor.report_period_end_on = Some(plus(YEAR_BEFORE, -1)),
                    "no report" => (vendor.report_kind, vendor.report_period_end_on) = (None, None),
                    "reviewed a year ago to the day" => vendor.reviewed_on = Some(YEAR_BEFORE),
                    "report ended a year ago to the day" => vendor.report_period_end_on = Some(YEAR_BEFORE),
                    _ => (vendor.ended_on, vendor.reviewed_on) = (Some(plus(PERIOD_END, -1)), None),
                }
                let key = vec![vendor.vendor_id.clone()];
                if fault {
                    truth.fault(TEST, key, kind);
                } else {
                    truth.near_miss(TEST, key, kind);
                }
            }
        }
        for vendor in self.0.iter().filter(|vendor| !vendor.is_subservice).take(2) {
            truth.near_miss(TEST, vec![vendor.vendor_id.clone()], "no subservice organization, never reviewed");
        }
    }

    /// Writes `vendors.csv`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        write::table(path, b',', &self.0)
    }
}
