//! Rows and a vault for tests.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use tempfile::TempDir;
use tickmark_vault::{
    Column, ColumnType, DatasetSchema, Extractor, Period, Provenance, SealingKey, Vault, arrow_schema,
};

/// A folder in memory where there is one: these tests are about what is written, not about the disk's speed.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

pub fn vault() -> (TempDir, Vault) {
    let folder = folder();
    let vault = Vault::create(folder.path(), "acme", &SealingKey::new([7; 32])).unwrap();
    (folder, vault)
}

pub fn columns() -> Vec<Column> {
    vec![
        Column::new("id", ColumnType::Text, true),
        Column::new("text", ColumnType::Text, false),
        Column::new("number", ColumnType::Int, false),
        Column::new("flag", ColumnType::Bool, false),
        Column::new("booked", ColumnType::Date, true),
        Column::new("at", ColumnType::Timestamp, true),
        Column::new("gross", ColumnType::Decimal { precision: 18, scale: 2 }, true),
        Column::new("wide", ColumnType::Decimal { precision: 30, scale: 4 }, true),
    ]
}

pub fn schema() -> DatasetSchema {
    DatasetSchema {
        dataset: "payslip".into(),
        columns: columns(),
        key: vec!["id".into()],
        control_totals: vec!["gross".into()],
    }
}

pub fn provenance() -> Provenance {
    Provenance {
        source: "payroll-db".into(),
        request: "SELECT * FROM payslip".into(),
        parameters: BTreeMap::from([("first".into(), "2026-01-01".into())]),
        extracted_at: "2026-02-01T05:00:00Z".parse().unwrap(),
        effective_on: None,
        period: Some(Period { first: "2026-01-01".parse().unwrap(), last: "2026-01-31".parse().unwrap() }),
        extractor: Extractor { name: "tickmark".into(), version: "0.1.0".into() },
        source_count: Some(7),
        source_totals: BTreeMap::new(),
    }
}

/// Three rows that hold a value and a missing value of each type.
#[derive(Debug, Clone)]
pub struct Rows {
    pub id: Vec<String>,
    pub text: Vec<Option<String>>,
    pub number: Vec<Option<i64>>,
    pub flag: Vec<Option<bool>>,
    pub booked: Vec<i32>,
    pub at: Vec<i64>,
    pub gross: Vec<i128>,
    pub wide: Vec<i128>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            id: vec!["P-1".into(), "P-2".into(), "P-3".into()],
            text: vec![Some("a".into()), Some("é\0\"".into()), None],
            number: vec![Some(-1), None, Some(i64::MAX)],
            flag: vec![Some(true), None, Some(false)],
            booked: vec![20_000, 20_001, -1],
            at: vec![0, 1_700_000_000_000_000, -5],
            gross: vec![100, 123_456, -1],
            wide: vec![1, 0, -(10_i128.pow(29))],
        }
    }
}

impl Rows {
    pub fn batch(&self) -> RecordBatch {
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(self.id.clone())),
            Arc::new(StringArray::from(self.text.clone())),
            Arc::new(Int64Array::from(self.number.clone())),
            Arc::new(BooleanArray::from(self.flag.clone())),
            Arc::new(Date32Array::from(self.booked.clone())),
            Arc::new(TimestampMicrosecondArray::from(self.at.clone()).with_timezone("UTC")),
            Arc::new(Decimal128Array::from(self.gross.clone()).with_precision_and_scale(18, 2).unwrap()),
            Arc::new(Decimal128Array::from(self.wide.clone()).with_precision_and_scale(30, 4).unwrap()),
        ];
        RecordBatch::try_new(arrow_schema(&columns()), arrays).unwrap()
    }
}

/// `count` rows that depend on their position alone.
pub fn rows(from: usize, count: usize) -> RecordBatch {
    let range = from..from + count;
    let all: Vec<usize> = range.collect();
    Rows {
        id: all.iter().map(|row| format!("P-{row:08}")).collect(),
        text: all.iter().map(|row| (row % 7 != 0).then(|| format!("client-{}", row % 97))).collect(),
        number: all.iter().map(|row| (row % 11 != 0).then_some(*row as i64)).collect(),
        flag: all.iter().map(|row| (row % 5 != 0).then_some(row % 2 == 0)).collect(),
        booked: all.iter().map(|row| 20_000 + (row % 365) as i32).collect(),
        at: all.iter().map(|row| 1_700_000_000_000_000 + (*row as i64) * 1_000_003).collect(),
        gross: all.iter().map(|row| *row as i128 + 1).collect(),
        wide: all.iter().map(|row| (*row as i128) * 10_i128.pow(20)).collect(),
    }
    .batch()
}
