//! Control files: what a source says about its own files, apart from them.

use std::collections::BTreeMap;

use tickmark_canonical::Digest;

use super::{
    csv::Csv,
    encoding::{Digesting, Text},
    folder::Folder,
};
use crate::{Error, config::ControlFile};

/// What a control file says about one file of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub rows: u64,
    /// Dataset column → the sum as the control file writes it.
    pub totals: BTreeMap<String, String>,
    pub sha256: Option<String>,
}

/// A control file, read.
pub(crate) struct Control {
    /// Its path below the folder.
    pub name: String,
    pub digest: Digest,
    /// By name of the file of rows.
    pub lines: BTreeMap<String, Line>,
}

/// Reads a control file.
pub(crate) fn read(folder: &Folder, name: &str, declared: &ControlFile) -> Result<Control, Error> {
    let path = folder.path().join(name);
    let of = path.display().to_string();
    let failed = |cause| Error::Io { doing: "reading the control file", path: path.clone(), cause };
    let text = Text::new(Digesting::new(folder.file(name)?), None).map_err(failed)?;
    let mut csv = Csv::new(text, b',');
    if !csv.advance(&of)? {
        return Err(Error::Malformed { of, line: None, problem: "the control file is empty".into() });
    }
    let header: Vec<String> = (0..csv.width()).map(|at| csv.text(at)).collect();
    let column = |name: &str| {
        header.iter().position(|column| column == name).ok_or_else(|| Error::Columns {
            of: of.clone(),
            problem: crate::error::ColumnsProblem { missing: vec![name.to_owned()], ..Default::default() },
        })
    };
    let file_column = column(&declared.file_column)?;
    let count_column = column(&declared.count_column)?;
    let mut total_columns = Vec::new();
    for (dataset_column, name) in &declared.total_columns {
        total_columns.push((dataset_column.clone(), column(name)?));
    }
    let sha256_column = declared.sha256_column.as_deref().map(column).transpose()?;
    let mut lines = BTreeMap::new();
    while csv.advance(&of)? {
        let malformed = |problem: String| Error::Malformed { of: of.clone(), line: Some(csv.line()), problem };
        if csv.width() != header.len() {
            return Err(malformed(format!("the row has {} fields, the header {}", csv.width(), header.len())));
        }
        let file = csv.text(file_column);
        let rows = csv.text(count_column);
        let Ok(rows) = rows.parse::<u64>() else {
            return Err(malformed(format!("`{}` is not a number of rows", crate::error::shortened(&rows))));
        };
        let totals = total_columns.iter().map(|(name, at)| (name.clone(), csv.text(*at))).collect();
        let line = Line { rows, totals, sha256: sha256_column.map(|at| csv.text(at).to_ascii_lowercase()) };
        if lines.insert(file.clone(), line).is_some() {
            return Err(malformed(format!("names the file `{}` a second time", crate::error::shortened(&file))));
        }
    }
    let (digest, _) = csv.into_inner().into_inner().finish().map_err(failed)?;
    Ok(Control { name: name.to_owned(), digest, lines })
}
