//! The checklist as a workbook: a sheet for each report and one for both; each item of evidence is a row with a box to tick.
//!
//! Invariant: a control's words stand on its first row and its id on each, so that filters and sorting lose nothing.

use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::{
    Error,
    view::{ChecklistLine, ChecklistSection, ChecklistView},
    workbook::{excel_date, failed},
};

/// The states that a person chooses from.
const STATES: [&str; 4] = ["Not started", "In progress", "In place", "Does not apply"];

/// The box of an item of evidence, empty and ticked.
const BOXES: [&str; 2] = ["☐", "☑"];

/// Columns with their widths in characters.
const COLUMNS: [(&str, u32); 11] = [
    ("Control", 9),
    ("Area", 16),
    ("What it is", 19),
    ("What to have in place", 46),
    ("Evidence that satisfies it", 27),
    ("Have it", 7),
    ("Owner", 15),
    ("How often", 15),
    ("Serves", 17),
    ("State", 12),
    ("Notes", 20),
];

/// One row of text is as high as this, in points.
const LINE_HEIGHT: u32 = 13;

/// Writes the checklist.
pub fn checklist_workbook(view: &ChecklistView) -> Result<Vec<u8>, Error> {
    let mut workbook = Workbook::new();
    // The day of the checklist stands for its making: no clock is read, so equal views give equal bytes.
    let created = excel_date(view.made_on).map_err(failed("About"))?;
    workbook.set_properties(&DocProperties::new().set_title("Checklist of controls").set_creation_datetime(&created));
    let styles = Styles::new();
    let both = view.soc1 && view.soc2;
    if both {
        sheet(workbook.add_worksheet(), "Both", view, |_| true, &styles).map_err(failed("Both"))?;
    }
    if view.soc1 {
        let serves = |line: &ChecklistLine| !line.objectives.is_empty();
        sheet(workbook.add_worksheet(), "SOC 1", view, serves, &styles).map_err(failed("SOC 1"))?;
    }
    if view.soc2 {
        let serves = |line: &ChecklistLine| !line.criteria.is_empty();
        sheet(workbook.add_worksheet(), "SOC 2", view, serves, &styles).map_err(failed("SOC 2"))?;
    }
    about(workbook.add_worksheet(), view, &styles).map_err(failed("About"))?;
    workbook.save_to_buffer().map_err(failed("the workbook"))
}

struct Styles {
    head: Format,
    section: Format,
    text: Format,
    strong: Format,
    repeated: Format,
    tick: Format,
    choice: Format,
    plain: Format,
}

impl Styles {
    fn new() -> Self {
        let accent = Color::RGB(0x0015_503E);
        let cell = Format::new()
            .set_font_size(9)
            .set_align(FormatAlign::Top)
            .set_text_wrap()
            .set_border_bottom(FormatBorder::Hair)
            .set_border_bottom_color(Color::RGB(0x00B9_C4BE));
        Self {
            head: Format::new()
                .set_bold()
                .set_font_size(9)
                .set_font_color(Color::White)
                .set_background_color(accent)
                .set_align(FormatAlign::VerticalCenter)
                .set_text_wrap(),
            section: Format::new()
                .set_bold()
                .set_font_size(10)
                .set_font_color(accent)
                .set_background_color(Color::RGB(0x00EE_F3F0))
                .set_align(FormatAlign::VerticalCenter),
            text: cell.clone().set_indent(1),
            strong: cell.clone().set_bold(),
            repeated: cell.clone().set_indent(1).set_font_color(Color::RGB(0x009A_A5A0)),
            tick: cell.clone().set_align(FormatAlign::Center).set_font_size(12),
            choice: cell.set_background_color(Color::RGB(0x00FB_FAF3)),
            plain: Format::new().set_font_size(10).set_align(FormatAlign::Top).set_text_wrap(),
        }
    }
}

fn sheet(
    sheet: &mut Worksheet,
    name: &str,
    view: &ChecklistView,
    serves: impl Fn(&ChecklistLine) -> bool,
    styles: &Styles,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    for (column, (title, width)) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, title, &styles.head)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_row_height(0, 2 * LINE_HEIGHT)?;
    let mut row = 1;
    for section in &view.sections {
        let lines: Vec<&ChecklistLine> = section.lines.iter().filter(|line| serves(line)).collect();
        for line in lines {
            row = control(sheet, row, name, section, line, styles)?;
        }
    }
    let last = row.saturating_sub(1).max(1);
    sheet.add_data_validation(1, 5, last, 5, &DataValidation::new().allow_list_strings(&BOXES)?)?;
    let states = DataValidation::new()
        .allow_list_strings(&STATES)?
        .set_input_title("State")?
        .set_input_message("Choose where the control stands.")?;
    sheet.add_data_validation(1, 9, last, 9, &states)?;
    sheet.autofilter(0, 0, last, 10)?;
    sheet.set_freeze_panes(1, 1)?;
    print_setup(sheet, name);
    Ok(())
}

