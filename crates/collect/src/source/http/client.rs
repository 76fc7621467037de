//! One request and its answer: sent again where that can help, refused where it must be, never faster than the product allows.
//!
//! Invariant: no error, answer that is kept or line of provenance holds a secret.
//! Invariant: a connection is opened only to addresses of the public internet and of networks that the source's settings name.

use std::{
    collections::BTreeMap,
    fmt,
    net::ToSocketAddrs as _,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::value::RawValue;
use ureq::{
    Agent,
    http::{HeaderMap, Request as HttpRequest, StatusCode, Uri},
    tls::{Certificate, RootCerts, TlsConfig},
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};
use url::Url;

use super::{super::json, host::Host, sign_in};
use crate::{
    Error, SourceConfig,
    config::{ConnectorSource, Networks},
    connector::{Http, Request, Table, Template, Throttled, Written},
    error::shortened,
};

/// The machine's own certificate authorities.
static ROOTS: LazyLock<RootCerts> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    RootCerts::from(found.certs.iter().map(|certificate| Certificate::from_der(certificate.as_ref()).to_owned()))
});

/// Longer than this nobody waits for a product that says when it takes requests again.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// The longest wait between two tries where the product does not say how long.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Sends requests of one table.
pub(super) struct Client<'a> {
    agent: Agent,
    http: &'a Http,
    sign_in: sign_in::SignIn,
    headers: Vec<(String, String)>,
    /// Where the organization says that secrets go.
    homes: Vec<url::Origin>,
    /// What must not be seen: the secrets, and tokens that were given for them.
    hidden: Mutex<Vec<String>>,
}

/// A request without what signs it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    /// Whether it is for the first page of a list.
    pub is_first: bool,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// None: a GET.
    None,
    /// JSON text.
    Json(String),
    /// The fields of a form.
    Form(Vec<(String, String)>),
}

impl Asked {
    pub fn method(&self) -> &'static str {
        match self.body {
            Body::None => "GET",
            Body::Json(_) | Body::Form(_) => "POST",
        }
    }

    /// Method and address, as provenance and errors show them.
    pub fn shown(&self) -> String {
        format!("{} {}", self.method(), self.url)
    }

    /// The body as it is sent, with its media type.
    pub fn sent(&self) -> Option<(&'static str, String)> {
        match &self.body {
            Body::None => None,
            Body::Json(text) => Some(("application/json", text.clone())),
            Body::Form(fields) => {
                let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Some(("application/x-www-form-urlencoded", form))
            }
        }
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub request: String,
    pub url: Url,
    /// The body of the request.
    pub sent: Option<String>,
    pub status: u16,
    pub body: Vec<u8>,
    /// The body as JSON, where it is written otherwise.
    pub decoded: Option<String>,
    /// The `Link` headers.
    pub links: Vec<String>,
    /// Whether the connector says that this status means that the thing is not there.
    pub is_absent: bool,
    pub is_first: bool,
}

impl Answer {
    pub fn failed(&self, problem: String) -> Error {
        Error::Request { request: self.request.clone(), problem }
    }

    /// The body as JSON text.
    pub fn text(&self) -> Result<&str, Error> {
        if let Some(decoded) = &self.decoded {
            return Ok(decoded);
        }
        std::str::from_utf8(&self.body).map_err(|_| self.failed("the answer is not UTF-8".to_owned()))
    }

    /// The text or number at a pointer; nothing where nothing, null or an empty text is.
    pub fn word_at(&self, pointer: &str) -> Result<Option<String>, Error> {
        let path = json::steps(pointer).unwrap_or_default();
        let found = json::at(self.text()?, &path).map_err(|problem| self.failed(problem))?;
        let Some(found) = found.filter(|found| found.get() != "null") else { return Ok(None) };
        let word = json::plain_text(found);
        let word = word.ok_or_else(|| self.failed(format!("has no text at `{pointer}`")))?;
        Ok(Some(word).filter(|word| !word.is_empty()))
    }

    /// What stands where the rows of a table are.
    pub fn rows_at(&self, table: &Table) -> Result<Option<&RawValue>, Error> {
        let path = json::steps(&table.rows).unwrap_or_default();
        let text = self.text()?;
        // An empty XML element is null, and has no list in it.
        let at = if table.decode.xml.is_some() { json::at_or_null } else { json::at };
        at(text, &path).map_err(|problem| self.failed(problem))
    }

    /// The number at a pointer.
    pub fn number_at(&self, pointer: &str) -> Result<u64, Error> {
        let word = self.word_at(pointer)?;
        let word = word.ok_or_else(|| self.failed(format!("states no number of rows at `{pointer}`")))?;
        word.parse().map_err(|_| self.failed(format!("has `{}` at `{pointer}`, no number of rows", shortened(&word))))
    }
}

