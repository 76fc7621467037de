//! Datasets: written, read back, and refused when rows or bytes are not what they have to be.

use crate::sample::{Rows, columns, provenance, rows, schema, vault};
use tickmark_canonical::Digest;
use tickmark_vault::{ColumnType, Corrupt, Error, Manifest, RowsDigest, WriteOptions, rows_digest};

fn small(sealed: bool) -> WriteOptions {
    WriteOptions { sealed, row_group_rows: 1000, row_group_bytes: 64 << 20, part_bytes: 60_000 }
}

#[test]
fn rows_read_back_from_several_parts_and_groups() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let mut writer = vault.writer(&schema(), small(sealed)).unwrap();
        let all = rows(0, 40_500);
        for from in (0..40_500).step_by(700) {
            writer.write(&rows(from, 700.min(40_500 - from))).unwrap();
        }
        let (digest, manifest) = writer.finish(provenance()).unwrap();
        assert!(manifest.parts.len() > 1, "{} parts", manifest.parts.len());
        assert_eq!(manifest.rows, 40_500);
        assert_eq!(vault.manifest(&digest).unwrap(), manifest);
        assert_eq!(vault.is_sealed(&digest).unwrap(), sealed);
        assert_eq!(manifest.count_agrees(), Some(false));
        let total = &manifest.control_totals[0];
        assert_eq!((total.stored.as_str(), total.agrees()), ("8201452.50", None));
        let read: Vec<_> = vault.read_dataset(&manifest, None).unwrap().collect::<Result<_, _>>().unwrap();
        let joined = arrow::compute::concat_batches(&all.schema(), &read).unwrap();
        assert_eq!(joined, all);
        vault.check_rows(&manifest).unwrap();
        assert_eq!(manifest.rows_digest, rows_digest(&columns(), &read).unwrap());
        let check = vault.check(&mut |_| {}).unwrap();
        assert!(check.is_sound(), "{check:?}");
        assert_eq!((check.datasets, check.rows), (1, 40_500));
        assert_eq!(check.sealed > 0, sealed);
    }
}

#[test]
fn a_projection_reads_only_its_columns_in_the_manifests_order() {
    let (_folder, vault) = vault();
    let mut writer = vault.writer(&schema(), small(false)).unwrap();
    writer.write(&rows(0, 5000)).unwrap();
    let (_, manifest) = writer.finish(provenance()).unwrap();
    let reader = vault.read_dataset(&manifest, Some(&["gross", "id"])).unwrap();
    assert_eq!(reader.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["id", "gross"]);
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 5000);
    assert!(matches!(vault.read_dataset(&manifest, Some(&["nope"])), Err(Error::Declaration { .. })));
}

#[test]
fn a_dataset_without_rows_is_still_a_dataset() {
    let (_folder, vault) = vault();
    let (digest, manifest) = vault.writer(&schema(), small(true)).unwrap().finish(provenance()).unwrap();
    assert_eq!((manifest.rows, manifest.parts.len()), (0, 1));
    assert_eq!(vault.read_dataset(&manifest, None).unwrap().count(), 0);
    vault.check_dataset(&digest).unwrap();
    vault.check_rows(&manifest).unwrap();
}

#[test]
fn the_rows_digest_knows_rows_and_nothing_else() {
    let (_folder, vault) = vault();
    let mut digests = Vec::new();
    for (group, step) in [(1000, 700), (512, 5000), (4096, 1)] {
        let options = WriteOptions { row_group_rows: group, ..small(false) };
        let mut writer = vault.writer(&schema(), options).unwrap();
        for from in (0..5000).step_by(step) {
            writer.write(&rows(from, step.min(5000 - from))).unwrap();
        }
        digests.push(writer.finish(provenance()).unwrap().1.rows_digest);
    }
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);

    let base = Rows::default();
    let digest = |rows: &Rows| rows_digest(&columns(), [&rows.batch()]).unwrap();
    let of = |change: &dyn Fn(&mut Rows)| {
        let mut rows = base.clone();
        change(&mut rows);
        digest(&rows)
    };
    let changes: [&dyn Fn(&mut Rows); 9] = [
        &|rows| rows.text[0] = Some("b".into()),
        &|rows| rows.text[0] = None,
        &|rows| rows.text[0] = Some(String::new()),
        &|rows| rows.text.swap(0, 1),
        &|rows| rows.number[0] = None,
        &|rows| rows.number[0] = Some(0),
        &|rows| rows.flag[0] = Some(false),
        &|rows| rows.gross[1] = 1,
        &|rows| rows.booked[0] += 1,
    ];
    let mut seen: Vec<Digest> = changes.iter().map(|change| of(change)).collect();
    seen.push(digest(&base));
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "two different sets of rows have one digest");
}

