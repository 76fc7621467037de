//! Rows under construction: fields of a source go to the dataset's columns, and batches go down the pipeline.

use std::{collections::BTreeMap, sync::Arc, sync::mpsc::SyncSender};

use arrow::{
    array::RecordBatch,
    datatypes::{Schema, SchemaRef},
};

use crate::{
    Error,
    config::{Defaults, Mapping},
    error::{CellError, ColumnsProblem},
    source::Extract,
    value::{Cell, CellProblem, ColumnBuilder},
};

/// Rows of one batch: large enough to compress well, small enough that a few of them fit any memory.
pub(crate) const BATCH_ROWS: usize = 65_536;

/// Some rows and where they came from.
pub(crate) struct Batch {
    /// The rows, in the dataset's columns.
    pub rows: RecordBatch,
    /// File, query or command.
    pub of: Arc<str>,
    /// The source's number of the first of these rows.
    pub first_row: u64,
}

/// The way down to the vault. It holds two batches at most, so a fast source waits for a slow disk.
#[derive(Clone)]
pub(crate) struct Sink(SyncSender<Batch>);

impl Sink {
    pub fn new(sender: SyncSender<Batch>) -> Self {
        Self(sender)
    }

    pub fn send(&self, batch: Batch) -> Result<(), Error> {
        self.0.send(batch).map_err(|_| Error::Stopped)
    }
}

/// Which columns a field fills.
enum Targets {
    None,
    One(usize),
    Many(Vec<usize>),
}

/// What a dataset takes from one source column.
struct Wanted {
    name: String,
    targets: Vec<usize>,
    may_be_absent: bool,
}

/// Rows under construction.
pub(crate) struct Rows<'a> {
    mapping: Mapping<'a>,
    planned: Vec<crate::config::Planned>,
    columns: Vec<ColumnBuilder>,
    schema: SchemaRef,
    sink: Sink,
    /// The source's columns that are wanted, by name.
    wanted: Vec<Wanted>,
    by_name: BTreeMap<String, usize>,
    constants: Vec<(usize, String)>,
    /// For each field of the current part, the columns it fills.
    fields: Vec<Targets>,
    of: Arc<str>,
    next_row: u64,
    in_batch: usize,
    /// Rows taken so far, over all parts.
    pub taken: u64,
}

impl<'a> Rows<'a> {
    /// Prepares the columns of the dataset for a kind of source.
    pub fn new(mapping: Mapping<'a>, defaults: Defaults, extract: &Extract<'_>, sink: Sink) -> Result<Self, Error> {
        let planned = mapping.planned(defaults).map_err(|problem| Error::Config {
            file: extract.source.file.clone(),
            line: None,
            problem,
        })?;
        let schema: SchemaRef = Arc::new(Schema::new(
            planned.iter().map(|column| crate::declared::field(&column.column)).collect::<Vec<_>>(),
        ));
        let columns = planned
            .iter()
            .map(|column| ColumnBuilder::new(column.rule.clone(), BATCH_ROWS))
            .collect::<Result<_, _>>()
            .map_err(|cause| Error::Rows { of: extract.of(), cause })?;
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut by_name = BTreeMap::new();
        let mut constants = Vec::new();
        for (target, column) in planned.iter().enumerate() {
            match &column.origin {
                crate::config::Origin::Constant(value) => constants.push((target, value.clone())),
                crate::config::Origin::Column(name) => {
                    let at = *by_name.entry(name.clone()).or_insert(wanted.len());
                    match wanted.get_mut(at) {
                        Some(known) => {
                            known.targets.push(target);
                            known.may_be_absent &= column.may_be_absent;
                        }
                        None => wanted.push(Wanted {
                            name: name.clone(),
                            targets: vec![target],
                            may_be_absent: column.may_be_absent,
                        }),
                    }
                }
            }
        }
        Ok(Self {
            mapping,
            planned,
            columns,
            schema,
            sink,
            wanted,
            by_name,
            constants,
            fields: Vec::new(),
            of: Arc::from(""),
            next_row: 1,
            in_batch: 0,
            taken: 0,
        })
    }

    /// Begins a file, query or command whose rows have the columns `arrived`, in that order.
    pub fn part(&mut self, of: &str, arrived: &[String], first_row: u64) -> Result<(), Error> {
        self.flush()?;
        self.of = Arc::from(of);
        self.next_row = first_row;
        let problem = self.mapping.compare(&self.planned, arrived);
        if !problem.is_empty() {
            return Err(self.columns_error(problem));
        }
        self.fields = arrived
            .iter()
            .map(|name| match self.by_name.get(name).and_then(|at| self.wanted.get(*at)) {
                None => Targets::None,
                Some(wanted) => match *wanted.targets.as_slice() {
                    [one] => Targets::One(one),
                    ref many => Targets::Many(many.to_vec()),
                },
            })
            .collect();
        Ok(())
    }

