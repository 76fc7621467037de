//! Rows of a dataset in the vault, a page at a time and in constant memory.

use tickmark_canonical::Digest;

use super::Moment;
use crate::{AttributeTable, Error, TestedItem, items::cell_text};

/// Rows on a page.
pub const ROWS_ON_PAGE: u64 = 50;

/// Rows decoded at once: a page.
const BATCH_ROWS: usize = 50;

/// One page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsPage {
    /// The columns, and whether their values are numbers.
    pub columns: Vec<(String, bool)>,
    /// The rows of this page, as texts.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are.
    pub total: u64,
}

impl Moment {
    /// The items of a management test that lack an attribute, on a page counted from 1.
    pub(crate) fn items_page(&self, table: &Digest, page: u64) -> Result<RowsPage, Error> {
        let table: AttributeTable = serde_json::from_slice(&self.vault.get(table)?)
            .map_err(|source| Error::ObjectUnreadable { digest: *table, source })?;
        let first = page.saturating_sub(1).saturating_mul(ROWS_ON_PAGE);
        let (first, most) = (usize::try_from(first).unwrap_or(usize::MAX), BATCH_ROWS);
        Ok(RowsPage {
            columns: table.columns().into_iter().map(|name| (name, false)).collect(),
            rows: table.exceptions().skip(first).take(most).map(TestedItem::cells).collect(),
            total: table.exceptions().count() as u64,
        })
    }

    /// The rows of a manifest on a page, counted from 1. Row groups before the page are not read.
    pub(crate) fn rows_page(&self, manifest: &Digest, page: u64) -> Result<RowsPage, Error> {
        let manifest = self.vault.manifest(manifest)?;
        let first = page.saturating_sub(1).saturating_mul(ROWS_ON_PAGE);
        let columns = manifest
            .columns
            .iter()
            .map(|column| {
                let kind = column.kind.arrow_type();
                (column.name.clone(), kind.is_numeric())
            })
            .collect();
        let mut rows = Vec::new();
        let wanted = ROWS_ON_PAGE.min(manifest.rows.saturating_sub(first));
        if wanted > 0 {
            for batch in self.vault.read_dataset(&manifest, None)?.paging(first, BATCH_ROWS) {
                let batch = batch?;
                let left = usize::try_from(wanted).unwrap_or(usize::MAX).saturating_sub(rows.len());
                for row in 0..batch.num_rows().min(left) {
                    rows.push(batch.columns().iter().map(|column| cell_text(column, row)).collect::<Result<_, _>>()?);
                }
                if rows.len() as u64 >= wanted {
                    break;
                }
            }
        }
        Ok(RowsPage { columns, rows, total: manifest.rows })
    }
}