/// The bytes of the digest's definition, written out by hand: they may never change.
#[test]
fn the_rows_digest_is_the_documented_bytes() {
    let columns = columns();
    let rows = Rows::default();
    let mut bytes = b"tickmark/rows/1\0".to_vec();
    bytes.extend_from_slice(&(columns.len() as u32).to_be_bytes());
    for column in &columns {
        for text in [column.name.clone(), column.kind.to_string()] {
            bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    for row in 0..rows.id.len() {
        let nulls = u8::from(rows.text[row].is_none()) << 1
            | u8::from(rows.number[row].is_none()) << 2
            | u8::from(rows.flag[row].is_none()) << 3;
        bytes.push(nulls);
        for text in [Some(&rows.id[row]), rows.text[row].as_ref()].into_iter().flatten() {
            bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend(rows.number[row].iter().flat_map(|number| number.to_be_bytes()));
        bytes.extend(rows.flag[row].iter().map(|flag| u8::from(*flag)));
        bytes.extend_from_slice(&rows.booked[row].to_be_bytes());
        bytes.extend_from_slice(&rows.at[row].to_be_bytes());
        bytes.extend_from_slice(&(rows.gross[row] as i64).to_be_bytes());
        bytes.extend_from_slice(&rows.wide[row].to_be_bytes());
    }
    bytes.extend_from_slice(&(rows.id.len() as u64).to_be_bytes());
    assert_eq!(rows_digest(&columns, [&rows.batch()]).unwrap(), Digest::of(&bytes));
}

#[test]
fn rows_that_are_not_as_declared_are_refused() {
    let (_folder, vault) = vault();
    let mut writer = vault.writer(&schema(), small(false)).unwrap();
    writer.write(&rows(0, 10)).unwrap();

    let batch = rows(0, 3);
    let without = batch.project(&[0, 1, 2]).unwrap();
    assert!(matches!(writer.write(&without), Err(Error::Column { column, .. }) if column == "flag"));
    let swapped = batch.project(&[1, 0, 2, 3, 4, 5, 6, 7]).unwrap();
    assert!(matches!(writer.write(&swapped), Err(Error::Column { column, .. }) if column == "id"));

    let mut other = schema();
    other.columns[6].kind = ColumnType::Decimal { precision: 18, scale: 4 };
    let mut strict = vault.writer(&other, small(false)).unwrap();
    assert!(matches!(strict.write(&batch), Err(Error::Column { column, .. }) if column == "gross"));

    let mut other = schema();
    other.columns[1].required = true;
    let mut strict = vault.writer(&other, small(false)).unwrap();
    strict.write(&rows(1, 2)).unwrap();
    let error = strict.write(&Rows::default().batch()).unwrap_err();
    assert!(matches!(error, Error::RequiredValue { ref column, row: 5, .. } if column == "text"), "{error}");

    let large = Rows { gross: vec![0, 10_i128.pow(18), 0], ..Rows::default() };
    assert!(matches!(writer.write(&large.batch()), Err(Error::Column { column, .. }) if column == "gross"));
    let mut digest = RowsDigest::new("payslip", &columns());
    let larger = Rows { gross: vec![0, 10_i128.pow(19), 0], ..Rows::default() };
    assert!(digest.update(&larger.batch()).is_err());

    let mut wrong = schema();
    wrong.control_totals = vec!["text".into()];
    assert!(matches!(vault.writer(&wrong, small(false)), Err(Error::Declaration { .. })));
    wrong.control_totals = vec![];
    wrong.key = vec!["nope".into()];
    assert!(matches!(vault.writer(&wrong, small(false)), Err(Error::Declaration { .. })));
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let (folder, vault) = vault();
    let mut writer = vault.writer(&schema(), small(true)).unwrap();
    writer.write(&rows(0, 40_000)).unwrap();
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path().join("acme/incoming")).unwrap().count(), 0);
    assert_eq!(vault.check(&mut |_| {}).unwrap().objects, 0);
}

#[test]
fn any_range_of_a_part_is_checked_and_right() {
    for sealed in [false, true] {
        let (_folder, vault) = vault();
        let mut writer = vault.writer(&schema(), small(sealed)).unwrap();
        writer.write(&rows(0, 3500)).unwrap();
        let (_, manifest) = writer.finish(provenance()).unwrap();
        let part = vault.open_part(&manifest, 0).unwrap();
        let whole = part.read_range(0..part.len()).unwrap();
        assert_eq!(whole, vault.get(&manifest.parts[0].object).unwrap());
        for (start, end) in
            [(0, 4), (0, 0), (2, 9), (100, 5000), (part.len() - 8, part.len()), (part.len(), part.len())]
        {
            assert_eq!(part.read_range(start..end).unwrap(), whole.slice(start as usize..end as usize));
        }
        assert!(matches!(part.read_range(0..part.len() + 1), Err(Error::Range { .. })));
        assert!(part.read_chunk(99, 0).is_err());
    }
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let (_folder, vault) = vault();
    let mut writer = vault.writer(&schema(), small(false)).unwrap();
    writer.write(&rows(0, 3500)).unwrap();
    let (_, manifest) = writer.finish(provenance()).unwrap();
    let changes: [&dyn Fn(&mut Manifest); 8] = [
        &|manifest| manifest.rows += 1,
        &|manifest| manifest.format = "tickmark/dataset/2".into(),
        &|manifest| manifest.parts[0].rows -= 1,
        &|manifest| manifest.parts[0].bytes += 1,
        &|manifest| manifest.parts[0].footer.offset += 1,
        &|manifest| manifest.parts[0].row_groups[0].chunks[1].offset += 1,
        &|manifest| manifest.parts[0].row_groups[0].chunks[1].digest = Digest::of(b"other"),
        &|manifest| manifest.columns[0].name = "other".into(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut changed = manifest.clone();
        change(&mut changed);
        let digest = vault.put(&changed.to_bytes().unwrap()).unwrap();
        assert!(matches!(vault.manifest(&digest), Err(Error::Corrupt(Corrupt { .. }))), "change {number}");
    }
    let mut spaced = manifest.to_bytes().unwrap();
    spaced.push(b'\n');
    assert!(Manifest::from_bytes(&spaced).is_err());
}