    /// Begins a file or command whose rows name their columns themselves. Fields are then those of [`Rows::wanted_name`].
    pub fn part_of_named_rows(&mut self, of: &str, first_row: u64) -> Result<(), Error> {
        let names: Vec<String> = self.wanted.iter().map(|wanted| wanted.name.clone()).collect();
        self.part(of, &names, first_row)
    }

    /// The wanted columns' names with the field number of each.
    pub fn wanted_names(&self) -> Vec<String> {
        self.wanted.iter().map(|wanted| wanted.name.clone()).collect()
    }

    /// The names of columns that are left out on purpose.
    pub fn ignored(&self) -> &[String] {
        self.mapping.ignore
    }

    /// Whether a row may lack this wanted column.
    pub fn may_be_absent(&self, field: usize) -> bool {
        self.wanted.get(field).is_some_and(|wanted| wanted.may_be_absent)
    }

    /// Whether anything is done with this field of the current part.
    pub fn is_wanted(&self, field: usize) -> bool {
        !matches!(self.fields.get(field), Some(Targets::None) | None)
    }

    /// The source's number of the row under construction.
    pub fn row(&self) -> u64 {
        self.next_row
    }

    /// Sets the source's number of the row under construction, where the source does not count one by one.
    pub fn set_row(&mut self, row: u64) -> Result<(), Error> {
        if row != self.next_row {
            self.flush()?;
            self.next_row = row;
        }
        Ok(())
    }

    /// Takes one field of the row under construction.
    #[inline]
    pub fn field(&mut self, field: usize, cell: Cell<'_>) -> Result<(), Error> {
        match self.fields.get(field) {
            Some(Targets::One(target)) => {
                let target = *target;
                match self.columns.get_mut(target).map(|column| column.push(cell)) {
                    Some(Ok(())) | None => Ok(()),
                    Some(Err(problem)) => Err(self.cell_error(target, problem)),
                }
            }
            Some(Targets::Many(targets)) => {
                for &target in targets {
                    if let Some(Err(problem)) = self.columns.get_mut(target).map(|column| column.push(cell)) {
                        return Err(self.cell_error(target, problem));
                    }
                }
                Ok(())
            }
            Some(Targets::None) | None => Ok(()),
        }
    }

    /// Ends the row under construction. Every field of it must have been given once.
    #[inline]
    pub fn end_row(&mut self) -> Result<(), Error> {
        for at in 0..self.constants.len() {
            let Some((target, value)) = self.constants.get(at) else { break };
            let target = *target;
            if let Some(Err(problem)) =
                self.columns.get_mut(target).map(|column| column.push(Cell::Text(value.as_bytes())))
            {
                return Err(self.cell_error(target, problem));
            }
        }
        self.in_batch += 1;
        self.next_row += 1;
        self.taken += 1;
        if self.in_batch == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    /// Sends what is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.flush()
    }

    /// Reads one value by the rule of a column, as the source's own sum of it is to be read.
    pub fn planned(&self) -> &[crate::config::Planned] {
        &self.planned
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.in_batch == 0 {
            return Ok(());
        }
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect::<Result<_, _>>();
        let rows = arrays
            .and_then(|arrays| RecordBatch::try_new(Arc::clone(&self.schema), arrays))
            .map_err(|cause| Error::Rows { of: self.of.to_string(), cause })?;
        let first_row = self.next_row - self.in_batch as u64;
        self.in_batch = 0;
        self.sink.send(Batch { rows, of: Arc::clone(&self.of), first_row })
    }

    /// The error of columns that are missing, unknown or there twice.
    pub fn columns_error(&self, problem: ColumnsProblem) -> Error {
        Error::Columns { of: self.of.to_string(), problem }
    }

    fn cell_error(&self, target: usize, problem: CellProblem) -> Error {
        let planned = self.planned.get(target);
        let dataset_column = planned.map(|planned| planned.column.name.clone()).unwrap_or_default();
        let column = match planned.map(|planned| &planned.origin) {
            Some(crate::config::Origin::Column(name)) => name.clone(),
            Some(crate::config::Origin::Constant(_)) | None => dataset_column.clone(),
        };
        let of = self.of.to_string();
        Error::Cell(Box::new(CellError { of, row: self.next_row, column, dataset_column, problem }))
    }
}