/// A control on as many rows as it has items of evidence. Gives the row after them.
fn control(
    sheet: &mut Worksheet,
    first: u32,
    name: &str,
    section: &ChecklistSection,
    line: &ChecklistLine,
    styles: &Styles,
) -> Result<u32, XlsxError> {
    let mut row = first;
    let serves = serves(line, name);
    for (item, evidence) in line.evidence.iter().enumerate() {
        let is_first = item == 0;
        let once = |text: &'_ str| if is_first { text.to_owned() } else { String::new() };
        let repeated = if is_first { &styles.text } else { &styles.repeated };
        let cells = [
            (line.control.clone(), if is_first { &styles.strong } else { repeated }),
            (section.title.clone(), repeated),
            (line.title.clone(), repeated),
            (once(&line.have_in_place), &styles.text),
            (evidence.clone(), &styles.text),
            (BOXES[0].to_owned(), &styles.tick),
            (line.owner.clone(), repeated),
            (line.how_often.clone(), repeated),
            (once(&serves), &styles.text),
            (String::new(), if is_first { &styles.choice } else { &styles.text }),
            (once(line.ledger_shows.as_deref().unwrap_or_default()), &styles.text),
        ];
        let mut height = 1;
        for (column, (text, format)) in (0_u16..).zip(&cells) {
            sheet.write_string_with_format(row, column, text, format)?;
            height = height.max(lines(text, usize::from(column)));
        }
        sheet.set_row_height(row, height * LINE_HEIGHT + 3)?;
        row += 1;
    }
    Ok(row)
}

/// How many lines a text takes in a column: spreadsheets do not work it out for files that a program wrote.
fn lines(text: &str, column: usize) -> u32 {
    // Widths count digits of the usual font; the sheet's is smaller, so that about a seventh more fits.
    let width = COLUMNS.get(column).map_or(10, |(_, width)| *width) * 115 / 100;
    let mut lines = 1;
    let mut used = 0;
    for word in text.split(' ') {
        let length = u32::try_from(word.chars().count()).unwrap_or(width);
        if used > 0 && used + 1 + length > width {
            lines += 1;
            used = length;
        } else {
            used += 1 + length;
        }
    }
    lines
}

/// What a control serves, as far as the sheet is about it.
fn serves(line: &ChecklistLine, sheet: &str) -> String {
    let mut parts = Vec::new();
    if sheet == "Both" {
        parts.push(format!("{}:", line.reports()));
    }
    if sheet != "SOC 2" {
        parts.extend(line.objectives.iter().cloned());
    }
    if sheet != "SOC 1" {
        parts.extend(line.criteria.iter().cloned());
    }
    if sheet != "Both" && line.reports() == "SOC 1 and SOC 2" {
        parts.push(if sheet == "SOC 1" { "(also SOC 2)" } else { "(also SOC 1)" }.to_owned());
    }
    parts.join(" ")
}

fn print_setup(sheet: &mut Worksheet, name: &str) {
    sheet.set_landscape();
    // US Letter.
    sheet.set_paper_size(1);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_header(format!("&L&\"-,Bold\"Checklist of controls, {name}"));
    sheet.set_footer("&L&8Management's own list. It is not an opinion on controls.&R&8Page &P of &N");
    // Rows that a person cannot see on the second page are rows without a meaning.
    let _ = sheet.set_repeat_rows(0, 0);
}

fn about(sheet: &mut Worksheet, view: &ChecklistView, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name("About")?;
    sheet.set_column_width(0, 22)?;
    sheet.set_column_width(1, 96)?;
    let (soc1, soc2, both) = view.counts();
    let mut facts = vec![
        ("For", view.organization.clone().unwrap_or_else(|| "to be filled in by hand".to_owned())),
        ("Made on", view.made_on.to_string()),
        ("Scope", view.scope.join("\n")),
    ];
    if view.soc1 {
        facts.push(("Controls for SOC 1", soc1.to_string()));
    }
    if view.soc2 {
        facts.push(("Controls for SOC 2", soc2.to_string()));
    }
    if view.soc1 && view.soc2 {
        facts.push(("Of these for both", format!("{both}, each once on the sheet “Both”")));
    }
    facts.push((
        "How to use it",
        "Each row is one item of evidence of a control. Tick what you have under “Have it”, choose the control's state on its \
         first row, filter by owner to hand out the work. The wording is a starting point: change it to what you really do."
            .to_owned(),
    ));
    if let Some(size) = view.ledger_size {
        facts.push(("Notes", format!("show what the ledger holds at {size} entries; the boxes stay yours to tick")));
    }
    facts.push(("What it is not", "An opinion, or a promise that an auditor will ask for just this.".to_owned()));
    facts.push(("Catalog", view.catalog.clone()));
    for (row, (name, says)) in (0_u32..).zip(facts) {
        sheet.write_string_with_format(row, 0, name, &styles.section)?;
        let height = says.lines().map(|line| u32::try_from(line.len() / 90).unwrap_or(0) + 1).sum::<u32>();
        sheet.write_string_with_format(row, 1, says, &styles.plain)?;
        sheet.set_row_height(row, height * 14 + 4)?;
    }
    sheet.set_landscape();
    sheet.set_paper_size(1);
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}
