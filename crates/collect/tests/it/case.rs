//! One collection in a folder of its own, made from text.

use std::{fmt::Write as _, path::Path, sync::Arc};

use arrow::{
    array::Array as _,
    compute::cast,
    datatypes::{DataType, TimeUnit},
    util::display::{ArrayFormatter, FormatOptions},
};
use jiff::Timestamp;
use tickmark_catalog::Dataset;
use tickmark_collect::{Collected, Connectors, Error, SourceConfig, Window, collect};
use tickmark_vault::{SealingKey, Vault};

/// What most cases collect.
pub const ITEM: &str = r#"
id = "item"
title = "Items"
kind = "snapshot"
stale_after_days = 366
key = ["id"]
personal = false

[columns]
id = "text!"
amount = "decimal(9, 2)"
day = "date"
at = "timestamp"
flag = "bool"
n = "int"
"#;

/// The same as events.
pub const EVENT: &str = r#"
id = "event"
title = "Events"
kind = "events"
key = ["id"]
booked = "day"
personal = false
control_totals = ["amount"]

[columns]
id = "text!"
amount = "decimal(9, 2)!"
day = "date!"
"#;

/// A folder with a vault in it.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub vault: Vault,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("vault"), "test", &SealingKey::new([7; 32])).unwrap();
        Self { folder, vault }
    }

    /// Another folder with the same vault: making a vault waits for the disk several times.
    pub fn another(&self) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), vault: self.vault.clone() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn program(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(name, text);
        std::fs::set_permissions(self.path().join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn source(&self, text: &str) -> SourceConfig {
        SourceConfig::parse("source.toml", text, self.path(), &Connectors::default())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn collect(&self, source: &str, dataset: &str, window: Window) -> Result<Collected, Error> {
        collect(&self.source(source), &self::dataset(dataset), window, &self.vault, clock(), &())
    }

    /// The rows of an extract as lines of `column=value`, a column without a value left out.
    pub fn rows(&self, collected: &Collected) -> Vec<String> {
        let mut lines = Vec::new();
        for batch in self.vault.read_dataset(&collected.manifest, None).unwrap() {
            let batch = batch.unwrap();
            let options = FormatOptions::default().with_null("∅");
            let columns: Vec<_> = batch
                .schema()
                .fields()
                .iter()
                .zip(batch.columns())
                .map(|(field, array)| {
                    // The formatter knows no zone by name, and UTC is its own clock.
                    let instants = matches!(field.data_type(), DataType::Timestamp(..));
                    let plain = DataType::Timestamp(TimeUnit::Microsecond, None);
                    let array = if instants { cast(array, &plain).unwrap() } else { Arc::clone(array) };
                    let shown = ArrayFormatter::try_new(&array, &options).unwrap();
                    let end = |row| if instants && !array.is_null(row) { "Z" } else { "" };
                    (0..batch.num_rows())
                        .map(|row| format!("{}={}{}", field.name(), shown.value(row), end(row)))
                        .collect::<Vec<String>>()
                })
                .collect();
            for row in 0..batch.num_rows() {
                let cells: Vec<&str> =
                    columns.iter().map(|column| column[row].as_str()).filter(|cell| !cell.ends_with("=∅")).collect();
                lines.push(cells.join(" "));
            }
        }
        lines
    }
}

/// The time of every collection here.
pub fn clock() -> Timestamp {
    "2026-10-02T12:00:00Z".parse().unwrap()
}

/// The state of the day of [`clock`].
pub fn yesterday() -> Window {
    Window::State { effective_on: jiff::civil::date(2026, 10, 1) }
}

/// The window of one month.
pub fn month(year: i16, month: i8) -> Window {
    let first = jiff::civil::date(year, month, 1);
    Window::Booked { first, last: first.last_of_month() }
}

pub fn dataset(text: &str) -> Dataset {
    toml::from_str(text).unwrap()
}

/// An error with all its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, ": {error}").unwrap();
        cause = error.source();
    }
    text
}
