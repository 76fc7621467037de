//! The HR system's roster as a workbook.

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::{People, Person};
use crate::calendar::Calendar;
use crate::error::Error;

const COLUMNS: [&str; 9] =
    ["person_id", "name", "email", "kind", "department", "manager_id", "started_on", "ended_at", "end_recorded_at"];

impl People {
    /// Writes `roster.xlsx`.
    pub(crate) fn write_roster(&self, path: &Path, calendar: &Calendar) -> Result<(), Error> {
        crate::write::parent(path)?;
        self.workbook(path, calendar).map_err(|source| Error::Workbook { path: path.to_owned(), source })
    }

    fn workbook(&self, path: &Path, calendar: &Calendar) -> Result<(), XlsxError> {
        let mut workbook = Workbook::new();
        // A fixed creation time: the same data give the same bytes.
        let created = ExcelDateTime::from_ymd(2026, 10, 16)?;
        workbook.set_properties(
            &DocProperties::new()
                .set_title("Roster")
                .set_company("Harbor Lane Payroll, Inc.")
                .set_creation_datetime(&created),
        );
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = workbook.add_worksheet();
        sheet.set_name("Roster")?;
        for (column, name) in (0_u16..).zip(COLUMNS) {
            sheet.write_string(0, column, name)?;
        }
        for (row, person) in (1_u32..).zip(&self.list) {
            let started = person.started_on;
            let started = ExcelDateTime::from_ymd(
                u16::try_from(started.year()).unwrap_or(2000),
                started.month().unsigned_abs(),
                started.day().unsigned_abs(),
            )?;
            for (column, text) in (0_u16..).zip(texts(person)) {
                if let Some(text) = text {
                    sheet.write_string(row, column, text)?;
                }
            }
            sheet.write_datetime_with_format(row, 6, &started, &day)?;
            if let Some(end) = person.end {
                sheet.write_string(row, 7, calendar.with_offset(end.at))?;
                sheet.write_string(row, 8, calendar.with_offset(end.recorded_at))?;
            }
        }
        workbook.save(path)
    }
}

fn texts(person: &Person) -> [Option<&str>; 6] {
    let kind = if person.contractor { "contractor" } else { "employee" };
    [
        Some(&person.id),
        Some(&person.name),
        Some(&person.email),
        Some(kind),
        Some(person.department),
        person.manager.as_deref(),
    ]
}
