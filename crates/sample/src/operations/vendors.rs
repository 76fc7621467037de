//! Vendors, some of them subservice organizations whose reports are reviewed every year.

use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde::Serialize;

use crate::calendar::plus;
use crate::draw::Draw;
use crate::error::Error;
use crate::people::People;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, day_between, take};

const TEST: &str = "vendor-reviewed";
#[derive(Debug, Clone, Serialize)]
struct Vendor {
    vendor_id: String,
    name: &'static str,
    is_subservice: bool,
    service: &'static str,
    onboarded_on: Date,
    ended_on: Option<Date>,
    #[serde(skip)]
    report_kind: Option<&'static str>,
    #[serde(skip)]
    planted: bool,
}

/// A review of a vendor's report.
#[derive(Debug, Clone, Serialize)]
struct Review {
    vendor_review_id: String,
    vendor_id: String,
    reviewed_on: Date,
    reviewed_by: Option<String>,
    report_kind: Option<&'static str>,
    report_period_end_on: Option<Date>,
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

/// The vendor list and the reviews of each vendor's reports.
#[derive(Debug)]
pub(crate) struct Vendors {
    list: Vec<Vendor>,
    reviews: Vec<Review>,
}

/// The same day a year later, by which the next review is due.
fn year_after(day: Date) -> Date {
    day.checked_add(1.years()).unwrap_or(day)
}

/// The same day a year before.
fn year_before(day: Date) -> Date {
    day.checked_sub(1.years()).unwrap_or(day)
}

impl Vendors {
    /// The list as it stands two weeks after the period, then what is planted in it.
    pub(crate) fn build(seed: u64, people: &People, plan: Plan, truth: &mut Truth) -> Vendors {
        let mut draw = Draw::new(seed, "vendors");
        let reviewers = people.steady("Finance");
        let mut vendors = Vendors { list: Vec::new(), reviews: Vec::new() };
        for (n, (name, service, is_subservice, report_kind)) in (1..).zip(VENDORS) {
            let onboarded_on = day_between(&mut draw, date(2021, 3, 1), date(2025, 6, 2));
            let vendor_id = format!("V-{n:03}");
            // A review follows the one before in a little under a year.
            let mut last = onboarded_on;
            let mut reviewed = is_subservice;
            while reviewed {
                let day = plus(last, i32::try_from(draw.between(270, 355)).unwrap_or(300));
                reviewed = day <= date(2026, 10, 9);
                if !reviewed {
                    continue;
                }
                vendors.reviews.push(Review {
                    vendor_review_id: String::new(),
                    vendor_id: vendor_id.clone(),
                    reviewed_on: day,
                    reviewed_by: draw.pick(&reviewers).map(|person| person.email.clone()),
                    report_kind,
                    report_period_end_on: Some(plus(
                        day.first_of_month(),
                        -i32::try_from(draw.between(1, 200)).unwrap_or(1),
                    )),
                });
                last = day;
            }
            vendors.list.push(Vendor {
                vendor_id,
                name,
                is_subservice,
                service,
                onboarded_on,
                ended_on: None,
                report_kind,
                planted: false,
            });
        }
        vendors.plant(plan, truth);
        vendors.reviews.sort_by(|a, b| (a.reviewed_on, &a.vendor_id).cmp(&(b.reviewed_on, &b.vendor_id)));
        for (n, review) in (1..).zip(&mut vendors.reviews) {
            review.vendor_review_id = format!("VR-{n:04}");
        }
        vendors
    }

    fn plant(&mut self, plan: Plan, truth: &mut Truth) {
        let cases = [
            (true, "never reviewed"),
            (true, "not reviewed again"),
            (true, "reviewed a day late"),
            (true, "overdue since before the period"),
            (true, "reviewer not recorded"),
            (true, "report too old"),
            (true, "no report"),
            (false, "reviewed on the due date"),
            (false, "report ended a year before the review to the day"),
            (false, "ended the day before the review was due"),
        ];
        for (fault, kind) in cases {
            let (count, mut draw) = if fault { plan.of(TEST, kind) } else { plan.near(TEST, kind) };
            // There are twenty subservice organizations: one of a kind leaves room for all.
            for _ in 0..count.min(1) {
                let Some(vendor) = take(&mut draw, &mut self.list, |vendor| vendor.is_subservice) else { continue };
                let key = plant_vendor(vendor, &mut self.reviews, kind);
                if fault {
                    truth.fault(TEST, key, kind);
                } else {
                    truth.near_miss(TEST, key, kind);
                }
            }
        }
        for vendor in self.list.iter().filter(|vendor| !vendor.is_subservice).take(2) {
            let key = vec![vendor.vendor_id.clone(), year_after(vendor.onboarded_on).to_string()];
            truth.near_miss(TEST, key, "no subservice organization, never reviewed");
        }
    }

    /// Writes `vendors.csv` and `reviews.csv`.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        write::table(&folder.join("vendors.csv"), b',', &self.list)?;
        write::table(&folder.join("reviews.csv"), b',', &self.reviews)
    }
}

/// Gives a vendor's reviews the shape of a kind: two in order, the first in time before the period, the second due within it
/// and wrong. Returns the item: the vendor and the day by which the second was due.
fn plant_vendor(vendor: &mut Vendor, reviews: &mut Vec<Review>, kind: &str) -> Vec<String> {
    let model = reviews.iter().find(|review| review.vendor_id == vendor.vendor_id).cloned();
    reviews.retain(|review| review.vendor_id != vendor.vendor_id);
    let reviewed_by = model.and_then(|review| review.reviewed_by);
    let review = |day: Date| Review {
        vendor_review_id: String::new(),
        vendor_id: vendor.vendor_id.clone(),
        reviewed_on: day,
        reviewed_by: reviewed_by.clone(),
        report_kind: vendor.report_kind,
        report_period_end_on: Some(plus(day.first_of_month(), -1)),
    };
    let (first, due_on) = if kind.starts_with("overdue") {
        (date(2024, 5, 14), date(2025, 5, 14))
    } else {
        (date(2025, 3, 18), date(2026, 3, 18))
    };
    if kind == "never reviewed" {
        vendor.onboarded_on = first;
    } else {
        vendor.onboarded_on = plus(first, -200);
        reviews.push(review(first));
    }
    let second = match kind {
        "never reviewed" | "not reviewed again" | "overdue since before the period" => None,
        "reviewed a day late" => Some(review(plus(due_on, 1))),
        "reviewed on the due date" => Some(review(due_on)),
        "reviewer not recorded" => Some(Review { reviewed_by: None, ..review(plus(due_on, -20)) }),
        "no report" => Some(Review { report_kind: None, report_period_end_on: None, ..review(plus(due_on, -20)) }),
        "ended the day before the review was due" => {
            vendor.ended_on = Some(plus(due_on, -1));
            None
        }
        _ => {
            let day = plus(due_on, -20);
            let edge = if kind == "report too old" { plus(year_before(day), -1) } else { year_before(day) };
            Some(Review { report_period_end_on: Some(edge), ..review(day) })
        }
    };
    reviews.extend(second);
    vec![vendor.vendor_id.clone(), due_on.to_string()]
}
