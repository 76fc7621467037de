//! The items of a test's exceptions, one by one, for whoever keeps their identity over time.

use tickmark_canonical::Digest;
use tickmark_vault::{DatasetReader, Vault};

use crate::{Error, item::Keys};

/// The items of the result rows behind `rows` (see [`crate::TestOutcome::rows`]), each once, in the order of the rows.
/// `item` are the test's item columns.
pub fn exception_items(vault: &Vault, rows: &Digest, item: &[String]) -> Result<ExceptionItems, Error> {
    let manifest = vault.manifest(rows).map_err(Error::vault("read the manifest of result rows"))?;
    let columns: Vec<&str> = item.iter().map(String::as_str).collect();
    let of = manifest.dataset.clone();
    let reader =
        vault.read_dataset(&manifest, Some(&columns)).map_err(Error::vault(format!("read the items of {of}")))?;
    Ok(ExceptionItems { of, columns: item.len(), reader, waiting: Vec::new().into_iter(), last: None })
}

/// Items as texts, in bounded memory: one batch of rows.
#[derive(Debug)]
pub struct ExceptionItems {
    of: String,
    columns: usize,
    reader: DatasetReader,
    waiting: std::vec::IntoIter<Vec<String>>,
    last: Option<Vec<String>>,
}

impl ExceptionItems {
    /// Reads batches until one has rows.
    fn fill(&mut self) -> Result<(), Error> {
        while self.waiting.as_slice().is_empty() {
            let Some(batch) = self.reader.next() else { return Ok(()) };
            let batch = batch.map_err(Error::vault(format!("read the items of {}", self.of)))?;
            let keys = Keys::new(&batch, self.columns, &self.of)?;
            let mut items = Vec::with_capacity(batch.num_rows());
            for row in 0..batch.num_rows() {
                let item = keys.texts(row);
                // Rows of one item stand together, also across batches.
                if self.last.as_ref() != Some(&item) {
                    self.last = Some(item.clone());
                    items.push(item);
                }
            }
            self.waiting = items.into_iter();
        }
        Ok(())
    }
}

impl Iterator for ExceptionItems {
    type Item = Result<Vec<String>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.fill() {
            Ok(()) => self.waiting.next().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}
