//! The HR system's roster as a workbook.

use std::path::Path;

use jiff::civil::Date;
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

    /// The departments of each person by date, on a sheet of their own.
    fn assignments(&self, workbook: &mut Workbook, day: &Format) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name("Assignments")?;
        for (column, name) in (0_u16..).zip(["person_id", "effective_on", "department"]) {
            sheet.write_string(0, column, name)?;
        }
        let mut row = 0;
        for person in &self.list {
            let first = person.transferred.map_or(person.department, |(_, before)| before);
            let later = person.transferred.map(|(on, _)| (on, person.department));
            for (on, department) in [Some((person.started_on, first)), later].into_iter().flatten() {
                row += 1;
                sheet.write_string(row, 0, &person.id)?;
                sheet.write_datetime_with_format(row, 1, &cell(on)?, day)?;
                sheet.write_string(row, 2, department)?;
            }
        }
        Ok(())
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
            let started = cell(person.started_on)?;
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
        self.assignments(&mut workbook, &day)?;
        workbook.save(path)
    }
}

/// A day as a cell holds it.
fn cell(day: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or(2000),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )
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
