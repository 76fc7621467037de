//! What `connector.toml` says: the settings it asks for, how it signs in, and what is requested for each table.
//!
//! Invariant: pagination, counting and every status that is no failure are stated; nothing about them is guessed from an answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use super::template::Template;
use crate::config::ColumnMapping;

/// A connector as its file declares it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    pub id: String,
    /// Read by the catalog.
    #[serde(rename = "title")]
    _title: String,
    /// What the requests were written after.
    pub documentation: Vec<String>,
    pub proof: Proof,
    /// The permissions that the requests need and no more, and how they are granted.
    pub permissions: String,
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
    /// Secret → what it is.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    pub auth: Auth,
    #[serde(default)]
    pub http: Http,
    pub tables: Vec<Table>,
    /// Read by the catalog.
    #[serde(rename = "derived", default)]
    _derived: Vec<serde::de::IgnoredAny>,
}

/// What a connector was tried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The product itself, or another implementation of its interface, running.
    RealServer,
    /// The publisher's own description of the interface, served by a program that checks requests against it.
    PublishedDescription,
    /// The publisher's documentation alone.
    Documentation,
}

/// What an organization says about its own installation or account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    /// What it is.
    pub title: String,
    /// A regular expression that the whole value matches.
    pub pattern: Option<String>,
    /// May have places for other settings, those before it by name.
    pub default: Option<Template>,
    pub example: Option<String>,
    /// Whether it is an address: requests begin with one, and secrets are sent to it.
    #[serde(default)]
    pub address: bool,
}

/// How requests are signed in.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Auth {
    /// The product asks for nothing.
    None {},
    /// RFC 6750.
    Bearer { token: String },
    /// RFC 7617.
    Basic { user: Template, password: String },
    /// Headers of the product's own.
    Headers { headers: BTreeMap<String, SecretHeader> },
    /// OAuth 2.0 client credentials (RFC 6749, section 4.4).
    Oauth2Client {
        token_url: Template,
        client_id: Template,
        client_secret: String,
        #[serde(default)]
        form: BTreeMap<String, Template>,
        /// Whether client and secret stand in the form instead of an `Authorization` header (section 2.3.1).
        #[serde(default)]
        in_form: bool,
    },
    /// Signature Version 4 of AWS; each table says for which service and region.
    AwsSigv4 { access_key: String, secret_key: String },
}

/// A header that holds a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretHeader {
    /// What stands before the secret, as `SSWS `.
    #[serde(default)]
    pub prefix: String,
    pub secret: String,
}

/// How the product wants to be asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    pub headers: BTreeMap<String, Template>,
    /// Requests a second to one host, over all tables.
    pub per_second: u32,
    /// Requests to one host at one time, over all tables.
    pub at_once: u32,
    /// How often a request is tried before the table is given up.
    pub attempts: u32,
    /// The longest wait before the second try, which doubles with each further one, where the product does not say how long.
    pub first_wait_millis: u64,
    /// Seconds that one answer may take.
    pub timeout_seconds: u64,
    /// Bytes that one answer may have, unpacked.
    pub max_body_bytes: u64,
    /// Pages that one list may have.
    pub max_pages: u64,
    /// The header with the second (since 1970) at which the product takes requests again.
    pub reset_header: Option<String>,
    /// Answers that say "too fast" by another status than 429 and 503.
    pub throttled: Vec<Throttled>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            headers: BTreeMap::new(),
            per_second: 10,
            at_once: 4,
            attempts: 5,
            first_wait_millis: 1000,
            timeout_seconds: 60,
            max_body_bytes: 64 << 20,
            max_pages: 100_000,
            reset_header: None,
            throttled: Vec::new(),
        }
    }
}

/// An answer that says "too fast".
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Throttled {
    pub status: u16,
    /// What the body contains.
    pub body: String,
}

/// A table and the request that delivers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub table: String,
    // Read by the catalog, which makes the dataset of them.
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "note", default)]
    _note: Option<String>,
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "stale_after_days", default)]
    _stale_after_days: Option<u32>,
    #[serde(rename = "key")]
    _key: Vec<String>,
    #[serde(rename = "booked", default)]
    _booked: Option<String>,
    #[serde(rename = "personal")]
    _personal: bool,
    pub request: Request,
    /// What is asked first, until its answer says that the request can be made.
    pub until: Option<Until>,
    /// `AwsSigv4`: for which service and region requests are signed.
    pub sign: Option<Sign>,
    /// How answers are written, if not as JSON.
    #[serde(default)]
    pub decode: Decode,
    pub page: Page,
    /// Pointers (RFC 6901) into an answer with what must stand there, for products that say with status 200 that they failed.
    #[serde(default)]
    pub must: BTreeMap<String, String>,
    /// A pointer (RFC 6901) to the rows of an answer.
    #[serde(default)]
    pub rows: String,
    /// Whether there is one row there, in place of a list.
    #[serde(default)]
    pub one_row: bool,
    /// A pointer into each row to a list, each of whose members is a row of this table.
    pub explode: Option<String>,
    /// Each row of another table of this connector, for which the request is made.
    pub for_each: Option<ForEach>,
    /// Statuses that mean that what a request for one row of `for_each` asks for is not there: the row then has no value of it.
    #[serde(default)]
    pub absent: Vec<u16>,
    pub count: Count,
    #[serde(deserialize_with = "columns")]
    pub columns: BTreeMap<String, ColumnMapping>,
}

