//! Sampling at the edge: a firm's sizes as a file.

use std::path::Path;

use tickmark_domain::sampling::SizeTable;

use crate::{Error, written::Written};

/// Sizes to begin with, as a file that a firm changes.
pub const SAMPLE_SIZES_EXAMPLE: &str = include_str!("../formats/sample-sizes.toml");

/// A firm's sizes: those of a file, or the ones that came with the program.
pub fn size_table(file: Option<&Path>) -> Result<SizeTable, Error> {
    let written = match file {
        Some(file) => Written::read(file)?,
        None => Written::embedded("sample-sizes.toml", SAMPLE_SIZES_EXAMPLE),
    };
    let table: SizeTable = written.parse()?;
    table.require_sound()?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    use tickmark_domain::{
        Frequency,
        sampling::{RiskLevel, SizedBy},
    };

    use super::*;

    const LEVELS: [RiskLevel; 3] = [RiskLevel::Low, RiskLevel::Usual, RiskLevel::High];

    fn sizes(frequency: Frequency, items: Option<u64>) -> [u64; 3] {
        let table = size_table(None).unwrap();
        LEVELS.map(|level| table.size(frequency, items, level).unwrap().size)
    }

    #[test]
    fn scheduled_controls_have_sizes_by_frequency() {
        for (frequency, expected) in [
            (Frequency::Annual, [1, 1, 1]),
            (Frequency::SemiAnnual, [1, 2, 2]),
            (Frequency::Quarterly, [2, 2, 3]),
            (Frequency::Monthly, [2, 3, 5]),
            (Frequency::SemiMonthly, [3, 5, 8]),
            (Frequency::Weekly, [5, 8, 15]),
            (Frequency::Daily, [20, 25, 40]),
            (Frequency::Continuous, [1, 1, 1]),
        ] {
            assert_eq!(sizes(frequency, None), expected, "{frequency:?}");
        }
        // A shorter period has fewer items; a daily control with more than a year of days acts many times a day.
        assert_eq!(sizes(Frequency::Monthly, Some(3)), [2, 3, 3]);
        assert_eq!(sizes(Frequency::Daily, Some(365)), [20, 25, 40]);
        assert_eq!(sizes(Frequency::Daily, Some(366)), [25, 40, 60]);
    }

    #[test]
    fn event_driven_controls_have_sizes_by_items() {
        for (items, expected) in [
            (1, [1, 1, 1]),
            (4, [4, 4, 4]),
            (5, [3, 5, 5]),
            (24, [3, 5, 8]),
            (25, [5, 8, 13]),
            (50, [5, 8, 13]),
            (51, [6, 8, 15]),
            (101, [11, 11, 16]),
            (250, [25, 25, 30]),
            (251, [25, 40, 60]),
            (1_000_000, [25, 40, 60]),
        ] {
            assert_eq!(sizes(Frequency::PerEvent, Some(items)), expected, "{items}");
        }
        let table = size_table(None).unwrap();
        let size = |frequency, items| table.size(frequency, items, RiskLevel::Usual);
        assert_eq!(size(Frequency::PerEvent, Some(9)).unwrap().by, SizedBy::Items);
        assert_eq!(size(Frequency::PerEvent, None).unwrap_err().code(), "items-missing");
        assert_eq!(size(Frequency::PerEvent, Some(0)).unwrap_err().code(), "empty-population");
    }

    #[test]
    fn a_table_that_does_not_hold_together_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |from: &str, to: &str| {
            let file = folder.path().join("sizes.toml");
            std::fs::write(&file, SAMPLE_SIZES_EXAMPLE.replacen(from, to, 1)).unwrap();
            size_table(Some(&file)).unwrap_err().to_string()
        };
        for (from, to, says) in [
            ("up-to = 24", "up-to = 4", "goes up by `up-to`"),
            ("up-to = 4\n", "", "goes up by `up-to`"),
            ("least = 5", "least = 31", "`least` is more than `most`"),
            ("annual = { low = 1", "annual = { low = 0", "a size is 0"),
            ("because = \"", "because = \"\" #", "`because` says nothing"),
            ("weekly", "fortnightly", "unknown variant `fortnightly`"),
            ("percent = \"10\"", "percent = 10", "sizes.toml"),
        ] {
            let said = refused(from, to);
            assert!(said.contains(says), "{to}: {said}");
        }
    }
}
