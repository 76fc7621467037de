//! `tickmark exceptions`: the list, and the rows behind one. What people do about one is `tickmark exception`.

use super::{
    Outcome, arguments,
    exit::Exit,
    outside,
    print::Printer,
    table::{Table, grouped},
};

pub fn run(command: &arguments::Exceptions, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    if let Some(exception) = command.exception.as_ref().or(command.rows.as_ref()) {
        let rows = house.exception_rows(exception, command.limit)?;
        printer.result(&rows, || {
            let mut text = format!("{} of {} rows\n", rows.rows.len(), rows.total);
            text.push_str(&plain(&rows.columns, &rows.rows));
            text
        });
        return Ok(Exit::Done);
    }
    let list = house.exceptions()?;
    printer.result(&list, || {
        if list.is_empty() {
            return "No exception was raised.".to_owned();
        }
        let mut table = Table::new(&["exception", "state", "#items", "#population", "control", "title"]);
        for line in &list {
            table.row([
                line.exception.clone(),
                line.state.to_string(),
                grouped(line.items),
                grouped(line.population),
                line.controls.join(" "),
                line.title.clone(),
            ]);
        }
        table.text()
    });
    Ok(Exit::Done)
}

/// Rows whose columns are known only now.
pub(super) fn plain(columns: &[String], rows: &[Vec<String>]) -> String {
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain(columns.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    std::iter::once(columns).chain(rows.iter().map(Vec::as_slice)).map(|cells| line(cells) + "\n").collect()
}