/// A request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub get: Option<Template>,
    /// Only for a request that changes nothing, as a search: it is sent again when the first fails.
    pub post: Option<Template>,
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The body as JSON; texts in it are templates.
    pub json: Option<toml::Value>,
    /// The body as the fields of a form.
    pub form: Option<BTreeMap<String, Template>>,
}

/// A question that is asked until it has an answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Until {
    pub request: Request,
    /// A pointer (RFC 6901) into the answer.
    pub pointer: String,
    /// What stands there when it is done.
    pub is: String,
    pub every_seconds: u64,
    /// How often it is asked.
    pub at_most: u32,
}

/// For which part of a cloud a request is signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sign {
    pub service: String,
    pub region: Template,
}

/// How answers are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decode {
    /// As XML, with the names of the elements that are lists.
    pub xml: Option<Vec<String>>,
    /// The names that the whole XML may have, for products whose versions call it otherwise; its content is then the answer.
    #[serde(default)]
    pub roots: Vec<String>,
    /// A pointer (RFC 6901) to CSV text in base64, whose rows are then the whole answer.
    pub base64_csv: Option<String>,
}

/// How a list goes on after its first page.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Page {
    /// It does not: one answer holds all.
    Single {},
    /// With the address in the answer's `Link` header (RFC 8288), `rel="next"`.
    Link {
        /// What the link says besides where the list goes on, for products that link a page behind the last one.
        only: Option<String>,
    },
    /// With the address that stands in the answer.
    Next {
        /// A pointer (RFC 6901). Nothing there, null or an empty text ends the list.
        pointer: String,
    },
    /// With a word that stands in the answer.
    Cursor {
        /// A pointer (RFC 6901). Nothing there, null or an empty text ends the list.
        pointer: String,
        #[serde(flatten)]
        to: CursorTo,
        /// A pointer to `true` where the list goes on and `false` where it ends, if the product says that too.
        more: Option<String>,
    },
    /// With the number of rows that are there already.
    Offset {
        query: String,
        /// The number of the first row.
        #[serde(default)]
        first: u64,
        size_query: Option<String>,
        size: u64,
        /// A pointer to the number of all rows. Without it the list ends with an empty page.
        total: Option<String>,
    },
    /// With the number of the page.
    Number {
        query: String,
        /// The number of the first page.
        first: u64,
        size_query: Option<String>,
        size: u64,
        /// A pointer to the number of all rows. Without it the list ends with an empty page.
        total: Option<String>,
    },
}

/// Where the word of the last answer is put.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CursorTo {
    Query(String),
    /// A field of the form.
    Form(String),
    /// A pointer (RFC 6901) into the body.
    Json(String),
}

/// The rows of another table of the connector.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForEach {
    pub table: String,
    /// Only rows that have one of these texts in these columns of that table.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
}

/// Where the product says how many rows there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Count {
    /// In each answer, at this pointer (RFC 6901). With `for_each`, the numbers of all lists add up.
    Pointer(String),
    /// In the answer to another request.
    Request(CountRequest),
    /// Nowhere; the text says why, and stays with the evidence.
    None(String),
}

/// A request for a number of rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountRequest {
    pub get: Template,
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    pub pointer: String,
}

/// Reads the columns. `from` points into the row, `parent` into that of `for_each`, `of` into the row that `explode` takes apart;
/// a column that says none of them is the row's member of its own name.
fn columns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, ColumnMapping>, D::Error> {
    let said = BTreeMap::<String, toml::Value>::deserialize(deserializer)?;
    let mut columns = BTreeMap::new();
    for (name, value) in said {
        let mut said = match value {
            toml::Value::Table(said) => said,
            // The type alone; the catalog reads it.
            toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => toml::Table::new(),
        };
        said.remove("type");
        let from = place(&name, &mut said).map_err(de::Error::custom)?;
        if let Some(from) = from {
            said.insert("from".to_owned(), toml::Value::String(from));
        }
        let mapping = said.try_into().map_err(|cause| de::Error::custom(format!("column `{name}`: {cause}")))?;
        columns.insert(name, mapping);
    }
    Ok(columns)
}

/// Where in a row with its parents a column's value stands.
fn place(name: &str, said: &mut toml::Table) -> Result<Option<String>, String> {
    let mut places = Vec::new();
    for (key, place) in [("from", "/row"), ("parent", "/parent/row"), ("of", "/of")] {
        match said.remove(key) {
            Some(toml::Value::String(pointer)) if pointer.is_empty() || pointer.starts_with('/') => {
                places.push(format!("{place}{pointer}"));
            }
            Some(_) => return Err(format!("column `{name}`: `{key}` is a pointer such as `/profile/email`")),
            None => {}
        }
    }
    match places.as_slice() {
        [] if said.contains_key("constant") => Ok(None),
        [] => Ok(Some(format!("/row/{name}"))),
        [place] => Ok(Some(place.clone())),
        _ => Err(format!("column `{name}`: says more than one of `from`, `parent` and `of`")),
    }
}
