//! What a writer has to know of a dataset before the first row.

use crate::{Column, Error, control_total::Total, manifest::check_columns};

/// A dataset's declaration as far as the vault needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetSchema {
    /// The dataset's id.
    pub dataset: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns that name a row. Whether they do is not the vault's matter.
    pub key: Vec<String>,
    /// The int and decimal columns to sum.
    pub control_totals: Vec<String>,
}

impl DatasetSchema {
    /// Refuses a declaration that contradicts itself, and gives a running sum for each control total.
    pub(crate) fn check(&self) -> Result<Vec<Total>, Error> {
        check_columns(&self.columns, &self.key)
            .map_err(|problem| Error::Declaration { dataset: self.dataset.clone(), problem })?;
        self.control_totals.iter().map(|name| Total::new(self, name)).collect()
    }
}