/// Why a request is sent again.
enum Again {
    /// After this time, as the product says.
    After(Duration),
    /// After a time that grows.
    Later,
}

/// An answer before it is judged.
struct Arrived {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl<'a> Client<'a> {
    pub fn new(
        config: &SourceConfig,
        source: &'a ConnectorSource,
        table: &Table,
        values: &BTreeMap<String, String>,
        clock: Timestamp,
    ) -> Result<Self, Error> {
        let spec = &source.connector.spec;
        let of = |problem: String| Error::Request { request: spec.id.clone(), problem };
        let addresses = spec.settings.iter().filter(|(_, setting)| setting.address);
        let addresses = addresses.filter_map(|(name, _)| Url::parse(values.get(name)?).ok());
        let homes = addresses.map(|address| address.origin()).collect();
        let mut secrets = BTreeMap::new();
        for (name, secret) in &source.secrets {
            let text = secret.reveal(config)?;
            if text.is_empty() {
                return Err(of(format!("the secret `{name}` is empty")));
            }
            secrets.insert(name.clone(), text);
        }
        let hidden = secrets.values().cloned().collect();
        let headers = filled(&spec.http.headers, values).map_err(of)?;
        let sign_in = sign_in::SignIn::new(&spec.auth, table.sign.as_ref(), secrets, values, clock).map_err(of)?;
        let agent = agent(&source.networks, &spec.http).map_err(of)?;
        Ok(Self { agent, http: &spec.http, sign_in, headers, homes, hidden: Mutex::new(hidden) })
    }

    /// A connector's request with its places filled in.
    pub fn request(&self, request: &Request, values: &BTreeMap<String, String>) -> Result<Asked, Error> {
        let of = |problem: String| Error::Request { request: "a request".to_owned(), problem };
        let address = request.get.as_ref().or(request.post.as_ref());
        let address = address.ok_or_else(|| of("asks for nothing".to_owned()))?;
        let address = address.filled(values, Written::Segment).map_err(|place| of(no_value(&place)))?;
        let mut asked = self.get(&address, &request.query, values)?;
        asked.headers = filled(&request.headers, values).map_err(of)?;
        if request.post.is_some() {
            asked.body = match (&request.json, &request.form) {
                (Some(json), _) => Body::Json(body(json, values).map_err(of)?.to_string()),
                (None, Some(form)) => Body::Form(filled(form, values).map_err(of)?),
                (None, None) => Body::Json(String::new()),
            };
        }
        Ok(asked)
    }

    /// A GET of an address.
    pub fn get(
        &self,
        address: &str,
        query: &BTreeMap<String, Template>,
        values: &BTreeMap<String, String>,
    ) -> Result<Asked, Error> {
        let of = |problem: String| Error::Request { request: address.to_owned(), problem };
        let mut url = Url::parse(address).map_err(|cause| of(cause.to_string()))?;
        for (name, value) in query {
            let value = value.filled(values, Written::Plain).map_err(|place| of(no_value(&place)))?;
            url.query_pairs_mut().append_pair(name, &value);
        }
        Ok(Asked { url, headers: Vec::new(), body: Body::None, is_first: true })
    }

    /// Sends a request until it is answered with what is no failure.
    pub fn send(&self, asked: &Asked, absent: &[u16]) -> Result<Answer, Error> {
        let request = asked.shown();
        // What a product says of its next page is its word; secrets go where the organization says.
        if !self.homes.contains(&asked.url.origin()) {
            let problem = "leads away from the addresses of the source's settings".to_owned();
            return Err(Error::Request { request, problem });
        }
        let mut signed = || self.sign_in.headers(asked, &mut |request| self.sign_in_request(&request));
        let mut arrived = self.answered(asked, &mut signed, absent)?;
        // A token can end before its time.
        if arrived.status == StatusCode::UNAUTHORIZED && self.sign_in.forget() {
            arrived = self.answered(asked, &mut signed, absent)?;
        }
        let status = arrived.status.as_u16();
        if arrived.status == StatusCode::OK || absent.contains(&status) {
            return Ok(answer(asked, request, arrived, absent.contains(&status)));
        }
        let problem = self.problem(&arrived);
        Err(match status {
            401 | 403 => Error::Denied { request, problem },
            _ => Error::Request { request, problem },
        })
    }

