//! The list of exceptions and the figures as a workbook, for whoever sorts and filters.
//!
//! Invariant: dates are dates and counts are numbers; what a spreadsheet cannot hold exactly is text.

use jiff::civil::Date;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::{
    Document, Error, Figure, FigureValue, NumberedFigure, counted,
    prepare::prepare,
    view::{Anchoring, EngagementView, ExceptionRow, ExceptionState, ExceptionsView, Provenance, Severity},
};

/// The largest number of significant digits a spreadsheet keeps (IEEE 754 double precision).
const EXACT_DIGITS: usize = 15;

/// Writes the exceptions, the figures printed in their list, and where both come from.
pub fn exceptions_workbook(view: &ExceptionsView) -> Result<Vec<u8>, Error> {
    let document = Document::Exceptions(Box::new(view.clone()));
    let figures = prepare(&document)?.figures;
    let mut workbook = Workbook::new();
    let styles = Styles::new();
    let title = format!("Exceptions of management's control tests, {}", view.engagement.id);
    // The day of the document stands for its making: no clock is read, so equal views give equal bytes.
    let created = excel_date(view.engagement.prepared_on).map_err(failed("About"))?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_author(view.engagement.organization.name.as_str())
            .set_creation_datetime(&created),
    );
    exceptions_sheet(workbook.add_worksheet(), &view.exceptions, &styles).map_err(failed("Exceptions"))?;
    figures_sheet(workbook.add_worksheet(), &figures, &styles).map_err(failed("Figures"))?;
    about_sheet(workbook.add_worksheet(), &view.engagement, &view.provenance, &styles).map_err(failed("About"))?;
    workbook.save_to_buffer().map_err(failed("the workbook"))
}

/// The error that a sheet could not be written.
pub(crate) fn failed(sheet: &str) -> impl FnOnce(XlsxError) -> Error {
    let sheet = sheet.to_owned();
    move |source| Error::Workbook { sheet, source: Box::new(source) }
}

struct Styles {
    head: Format,
    text: Format,
    date: Format,
    count: Format,
    money: Format,
    digest: Format,
}

impl Styles {
    fn new() -> Self {
        let cell = Format::new().set_align(FormatAlign::Top);
        Self {
            head: Format::new()
                .set_bold()
                .set_font_color(Color::RGB(0x0015_503E))
                .set_border_bottom(FormatBorder::Thin)
                .set_text_wrap(),
            text: cell.clone().set_text_wrap(),
            date: cell.clone().set_num_format("mmm d, yyyy"),
            count: cell.clone().set_num_format("#,##0"),
            money: cell.clone().set_num_format("#,##0.00"),
            digest: cell.set_font_name("Courier New").set_font_size(9),
        }
    }
}

fn head(sheet: &mut Worksheet, columns: &[(&str, u32)], styles: &Styles) -> Result<(), XlsxError> {
    for (column, (title, width)) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, column, *title, &styles.head)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape();
    Ok(())
}

fn exceptions_sheet(sheet: &mut Worksheet, rows: &[ExceptionRow], styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name("Exceptions")?;
    let columns = [
        ("Exception", 12),
        ("Control", 12),
        ("Control test", 28),
        ("Title", 30),
        ("Severity", 10),
        ("Found", 44),
        ("Items", 10),
        ("Population", 14),
        ("First seen", 14),
        ("Last seen", 14),
        ("Gone on", 14),
        ("State", 13),
        ("State since", 14),
        ("Response", 50),
        ("Ledger entry", 12),
        ("Result rows (SHA-256)", 68),
    ];
    head(sheet, &columns, styles)?;
    for (line, row) in (1_u32..).zip(rows) {
        sheet.write_string_with_format(line, 0, row.id.as_str(), &styles.text)?;
        sheet.write_string_with_format(line, 1, row.control.as_str(), &styles.text)?;
        let found_by = row.control_test.as_ref().or(row.management_test.as_ref());
        sheet.write_string_with_format(line, 2, found_by.map_or("", String::as_str), &styles.text)?;
        sheet.write_string_with_format(line, 3, row.title.as_str(), &styles.text)?;
        sheet.write_string_with_format(line, 4, row.severity.map_or("", severity), &styles.text)?;
        sheet.write_string_with_format(line, 5, row.found.as_str(), &styles.text)?;
        figure(sheet, line, 6, Some(&row.items), styles)?;
        figure(sheet, line, 7, row.population.as_ref(), styles)?;
        date(sheet, line, 8, Some(row.first_seen), styles)?;
        date(sheet, line, 9, Some(row.last_seen), styles)?;
        date(sheet, line, 10, row.gone_on, styles)?;
        sheet.write_string_with_format(line, 11, state(row.state), &styles.text)?;
        date(sheet, line, 12, row.history.last().map(|change| change.on), styles)?;
        let response = row.response.as_ref().map(|prose| prose.prose.as_str()).unwrap_or_default();
        sheet.write_string_with_format(line, 13, response, &styles.text)?;
        entry(sheet, line, 14, row.entry, styles)?;
        sheet.write_string_with_format(line, 15, row.rows.to_string(), &styles.digest)?;
    }
    filter(sheet, rows.len(), columns.len())
}

