//! MySQL and MariaDB: count, sums and rows in one read-only transaction of one snapshot.

use futures::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Decode, Executor as _, MySql, Row as _,
    SqlSafeStr as _, Statement as _, TypeInfo as _, ValueRef as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlValueRef},
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
    value::{Cell, days_of, micros_of},
};

/// One state of the database from the first statement on, and nothing can be written.
const BEGIN: [&str; 2] =
    ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"];

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
    let prepared = query::prepare(extract, &entry.count, Dialect::Mysql)?;
    blocking(&of, async {
        let mut connection = connect(server, password, &of).await?;
        begin(&mut connection, &of).await?;
        let counted = counted(extract, &planned, &mut connection, &prepared, &of).await?;
        connection.close().await.map_err(|cause| failed("closing", &of, cause))?;
        Ok(counted)
    })
}

async fn connect(server: &ServerSource, password: Option<String>, of: &str) -> Result<MySqlConnection, Error> {
    // The driver knows both servers by one scheme.
    let url = server.url.strip_prefix("mariadb://").map(|rest| format!("mysql://{rest}"));
    let url = url.as_deref().unwrap_or(&server.url);
    let mut options: MySqlConnectOptions =
        url.parse().map_err(|cause: sqlx::Error| failed("reading the URL of", of, cause))?;
    if let Some(password) = password {
        options = options.password(&password);
    }
    // The driver sets the session's zone to UTC by itself, so a TIMESTAMP arrives as an instant.
    let options = options.disable_statement_logging();
    let connected = tokio::time::timeout(CONNECT, MySqlConnection::connect_with(&options)).await;
    match connected {
        Ok(connected) => connected.map_err(|cause| failed("connecting to", of, cause)),
        Err(_) => Err(failed("connecting to", of, "it did not answer within 30 seconds")),
    }
}

async fn begin(connection: &mut MySqlConnection, of: &str) -> Result<(), Error> {
    for statement in BEGIN {
        connection.execute(statement).await.map_err(|cause| failed("beginning a transaction on", of, cause))?;
    }
    Ok(())
}

async fn conversation(
    extract: &Extract<'_>,
    entry: &QueryEntry,
    connection: &mut MySqlConnection,
    rows: &mut Rows<'_>,
    of: &str,
) -> Result<Told, Error> {
    begin(connection, of).await?;
    let mut told = Told::new(entry.query.clone());
    told.parameter("server", of);
    told.parameter("count", &entry.count);
    told.parameter("transaction", BEGIN.join("; "));
    let version = Prepared { sql: "SELECT version()".into(), days: Vec::new() };
    let version = one_row(connection, &version, of).await?;
    let version = version.try_get_raw(0).map_err(|cause| failed("reading", of, cause))?;
    told.parameter("server_version", String::from_utf8_lossy(bytes(&version).unwrap_or_default()));
    let prepared = query::prepare(extract, &entry.count, Dialect::Mysql)?;
    counted(extract, rows.planned(), connection, &prepared, of).await?.tell(&mut told);
    let prepared = query::prepare(extract, &entry.query, Dialect::Mysql)?;
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

fn bound(prepared: &Prepared) -> sqlx::query::Query<'_, sqlx::MySql, sqlx::mysql::MySqlArguments> {
    let query = sqlx::query(AssertSqlSafe(prepared.sql.as_str()));
    prepared.days.iter().fold(query, |query, day| query.bind(day.to_string()))
}

async fn one_row(connection: &mut MySqlConnection, prepared: &Prepared, of: &str) -> Result<MySqlRow, Error> {
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
    connection: &mut MySqlConnection,
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

/// The bytes of a value, whatever its type.
fn bytes<'a>(value: &MySqlValueRef<'a>) -> Option<&'a [u8]> {
    <&[u8] as Decode<'_, MySql>>::decode(value.clone()).ok()
}