    /// Sends a request again as long as its failure may pass, and not too often.
    fn answered(
        &self,
        asked: &Asked,
        signed: &mut dyn FnMut() -> Result<Vec<(String, String)>, Error>,
        absent: &[u16],
    ) -> Result<Arrived, Error> {
        let failed = |problem: String| Error::Request { request: asked.shown(), problem };
        let host = Host::of(&asked.url, self.http.per_second, self.http.at_once);
        let mut tries = 0;
        loop {
            tries += 1;
            let (problem, again) = match self.once(&host, asked, &signed()?) {
                Ok(arrived) if absent.contains(&arrived.status.as_u16()) => return Ok(arrived),
                Ok(arrived) => match self.again(&arrived) {
                    None => return Ok(arrived),
                    Some(again) => (self.problem(&arrived), again),
                },
                Err(cause) if is_passing(&cause) => (self.without_secrets(&cause.to_string()), Again::Later),
                Err(cause) => return Err(failed(self.without_secrets(&cause.to_string()))),
            };
            if tries >= self.http.attempts {
                return Err(failed(format!("{problem}; it was tried {tries} times")));
            }
            let wait = match again {
                Again::After(wait) if wait > LONGEST_WAIT => {
                    let seconds = wait.as_secs();
                    return Err(failed(format!("{problem}; the product asks to wait {seconds} seconds")));
                }
                Again::After(wait) => wait,
                Again::Later => backoff(self.http.first_wait_millis, tries)?,
            };
            host.rest(wait);
        }
    }

    /// Sends it once.
    fn once(&self, host: &Host, asked: &Asked, signed: &[(String, String)]) -> Result<Arrived, ureq::Error> {
        let _turn = host.turn();
        let mut request = HttpRequest::builder().method(asked.method()).uri(asked.url.as_str());
        for (name, value) in self.headers.iter().chain(&asked.headers).chain(signed) {
            request = request.header(name, value);
        }
        let answered = match asked.sent() {
            None => self.agent.run(request.body(())?)?,
            Some((media_type, body)) => {
                let is_said = asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                let request = if is_said { request } else { request.header("content-type", media_type) };
                self.agent.run(request.body(body)?)?
            }
        };
        let (parts, mut body) = answered.into_parts();
        let body = body.with_config().limit(self.http.max_body_bytes).read_to_vec()?;
        Ok(Arrived { status: parts.status, headers: parts.headers, body })
    }

    /// Asks for a token.
    fn sign_in_request(&self, asked: &sign_in::TokenRequest) -> Result<Vec<u8>, Error> {
        let arrived = self.answered(&asked.asked, &mut || Ok(asked.signed.clone()), &[])?;
        if arrived.status != StatusCode::OK {
            return Err(Error::Denied { request: asked.asked.shown(), problem: self.problem(&arrived) });
        }
        if let Some(token) = sign_in::token_of(&arrived.body)
            && let Ok(mut hidden) = self.hidden.lock()
        {
            hidden.push(token);
        }
        Ok(arrived.body)
    }

    /// Whether and when a failure may pass.
    fn again(&self, arrived: &Arrived) -> Option<Again> {
        let status = arrived.status.as_u16();
        let said = |throttled: &Throttled| {
            throttled.status == status && memchr::memmem::find(&arrived.body, throttled.body.as_bytes()).is_some()
        };
        let is_too_fast = matches!(status, 429 | 503) || self.http.throttled.iter().any(said);
        if !is_too_fast && !arrived.status.is_server_error() && status != 408 {
            return None;
        }
        let header = |name: &str| arrived.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        // The product's own clock tells how far away the moment is that it names.
        let until = |moment: Timestamp| {
            let now = header("date").and_then(http_date)?;
            u64::try_from(moment.as_second().saturating_sub(now.as_second())).ok().map(Duration::from_secs)
        };
        let after = header("retry-after").and_then(|text| match text.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => until(http_date(text)?),
        });
        let reset = || {
            let second = header(self.http.reset_header.as_deref()?)?.parse().ok()?;
            until(Timestamp::from_second(second).ok()?)
        };
        let wait = after.or_else(|| is_too_fast.then(reset).flatten());
        Some(wait.map_or(Again::Later, Again::After))
    }

    /// Status and first words of an answer that is a failure.
    fn problem(&self, arrived: &Arrived) -> String {
        const LONGEST: usize = 160;
        let status = arrived.status.as_u16();
        if arrived.status.is_redirection() {
            return format!("status {status}: it leads elsewhere, and what is asked there is not followed");
        }
        let text = String::from_utf8_lossy(arrived.body.get(..4096).unwrap_or(&arrived.body));
        let text = if text.trim_start().starts_with('<') { without_tags(&text) } else { text.into_owned() };
        let text = self.without_secrets(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        // What a terminal would take for a command is left out.
        let words: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        if words.is_empty() { format!("status {status}") } else { format!("status {status}: {words}") }
    }

    fn without_secrets(&self, text: &str) -> String {
        let hidden = self.hidden.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "(secret)"))
    }
}

