//! PostgreSQL: count, sums and rows in one read-only transaction of one snapshot.

use futures::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    Statement as _, TypeInfo as _, ValueRef as _,
    postgres::{PgConnectOptions, PgConnection, PgRow, PgTypeKind, PgValueFormat, PgValueRef},
};

use super::{
    Extract, Told,
    query::{self, Counted, Dialect, Prepared},
    server::{CONNECT, blocking, failed, password, shown},
};
use crate::{
    Error,
    config::{Defaults, Mapping, Planned, QueryEntry, ServerSource},
    rows::{Rows, Sink},
    value::Cell,
};

/// The transaction sees one state of the database from its first statement on, and can write nothing.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const DAYS_TO_2000: i32 = 10_957;
/// The same in microseconds.
const MICROS_TO_2000: i64 = 946_684_800_000_000;

/// Reads one entry.
pub(super) fn read(
    extract: &Extract<'_>,
    server: &ServerSource,
    entry: &QueryEntry,
    sink: Sink,
) -> Result<Told, Error> {
    let mapping = Mapping { dataset: extract.dataset, columns: &entry.columns, ignore: &entry.ignore };
    let mut rows = Rows::new(mapping, Defaults::TYPED, extract, sink)?;
    let of = shown(server);
    let password = password(extract.source, server)?;
    blocking(&of, async {
        let mut connection = connect(server, password, &of).await?;
        let told = conversation(extract, entry, &mut connection, &mut rows, &of).await?;
        connection.close().await.map_err(|cause| failed("closing", &of, cause))?;
        Ok(told)
    })
}

/// Counts the rows of a window and sums them up, apart from any extract.
pub(super) fn count(extract: &Extract<'_>, server: &ServerSource, entry: &QueryEntry) -> Result<Counted, Error> {
    let of = shown(server);
    let planned = query::planned(extract, entry)?;
    let password = password(extract.source, server)?;
    let prepared = query::prepare(extract, &entry.count, Dialect::Postgres)?;
    blocking(&of, async {
        let mut connection = connect(server, password, &of).await?;
        connection.execute(BEGIN).await.map_err(|cause| failed("beginning a transaction on", &of, cause))?;
        let counted = counted(extract, &planned, &mut connection, &prepared, &of).await?;
        connection.close().await.map_err(|cause| failed("closing", &of, cause))?;
        Ok(counted)
    })
}

async fn connect(server: &ServerSource, password: Option<String>, of: &str) -> Result<PgConnection, Error> {
    let mut options: PgConnectOptions =
        server.url.parse().map_err(|cause: sqlx::Error| failed("reading the URL of", of, cause))?;
    if let Some(password) = password {
        options = options.password(&password);
    }
    let options = options.application_name("tickmark").disable_statement_logging();
    let connected = tokio::time::timeout(CONNECT, PgConnection::connect_with(&options)).await;
    match connected {
        Ok(connected) => connected.map_err(|cause| failed("connecting to", of, cause)),
        Err(_) => Err(failed("connecting to", of, "it did not answer within 30 seconds")),
    }
}

async fn conversation(
    extract: &Extract<'_>,
    entry: &QueryEntry,
    connection: &mut PgConnection,
    rows: &mut Rows<'_>,
    of: &str,
) -> Result<Told, Error> {
    connection.execute(BEGIN).await.map_err(|cause| failed("beginning a transaction on", of, cause))?;
    let mut told = Told::new(entry.query.clone());
    told.parameter("server", of);
    told.parameter("count", &entry.count);
    told.parameter("transaction", BEGIN);
    told.parameter("postgres", version(connection, of).await?);
    let prepared = query::prepare(extract, &entry.count, Dialect::Postgres)?;
    counted(extract, rows.planned(), connection, &prepared, of).await?.tell(&mut told);
    let prepared = query::prepare(extract, &entry.query, Dialect::Postgres)?;
    let statement = connection
        .prepare(AssertSqlSafe(prepared.sql.as_str()).into_sql_str())
        .await
        .map_err(|cause| failed("preparing a query for", of, cause))?;
    let names: Vec<String> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    for column in statement.columns() {
        told.parameter(&format!("type of {}", column.name()), column.type_info().name());
    }
    rows.part(&format!("query of `{}` on {of}", entry.dataset), &names, 1)?;
    let wanted: Vec<usize> = (0..names.len()).filter(|at| rows.is_wanted(*at)).collect();
    let mut results = bound(&prepared).fetch(&mut *connection);
    while let Some(row) = results.try_next().await.map_err(|cause| failed("reading from", of, cause))? {
        for &at in &wanted {
            let value = row.try_get_raw(at).map_err(|cause| failed("reading from", of, cause))?;
            rows.field(at, cell(&value))?;
        }
        rows.end_row()?;
    }
    drop(results);
    rows.finish()?;
    connection.execute("COMMIT").await.map_err(|cause| failed("ending the transaction on", of, cause))?;
    Ok(told)
}