fn figures_sheet(sheet: &mut Worksheet, figures: &[NumberedFigure], styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name("Figures")?;
    let columns = [
        ("Tick mark", 10),
        ("Figure", 18),
        ("Unit", 10),
        ("What it counts", 60),
        ("Ledger entry", 12),
        ("Digest (SHA-256)", 68),
    ];
    head(sheet, &columns, styles)?;
    for (line, numbered) in (1_u32..).zip(figures) {
        sheet.write_number_with_format(line, 0, numbered.tick, &styles.count)?;
        figure(sheet, line, 1, Some(&numbered.figure), styles)?;
        let unit = match &numbered.figure.figure {
            FigureValue::Count(_) | FigureValue::Decimal(_) => "",
            FigureValue::Days(_) => "days",
            FigureValue::Money { currency, .. } => currency.as_str(),
        };
        sheet.write_string_with_format(line, 2, unit, &styles.text)?;
        sheet.write_string_with_format(line, 3, numbered.figure.counts.as_str(), &styles.text)?;
        entry(sheet, line, 4, numbered.figure.entry, styles)?;
        let digest = numbered.figure.digest.map(|digest| digest.to_string()).unwrap_or_default();
        sheet.write_string_with_format(line, 5, digest, &styles.digest)?;
    }
    filter(sheet, figures.len(), columns.len())
}

fn about_sheet(
    sheet: &mut Worksheet,
    engagement: &EngagementView,
    provenance: &Provenance,
    styles: &Styles,
) -> Result<(), XlsxError> {
    sheet.set_name("About")?;
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 90)?;
    let anchors = match &provenance.anchoring {
        Anchoring::OwnKeyOnly => "none: intact under the organization's own key only".to_owned(),
        Anchoring::Outside { holders, checkpoints, longest_gap_days, longest_gap_from } => format!(
            "{} held by {}; longest stretch without one: {} from {longest_gap_from}",
            counted(*checkpoints, "checkpoint", "checkpoints"),
            holders.join(", "),
            counted(*longest_gap_days, "day", "days")
        ),
    };
    let lines = [
        ("Organization", engagement.organization.name.clone()),
        ("System", engagement.system.clone()),
        ("Engagement", engagement.id.clone()),
        (
            "What this is",
            "Management's own testing. It is not an opinion and not part of the service auditor's report.".to_owned(),
        ),
        ("Ledger", provenance.origin.clone()),
        ("Entries", provenance.ledger_size.to_string()),
        ("Root at this size", provenance.root.to_string()),
        ("Catalog in force", provenance.catalog.to_string()),
        ("Outside anchors", anchors),
    ];
    for (line, (name, value)) in (0_u32..).zip(lines) {
        sheet.write_string_with_format(line, 0, name, &styles.head)?;
        sheet.write_string_with_format(line, 1, value, &styles.text)?;
    }
    Ok(())
}

fn filter(sheet: &mut Worksheet, rows: usize, columns: usize) -> Result<(), XlsxError> {
    let (Ok(last_row), Ok(columns)) = (u32::try_from(rows), u16::try_from(columns)) else { return Ok(()) };
    sheet.autofilter(0, 0, last_row, columns.saturating_sub(1))?;
    Ok(())
}

fn figure(
    sheet: &mut Worksheet,
    line: u32,
    column: u16,
    figure: Option<&Figure>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let Some(figure) = figure else { return Ok(()) };
    let (value, format) = match &figure.figure {
        FigureValue::Count(count) | FigureValue::Days(count) => (Decimal::from(*count), &styles.count),
        FigureValue::Money { amount, .. } => (*amount, &styles.money),
        FigureValue::Decimal(value) => (*value, &styles.money),
    };
    let digits = value.mantissa().unsigned_abs().to_string().len();
    match value.to_f64().filter(|_| digits <= EXACT_DIGITS) {
        Some(number) => sheet.write_number_with_format(line, column, number, format)?,
        None => sheet.write_string_with_format(line, column, value.to_string(), &styles.text)?,
    };
    Ok(())
}

fn date(sheet: &mut Worksheet, line: u32, column: u16, day: Option<Date>, styles: &Styles) -> Result<(), XlsxError> {
    if let Some(day) = day {
        sheet.write_datetime_with_format(line, column, &excel_date(day)?, &styles.date)?;
    }
    Ok(())
}

pub(crate) fn excel_date(day: Date) -> Result<ExcelDateTime, XlsxError> {
    // A year, month and day of the civil calendar are never negative here; zero would be refused by the call.
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or_default(), part(day.month()), part(day.day()))
}

fn entry(sheet: &mut Worksheet, line: u32, column: u16, entry: Option<u64>, styles: &Styles) -> Result<(), XlsxError> {
    if let Some(number) = entry.and_then(|entry| u32::try_from(entry).ok()) {
        sheet.write_number_with_format(line, column, number, &styles.count)?;
    }
    Ok(())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

fn state(state: ExceptionState) -> &'static str {
    match state {
        ExceptionState::Open => "Open",
        ExceptionState::Responded => "Responded",
        ExceptionState::Remediated => "Remediated",
        ExceptionState::Retested => "Retested",
        ExceptionState::Withdrawn => "Withdrawn",
    }
}