/// What a person would see of XML or HTML.
fn without_tags(text: &str) -> String {
    let parts = text.split('<').map(|part| part.split_once('>').map_or(part, |(_, after)| after));
    parts.collect::<Vec<_>>().join(" ")
}

fn answer(asked: &Asked, request: String, arrived: Arrived, is_absent: bool) -> Answer {
    let links = arrived.headers.get_all("link").iter().filter_map(|value| value.to_str().ok()).map(str::to_owned);
    Answer {
        request,
        url: asked.url.clone(),
        sent: asked.sent().map(|(_, body)| body),
        decoded: None,
        status: arrived.status.as_u16(),
        links: links.collect(),
        body: arrived.body,
        is_absent,
        is_first: asked.is_first,
    }
}

fn no_value(place: &str) -> String {
    format!("`{{{place}}}` has no value here")
}

fn filled(
    templates: &BTreeMap<String, Template>,
    values: &BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, String> {
    let fill = |(name, value): (&String, &Template)| {
        let value = value.filled(values, Written::Plain).map_err(|place| no_value(&place))?;
        Ok((name.clone(), value))
    };
    templates.iter().map(fill).collect()
}

/// A body of a request, its texts filled in.
fn body(value: &toml::Value, values: &BTreeMap<String, String>) -> Result<serde_json::Value, String> {
    Ok(match value {
        toml::Value::String(text) => {
            let text = text.parse::<Template>()?.filled(values, Written::Plain).map_err(|place| no_value(&place))?;
            serde_json::Value::String(text)
        }
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Boolean(yes) => (*yes).into(),
        toml::Value::Array(members) => {
            members.iter().map(|member| body(member, values)).collect::<Result<Vec<_>, _>>()?.into()
        }
        toml::Value::Table(members) => {
            let member = |(name, value): (&String, &toml::Value)| Ok((name.clone(), body(value, values)?));
            serde_json::Value::Object(members.iter().map(member).collect::<Result<_, String>>()?)
        }
        // Refused when the connector was read.
        toml::Value::Float(_) | toml::Value::Datetime(_) => serde_json::Value::Null,
    })
}

/// A failure of the way, not of the request: another try may get through.
fn is_passing(cause: &ureq::Error) -> bool {
    matches!(
        cause,
        ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_)
    )
}

/// A time that doubles with each try, and a part of it by chance, so that many who failed together do not come back together.
fn backoff(first_wait_millis: u64, tries: u32) -> Result<Duration, Error> {
    let doubled = 1 << tries.saturating_sub(1).min(10);
    let most = Duration::from_millis(first_wait_millis).saturating_mul(doubled).min(LONGEST_BACKOFF);
    let mut chance = [0_u8; 4];
    getrandom::fill(&mut chance).map_err(|cause| Error::Request {
        request: "waiting before another try".to_owned(),
        problem: cause.to_string(),
    })?;
    let parts = u32::from_le_bytes(chance) % 1000;
    Ok(most.saturating_mul(parts.max(100)) / 1000)
}

/// A moment as headers write it (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|moment| moment.timestamp())
}

fn agent(networks: &Networks, http: &Http) -> Result<Agent, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder().root_certs(ROOTS.clone()).unversioned_rustls_crypto_provider(provider).build();
    let timeout = Duration::from_secs(http.timeout_seconds);
    let config = Agent::config_builder()
        .tls_config(tls)
        // Secrets go where the organization says: not to a proxy of the environment, nor on to where an answer leads.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .max_idle_connections_per_host(http.at_once as usize)
        .user_agent(concat!("tickmark/", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(Agent::with_parts(config, DefaultConnector::default(), Allowed(networks.clone())))
}

/// Finds addresses of names, and only those that may be asked. What was found is what is connected to: a name that answers
/// otherwise the second time leads nowhere else.
struct Allowed(Networks);

impl fmt::Debug for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Allowed")
    }
}

impl Resolver for Allowed {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &ureq::config::Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().ok_or(ureq::Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found: Vec<_> = (host, port).to_socket_addrs()?.collect();
        let mut addresses = self.empty();
        for address in found.iter().filter(|address| self.0.allow(address.ip())).take(16) {
            addresses.push(*address);
        }
        match found.first() {
            None => Err(ureq::Error::HostNotFound),
            Some(first) if addresses.is_empty() => {
                let what = format!("`{host}` is {}, which is not of the public internet", first.ip());
                Err(ureq::Error::BadUri(what))
            }
            Some(_) => Ok(addresses),
        }
    }
}