fn bound(prepared: &Prepared) -> sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let query = sqlx::query(AssertSqlSafe(prepared.sql.as_str()));
    prepared.days.iter().fold(query, |query, day| query.bind(day.to_string()))
}

async fn one_row(connection: &mut PgConnection, prepared: &Prepared, of: &str) -> Result<PgRow, Error> {
    let mut found =
        bound(prepared).fetch_all(connection).await.map_err(|cause| failed("counting rows of", of, cause))?;
    match (found.pop(), found.is_empty()) {
        (Some(row), true) if !row.is_empty() => Ok(row),
        _ => Err(query::not_one_row(of)),
    }
}

/// The number of rows, and the sums that stand beside it.
async fn counted(
    extract: &Extract<'_>,
    planned: &[Planned],
    connection: &mut PgConnection,
    prepared: &Prepared,
    of: &str,
) -> Result<Counted, Error> {
    let row = one_row(connection, prepared, of).await?;
    let failed = |cause| failed("counting rows of", of, cause);
    let mut counted = Counted::new(cell(&row.try_get_raw(0).map_err(failed)?), of)?;
    for (at, column) in row.columns().iter().enumerate().skip(1) {
        let value = row.try_get_raw(at).map_err(failed)?;
        counted.sum(extract, planned, column.name(), cell(&value), of)?;
    }
    Ok(counted)
}

async fn version(connection: &mut PgConnection, of: &str) -> Result<String, Error> {
    let prepared = Prepared { sql: "SHOW server_version".into(), days: Vec::new() };
    let row = one_row(connection, &prepared, of).await?;
    let value = row.try_get_raw(0).map_err(|cause| failed("asking for the version of", of, cause))?;
    Ok(value.as_str().unwrap_or("unknown").to_owned())
}