/// A value in the binary format of the protocol. The driver's own `is_null` takes a zero date for NULL; here it is a
/// value that is no date.
fn cell<'a>(value: &MySqlValueRef<'a>) -> Cell<'a> {
    const UNREADABLE: Cell<'static> = Cell::Other("a value that cannot be read");
    let Some(bytes) = bytes(value) else { return Cell::Null };
    let kind = value.type_info();
    match kind.name() {
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" | "JSON" => {
            Cell::Text(bytes)
        }
        "BOOLEAN" | "TINYINT" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i8::from_le_bytes(bytes).into())),
        "SMALLINT" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i16::from_le_bytes(bytes).into())),
        "INT" | "MEDIUMINT" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i32::from_le_bytes(bytes).into())),
        "BIGINT" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(i64::from_le_bytes(bytes))),
        "TINYINT UNSIGNED" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(u8::from_le_bytes(bytes).into())),
        "SMALLINT UNSIGNED" | "YEAR" => {
            number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(u16::from_le_bytes(bytes).into()))
        }
        "INT UNSIGNED" | "MEDIUMINT UNSIGNED" => {
            number(bytes).map_or(UNREADABLE, |bytes| Cell::Int(u32::from_le_bytes(bytes).into()))
        }
        "BIGINT UNSIGNED" => number(bytes).map_or(UNREADABLE, |bytes| {
            let value = u64::from_le_bytes(bytes);
            i64::try_from(value).map_or(Cell::Decimal { unscaled: value.into(), scale: 0 }, Cell::Int)
        }),
        "DECIMAL" => std::str::from_utf8(bytes).ok().and_then(crate::value::decimal_of).map_or(
            Cell::Other("a number of more than 38 digits"),
            |(unscaled, scale)| Cell::Decimal { unscaled, scale },
        ),
        "FLOAT" => number(bytes).map_or(UNREADABLE, |bytes| {
            // By its own shortest text: as a wider float it would show digits nobody wrote.
            Cell::Float(f32::from_le_bytes(bytes).to_string().parse().unwrap_or(f64::NAN))
        }),
        "DOUBLE" => number(bytes).map_or(UNREADABLE, |bytes| Cell::Float(f64::from_le_bytes(bytes))),
        "DATE" => match date_time(bytes) {
            Some(at) => Cell::Date(days_of(at.date())),
            None => Cell::Other("a date that does not exist"),
        },
        "DATETIME" => {
            date_time(bytes).map_or(Cell::Other("a date that does not exist"), |at| Cell::Local(micros_of(at)))
        }
        "TIMESTAMP" => {
            date_time(bytes).map_or(Cell::Other("a date that does not exist"), |at| Cell::Instant(micros_of(at)))
        }
        // The driver calls a text so too if its collation compares bytes. Bytes that are no UTF-8 are refused as text.
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => Cell::Text(bytes),
        _ => Cell::Other("a value of a type that datasets do not have (cast it in the query)"),
    }
}

fn number<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    // The protocol sends MEDIUMINT in four bytes and YEAR in two, so the lengths are those of the types above.
    bytes.try_into().ok()
}

/// A length, then year (2 bytes), month, day, and where they are not zero hour, minute, second and microsecond (4 bytes).
fn date_time(bytes: &[u8]) -> Option<jiff::civil::DateTime> {
    let (_, rest) = bytes.split_first()?;
    let &[y1, y2, month, day, ref rest @ ..] = rest else { return None };
    let (hour, minute, second, micros) = match *rest {
        [] => (0, 0, 0, 0),
        [hour, minute, second] => (hour, minute, second, 0),
        [hour, minute, second, m1, m2, m3, m4] => (hour, minute, second, u32::from_le_bytes([m1, m2, m3, m4])),
        _ => return None,
    };
    let small = |part: u8| i8::try_from(part).ok();
    let year = i16::try_from(u16::from_le_bytes([y1, y2])).ok().filter(|year| *year > 0)?;
    let nanos = i32::try_from(micros.checked_mul(1000)?).ok()?;
    let date = jiff::civil::Date::new(year, small(month)?, small(day)?).ok()?;
    let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()?;
    Some(date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_zero_dates_are_none() {
        let text = |bytes: &[u8]| date_time(bytes).map(|at| at.to_string());
        assert_eq!(text(&[4, 0xEA, 0x07, 9, 30]).as_deref(), Some("2026-09-30T00:00:00"));
        assert_eq!(text(&[7, 0xEA, 0x07, 9, 30, 23, 59, 1]).as_deref(), Some("2026-09-30T23:59:01"));
        assert_eq!(text(&[11, 0xEA, 0x07, 9, 30, 0, 0, 0, 1, 0, 0, 0]).as_deref(), Some("2026-09-30T00:00:00.000001"));
        assert_eq!(text(&[0]), None);
        assert_eq!(text(&[4, 0, 0, 0, 0]), None);
    }
}
