//! The incident register.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::date;
use serde::Serialize;

use crate::calendar::{Calendar, DATA_START, after, in_period};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, day_between, take};

const TEST: &str = "incident-acknowledged";

#[derive(Debug, Clone, Serialize)]
struct Incident {
    incident_id: String,
    severity: &'static str,
    kind: &'static str,
    #[serde(serialize_with = "write::instant")]
    detected_at: Timestamp,
    #[serde(serialize_with = "write::maybe_instant")]
    acknowledged_at: Option<Timestamp>,
    #[serde(serialize_with = "write::maybe_instant")]
    resolved_at: Option<Timestamp>,
    affects_users: bool,
    #[serde(serialize_with = "write::maybe_instant")]
    users_told_at: Option<Timestamp>,
    #[serde(serialize_with = "write::maybe_instant")]
    cause_recorded_at: Option<Timestamp>,
    #[serde(skip)]
    planted: bool,
}

impl Plantable for Incident {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

impl Incident {
    /// Seconds within which someone must have taken it on; none for lower severities.
    fn limit(&self) -> Option<i64> {
        match self.severity {
            "sev1" => Some(15 * 60),
            "sev2" => Some(60 * 60),
            _ => None,
        }
    }
}

/// All incidents.
#[derive(Debug)]
pub(crate) struct Incidents(Vec<Incident>);

impl Incidents {
    /// The year's incidents, then what is planted in them.
    pub(crate) fn build(seed: u64, calendar: &Calendar, plan: Plan, truth: &mut Truth) -> Result<Incidents, Error> {
        let mut draw = Draw::new(seed, "incidents");
        let mut list = Vec::new();
        for _ in 0..74 {
            let day = day_between(&mut draw, DATA_START, date(2026, 10, 8));
            let severity = *draw.pick(&["sev1", "sev2", "sev2", "sev3", "sev3", "sev3"]).unwrap_or(&"sev3");
            let kind =
                *draw.pick(&["availability", "availability", "security", "processing"]).unwrap_or(&"availability");
            let detected_at = calendar.at(day, draw.between(0, 86_399))?;
            let limit = match severity {
                "sev1" => 800,
                "sev2" => 3_400,
                _ => 150_000,
            };
            let acknowledged_at = after(detected_at, draw.between(40, limit))?;
            let resolved_at = after(acknowledged_at, draw.between(900, 90_000))?;
            let affects_users = severity != "sev3" && draw.chance(600);
            list.push(Incident {
                incident_id: String::new(),
                severity,
                kind,
                detected_at,
                acknowledged_at: Some(acknowledged_at),
                resolved_at: Some(resolved_at),
                affects_users,
                users_told_at: if affects_users {
                    Some(after(detected_at, draw.between(1_000, 14_000))?)
                } else {
                    None
                },
                cause_recorded_at: Some(after(resolved_at, draw.between(80_000, 500_000))?),
                planted: false,
            });
        }
        list.sort_by_key(|incident| incident.detected_at);
        for (n, incident) in (1..).zip(&mut list) {
            incident.incident_id = format!("INC-{:04}", 300 + n);
        }
        let mut incidents = Incidents(list);
        incidents.plant(calendar, plan, truth)?;
        Ok(incidents)
    }

    fn plant(&mut self, calendar: &Calendar, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        let cases = [
            (true, "a second late", "sev"),
            (true, "never", "sev"),
            (false, "exactly in time", "sev"),
            (false, "sev3, a day later", "sev3"),
            (false, "late, before the period", "before"),
        ];
        for (fault, kind, which) in cases {
            let (count, mut draw) = if fault { plan.of(TEST, kind) } else { plan.near(TEST, kind) };
            for _ in 0..count {
                let fits = |incident: &Incident| {
                    // The day on which the acknowledgment falls due decides about the period.
                    let due = after(incident.detected_at, incident.limit().unwrap_or(0));
                    let here = due.is_ok_and(|due| in_period(calendar.local_date(due)));
                    match which {
                        "sev" => here && incident.limit().is_some(),
                        "sev3" => here && incident.limit().is_none(),
                        _ => {
                            !here
                                && calendar.local_date(incident.detected_at) < crate::calendar::PERIOD_START
                                && incident.limit().is_some()
                        }
                    }
                };
                let Some(incident) = take(&mut draw, &mut self.0, fits) else { continue };
                let limit = incident.limit().unwrap_or(86_400);
                let seconds = match kind {
                    "a second late" => Some(limit + 1),
                    "never" => None,
                    "exactly in time" => Some(limit),
                    _ => Some(limit + 90_000),
                };
                incident.acknowledged_at = seconds.map(|seconds| after(incident.detected_at, seconds)).transpose()?;
                if let (Some(taken), Some(resolved)) = (incident.acknowledged_at, incident.resolved_at) {
                    incident.resolved_at = Some(resolved.max(after(taken, 600)?));
                }
                let key = vec![incident.incident_id.clone()];
                if fault {
                    truth.fault(TEST, key, kind);
                } else {
                    truth.near_miss(TEST, key, kind);
                }
            }
        }
        Ok(())
    }

    /// Writes `incidents.json`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        write::parent(path)?;
        write::json(path, &self.0)
    }
}