/// A value in the binary format of the protocol (PostgreSQL documentation, chapter "Frontend/Backend Protocol").
fn cell<'a>(value: &PgValueRef<'a>) -> Cell<'a> {
    const UNREADABLE: Cell<'static> = Cell::Other("a value that cannot be read");
    if value.is_null() {
        return Cell::Null;
    }
    let Ok(bytes) = value.as_bytes() else { return UNREADABLE };
    let kind = value.type_info();
    if value.format() == PgValueFormat::Text || matches!(kind.kind(), PgTypeKind::Enum(_)) {
        return Cell::Text(bytes);
    }
    match kind.name() {
        "TEXT" | "VARCHAR" | "CHAR" | "\"CHAR\"" | "NAME" | "CITEXT" | "JSON" => Cell::Text(bytes),
        "BOOL" => Cell::Bool(bytes.first() == Some(&1)),
        "INT2" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i16::from_be_bytes(bytes).into())),
        "INT4" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i32::from_be_bytes(bytes).into())),
        "INT8" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i64::from_be_bytes(bytes))),
        "OID" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(u32::from_be_bytes(bytes).into())),
        "FLOAT4" => number(bytes).map_or(UNREADABLE, |bytes| {
            // By its own shortest text: as a wider float it would show digits nobody wrote.
            Cell::Float(f32::from_be_bytes(bytes).to_string().parse().unwrap_or(f64::NAN))
        }),
        "FLOAT8" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Float(f64::from_be_bytes(bytes))),
        "NUMERIC" => numeric(bytes).unwrap_or(Cell::Other("a number of more than 38 digits, or none")),
        "DATE" => match number(bytes).map(i32::from_be_bytes) {
            Some(i32::MIN | i32::MAX) => Cell::Other("an infinite date"),
            Some(days) => days.checked_add(DAYS_TO_2000).map_or(UNREADABLE, Cell::Date),
            None => UNREADABLE,
        },
        "TIMESTAMP" | "TIMESTAMPTZ" => match number(bytes).map(i64::from_be_bytes) {
            Some(i64::MIN | i64::MAX) => Cell::Other("an infinite time"),
            Some(micros) => match micros.checked_add(MICROS_TO_2000) {
                Some(micros) if kind.name() == "TIMESTAMP" => Cell::Local(micros),
                Some(micros) => Cell::Instant(micros),
                None => UNREADABLE,
            },
            None => UNREADABLE,
        },
        "BYTEA" => Cell::Other("binary data"),
        "UUID" => Cell::Other("a UUID (cast it to text in the query)"),
        _ => Cell::Other("a value of a type that datasets do not have (cast it in the query)"),
    }
}

fn number<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// `NUMERIC`: digits of base 10 000, the weight of the first, a sign, and the digits after the point that are shown.
fn numeric(bytes: &[u8]) -> Option<Cell<'static>> {
    let part = |at: usize| bytes.get(at..at + 2).and_then(number).map(i16::from_be_bytes);
    let digits = usize::try_from(part(0)?).ok()?;
    let weight = i32::from(part(2)?);
    let sign = part(4)?.cast_unsigned();
    let scale = i32::from(part(6)?);
    // Not a number, or infinite.
    if !matches!(sign, 0x0000 | 0x4000) {
        return None;
    }
    let mut unscaled: i128 = 0;
    for at in 0..digits {
        let digit = i128::from(part(8 + 2 * at)?);
        // The power of ten of this digit's last place, seen from the last place that is shown.
        let places = (weight - i32::try_from(at).ok()?) * 4 + scale;
        let value = match u32::try_from(places) {
            Ok(places) => digit.checked_mul(10_i128.checked_pow(places)?)?,
            // Places that are not shown hold zeros.
            Err(_) => digit / 10_i128.checked_pow(places.unsigned_abs())?,
        };
        unscaled = unscaled.checked_add(value)?;
    }
    let unscaled = if sign == 0x4000 { -unscaled } else { unscaled };
    Some(Cell::Decimal { unscaled, scale: u32::try_from(scale).ok().filter(|scale| *scale <= 38)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_are_read_exactly() {
        // 12345.6700, as the server sends it: digits 1, 2345, 6700; weight 1; four places shown.
        let read = |parts: &[i16]| {
            let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_be_bytes()).collect();
            match numeric(&bytes) {
                Some(Cell::Decimal { unscaled, scale }) => Some((unscaled, scale)),
                _ => None,
            }
        };
        assert_eq!(read(&[3, 1, 0, 4, 1, 2345, 6700]), Some((123_456_700, 4)));
        assert_eq!(read(&[3, 1, 0, 2, 1, 2345, 6700]), Some((1_234_567, 2)));
        assert_eq!(read(&[1, -1, 0x4000, 2, 500]), Some((-5, 2)));
        assert_eq!(read(&[0, 0, 0, 2]), Some((0, 2)));
        assert_eq!(read(&[1, 2, 0, 0, 7]), Some((700_000_000, 0)));
        // Not a number, infinity, and 40 digits.
        assert_eq!(read(&[0, 0, 0xC000_u16.cast_signed(), 0]), None);
        assert_eq!(read(&[0, 0, 0xD000_u16.cast_signed(), 0]), None);
        assert_eq!(read(&[1, 9, 0, 0, 1000]), None);
    }
}
