//! A product that gives the answers of a recording, on this machine only, and that can be told to fail.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::recording::Exchange;

/// What goes wrong with one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// 401 each time.
    NotSignedIn,
    /// 403 each time.
    Forbidden,
    /// 404 each time.
    NotFound,
    /// 429 with `Retry-After` once, then the answer.
    TooFastOnce,
    /// 500 once, then the answer.
    FailsOnce,
    /// 500 each time.
    Fails,
    /// The answer ends in the middle, once.
    CutOffOnce,
    /// The answer ends in the middle, each time.
    CutOff,
    /// 200 with the page of somebody else: HTML.
    SignInPage,
    /// 200 with JSON of another shape.
    OtherShape,
    /// The page before it once more.
    PageBefore,
    /// A redirect to another host.
    Redirect,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::NotSignedIn,
        Self::Forbidden,
        Self::NotFound,
        Self::TooFastOnce,
        Self::FailsOnce,
        Self::Fails,
        Self::CutOffOnce,
        Self::CutOff,
        Self::SignInPage,
        Self::OtherShape,
        Self::PageBefore,
        Self::Redirect,
    ];

    /// Whether a second try gets the answer.
    pub fn passes(self) -> bool {
        matches!(self, Self::TooFastOnce | Self::FailsOnce | Self::CutOffOnce)
    }

    /// The status that it gives each time, if that is what goes wrong.
    pub(crate) fn status(self) -> Option<u16> {
        match self {
            Self::NotSignedIn => Some(401),
            Self::Forbidden => Some(403),
            Self::NotFound => Some(404),
            Self::Fails => Some(500),
            Self::TooFastOnce
            | Self::FailsOnce
            | Self::CutOffOnce
            | Self::CutOff
            | Self::SignInPage
            | Self::OtherShape
            | Self::PageBefore
            | Self::Redirect => None,
        }
    }

    /// What goes wrong, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotSignedIn => "status 401",
            Self::Forbidden => "status 403",
            Self::NotFound => "status 404",
            Self::TooFastOnce => "status 429 once, with Retry-After",
            Self::FailsOnce => "status 500 once",
            Self::Fails => "status 500 each time",
            Self::CutOffOnce => "the answer is cut off once",
            Self::CutOff => "the answer is cut off each time",
            Self::SignInPage => "a page of HTML with status 200",
            Self::OtherShape => "JSON of another shape with status 200",
            Self::PageBefore => "the page before it once more",
            Self::Redirect => "a redirect to another host",
        }
    }
}

/// A product that answers.
pub(crate) struct Replay {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    played: Arc<Played>,
    thread: Option<JoinHandle<()>>,
}

struct Played {
    exchanges: Vec<Exchange>,
    fault: Option<(usize, Fault)>,
    /// How often each exchange was asked for.
    asked: Mutex<BTreeMap<usize, u32>>,
    /// Requests that no exchange answers.
    unknown: Mutex<Vec<String>>,
}

impl Replay {
    /// Begins to answer; one exchange may go wrong.
    pub fn start(exchanges: Vec<Exchange>, fault: Option<(usize, Fault)>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let played = Arc::new(Played { exchanges, fault, asked: Mutex::default(), unknown: Mutex::default() });
        let (stop, answering) = (Arc::clone(&stopping), Arc::clone(&played));
        let thread = thread::Builder::new().name("replay".into()).spawn(move || {
            let mut answers = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::Acquire) {
                    break;
                }
                let playing = Arc::clone(&answering);
                // A connection that breaks is the asker's matter.
                answers.push(thread::spawn(move || drop(playing.answer(stream, address))));
            }
            answers.into_iter().for_each(|answer| drop(answer.join()));
        })?;
        Ok(Self { address, stopping, played, thread: Some(thread) })
    }

    /// What every request begins with.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many exchanges were asked for, and the requests that none answers.
    pub fn asked(&self) -> (Vec<usize>, Vec<String>) {
        let asked = self.played.asked.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        (asked, self.played.unknown.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Played {
    fn answer(&self, mut stream: TcpStream, address: SocketAddr) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let Some((request, sent)) = read_request(&stream)? else { return Ok(()) };
        let base = format!("http://{address}");
        let is_asked = |exchange: &Exchange| exchange.request == request && same_body(exchange.sent.as_deref(), &sent);
        let Some(at) = self.exchanges.iter().position(is_asked) else {
            let said = if sent.is_empty() { request } else { format!("{request} with {sent}") };
            self.unknown.lock().unwrap_or_else(PoisonError::into_inner).push(said);
            return write(&mut stream, 404, "", "the recording has no such exchange", None);
        };
        let times = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let times = asked.entry(at).or_default();
            *times += 1;
            *times
        };
        let of = |at: usize| self.exchanges.get(at);
        let fault =
            self.fault.filter(|(of, fault)| *of == at && (times == 1 || !fault.passes())).map(|(_, fault)| fault);
        let play = |stream: &mut TcpStream, exchange: &Exchange, cut: Option<usize>| {
            let link = exchange.link.as_ref().map(|link| format!("Link: {}\r\n", link.replace("{base}", &base)));
            let body = exchange.answer.replace("{base}", &base);
            write(stream, exchange.status, &link.unwrap_or_default(), &body, cut)
        };
        let Some(exchange) = of(at) else { return Ok(()) };
        match fault {
            None => play(&mut stream, exchange, None),
            Some(Fault::NotSignedIn) => write(&mut stream, 401, "", "who are you?", None),
            Some(Fault::Forbidden) => write(&mut stream, 403, "", "you may not", None),
            Some(Fault::NotFound) => write(&mut stream, 404, "", "no such thing", None),
            Some(Fault::TooFastOnce) => write(&mut stream, 429, "Retry-After: 0\r\n", "too fast", None),
            Some(Fault::FailsOnce | Fault::Fails) => write(&mut stream, 500, "", "something broke", None),
            Some(Fault::CutOffOnce | Fault::CutOff) => play(&mut stream, exchange, Some(exchange.answer.len() / 2)),
            Some(Fault::SignInPage) => write(&mut stream, 200, "", "<html><body>Please sign in</body></html>", None),
            Some(Fault::OtherShape) => write(&mut stream, 200, "", "{\"message\":\"moved\"}", None),
            Some(Fault::PageBefore) => match at.checked_sub(1).and_then(of) {
                Some(before) => play(&mut stream, before, None),
                None => play(&mut stream, exchange, None),
            },
            Some(Fault::Redirect) => write(&mut stream, 302, "Location: http://example.com/\r\n", "", None),
        }
    }
}

/// Method with address, and body.
fn read_request(stream: &TcpStream) -> std::io::Result<Option<(String, String)>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let request = format!("{method} {}", in_order(target));
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Some((request, String::from_utf8_lossy(&body).into_owned())))
}

/// An address with the parts of its query in the order of their names.
pub(super) fn in_order(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let mut parts: Vec<&str> = query.split('&').collect();
    parts.sort_unstable();
    format!("{path}?{}", parts.join("&"))
}

/// Whether a body is the expected one; of JSON, the order of members means nothing.
fn same_body(expected: Option<&str>, sent: &str) -> bool {
    let Some(expected) = expected else { return sent.is_empty() };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    expected == sent || json(expected).is_some_and(|expected| json(sent) == Some(expected))
}

fn write(stream: &mut TcpStream, status: u16, headers: &str, body: &str, cut: Option<usize>) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let sent = body.as_bytes().get(..cut.unwrap_or(length)).unwrap_or(body.as_bytes());
    stream.write_all(sent)?;
    stream.flush()
}
