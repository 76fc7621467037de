//! Any rows, in any batches: what is read is what was written.

use arrow::compute::concat_batches;
use proptest::{collection::vec, option, prelude::*};
use tickmark_vault::{PartReader, Vault, WriteOptions, arrow_schema, rows_digest};

use crate::sample::{Rows, columns, provenance, schema, vault};

type Row = (String, Option<String>, Option<i64>, Option<bool>, i32, i64, i64, i128);

fn row() -> impl Strategy<Value = Row> {
    let money = -999_999_999_999_999_999..=999_999_999_999_999_999_i64;
    let wide = -(10_i128.pow(30) - 1)..10_i128.pow(30);
    (
        ".{0,12}",
        option::of(".{0,40}"),
        any::<Option<i64>>(),
        any::<Option<bool>>(),
        any::<i32>(),
        any::<i64>(),
        money,
        wide,
    )
}

fn batch_of(rows: &[Row]) -> arrow::array::RecordBatch {
    Rows {
        id: rows.iter().map(|row| row.0.clone()).collect(),
        text: rows.iter().map(|row| row.1.clone()).collect(),
        number: rows.iter().map(|row| row.2).collect(),
        flag: rows.iter().map(|row| row.3).collect(),
        booked: rows.iter().map(|row| row.4).collect(),
        at: rows.iter().map(|row| row.5).collect(),
        gross: rows.iter().map(|row| i128::from(row.6)).collect(),
        wide: rows.iter().map(|row| row.7).collect(),
    }
    .batch()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn rows_come_back_as_they_went_in(rows in vec(row(), 0..300), step in 1_usize..80, group in 1_usize..200, sealed: bool) {
        let (_folder, vault) = vault();
        let options = WriteOptions { sealed, row_group_rows: group, row_group_bytes: 1 << 20, part_bytes: 8000 };
        let mut writer = vault.writer(&schema(), options).unwrap();
        for some in rows.chunks(step) {
            writer.write(&batch_of(some)).unwrap();
        }
        let (digest, manifest) = writer.finish(provenance()).unwrap();
        let all = batch_of(&rows);
        prop_assert_eq!(manifest.rows_digest, rows_digest(&columns(), [&all]).unwrap());
        let read: Vec<_> = vault.read_dataset(&manifest, None).unwrap().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(concat_batches(&arrow_schema(&columns()), &read).unwrap(), all);
        vault.check_rows(&vault.check_dataset(&digest).unwrap()).unwrap();
        let sum: i128 = rows.iter().map(|row| i128::from(row.6)).sum();
        prop_assert_eq!(manifest.control_totals[0].stored.replace('.', "").parse::<i128>().unwrap(), sum);
    }
}

#[test]
fn vaults_and_parts_can_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Vault>();
    shared::<PartReader>();
    sent::<tickmark_vault::DatasetWriter>();
    sent::<tickmark_vault::DatasetReader>();
    sent::<tickmark_vault::StagedDataset>();
}
