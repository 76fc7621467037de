//! The web application through HTTP: what pages say, that every number opens its rows, and what is refused.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// A demo of two percent, served for all tests of this process.
struct Served {
    address: String,
    tokens: BTreeMap<String, String>,
    /// The cookie of a session of each role.
    sessions: BTreeMap<String, String>,
    _child: Stopped,
    _folder: tempfile::TempDir,
}

/// The server ends with the tests.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn tickmark() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tickmark"))
}

fn serve() -> Served {
    let folder = tempfile::tempdir().unwrap();
    let dir: PathBuf = folder.path().join("demo");
    let made = tickmark().args(["--format", "json", "demo", "--scale", "2", "--dir"]).arg(&dir).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let demo: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let tokens = demo["sign_ins"].as_array().unwrap().iter();
    let tokens = tokens
        .map(|sign_in| (sign_in["role"].as_str().unwrap().to_owned(), sign_in["token"].as_str().unwrap().to_owned()));
    let mut child = tickmark()
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(&dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
    let mut served = Served {
        address,
        tokens: tokens.collect(),
        sessions: BTreeMap::new(),
        _child: Stopped(child),
        _folder: folder,
    };
    for role in served.tokens.keys().cloned().collect::<Vec<_>>() {
        let session = served.sign_in(&role);
        served.sessions.insert(role, session);
    }
    served
}

/// Something that holds of a server.
type Check = fn(&Served);

/// One demo and one server for all checks: each takes longer to make than all pages take to draw.
#[test]
fn the_web_application() {
    let served = serve();
    let checks: [(&str, Check); 14] = [
        ("where every engagement stands", where_every_engagement_stands),
        ("a control test with its SQL and cases", a_control_test_with_its_sql_and_cases),
        (
            "an exception with its rows for those who may see them",
            an_exception_with_its_rows_for_those_who_may_see_them,
        ),
        ("readers get counts and no rows", readers_get_counts_and_no_rows),
        ("rows come in pages without a gap or a repeat", rows_come_in_pages_without_a_gap_or_a_repeat),
        ("a control and an entry say what they rest on", a_control_and_an_entry_say_what_they_rest_on),
        ("every number opens the rows behind it", every_number_opens_the_rows_behind_it),
        ("a past moment says so and stays in the past", a_past_moment_says_so_and_stays_in_the_past),
        ("without a sign-in there is no page", without_a_sign_in_there_is_no_page),
        ("pages that say no say what next", pages_that_say_no_say_what_next),
        ("every answer has the headers", every_answer_has_the_headers),
        ("the cookie is for this site alone", signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get),
        ("a session that was signed out is worth nothing", a_session_that_was_signed_out_is_worth_nothing),
        ("input never panics", input_never_panics),
    ];
    for (name, check) in checks {
        println!("{name}");
        check(&served);
    }
}

/// An answer: status, headers in lower case, body.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Served {
    fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn ask(&self, method: &str, host: &str, role: Option<&str>, path: &str) -> Answer {
        let cookie = role.map(|role| format!("Cookie: {}\r\n", self.sessions[role])).unwrap_or_default();
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}Connection: close\r\n\r\n"))
    }

    /// Signs in and gives the cookie, as a browser sends it.
    fn sign_in(&self, role: &str) -> String {
        let answer = self.ask("GET", "127.0.0.1", None, &format!("/sign-in/{}", self.tokens[role]));
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    fn with_cookie(&self, method: &str, path: &str, cookie: &str) -> Answer {
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ))
    }

    fn get(&self, role: &str, path: &str) -> Answer {
        self.ask("GET", "127.0.0.1", Some(role), path)
    }
}

/// The text that a person reads in `main`, a line a block, with what differs from run to run taken out.
fn read(page: &str) -> String {
    let main = page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
    let main = main.split_once('>').unwrap().1;
    let mut text = String::new();
    let mut is_raw = false;
    for (index, part) in main.split('<').enumerate() {
        let (tag, words) = if index == 0 { ("", part) } else { part.split_once('>').unwrap() };
        let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap();
        match name {
            "td" | "th" if !tag.starts_with('/') => text.push_str(" | "),
            "p" | "h1" | "h2" | "h3" | "h4" | "tr" | "div" | "dt" | "li" | "summary" | "caption" => text.push('\n'),
            "dd" if !tag.starts_with('/') => text.push_str(": "),
            _ => {}
        }
        // Bytes as they are hashed or signed are another in each demo.
        is_raw = tag.starts_with("pre class=\"raw") || (is_raw && name != "pre");
        if is_raw {
            continue;
        }
        // How events fall into entries depends on how long the times in them are.
        text.push_str(if tag.contains("href=\"/ledger") { "ENTRY" } else { words });
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> =
        lines.filter(|line| !matches!(line.as_str(), "" | "|" | ":")).map(without_chance).collect();
    lines.join("\n").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"")
}

/// Digests, random ids and the time of recording differ from demo to demo. The days of a calendar do not, on whichever of them
/// the demo is made.
fn without_chance(line: String) -> String {
    if line.starts_with(": first on ") {
        return line;
    }
    let today = jiff::Zoned::now().date();
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let hex = bare.rsplit('-').next().unwrap_or_default();
        let is_hex = hex.len() >= 12 && hex.chars().all(|c| c.is_ascii_hexdigit());
        let is_today = bare.parse::<jiff::civil::Date>().is_ok_and(|date| (today - date).get_days().abs() <= 2);
        match (is_hex, is_today) {
            (true, _) => word.replace(hex, "HEX"),
            (_, true) => word.replace(bare, "TODAY"),
            _ => word.to_owned(),
        }
    });
    let mut words: Vec<String> = words.collect();
    for index in 0..words.len() {
        if words.get(index + 1).is_some_and(|next| next.starts_with("UTC")) {
            words[index] = "TIME".to_owned();
            if index > 0 {
                words[index - 1] = "DAY".to_owned();
            }
        }
    }
    words.join(" ")
}

/// What a page links to here.
fn links(page: &str) -> BTreeSet<String> {
    let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let links = links.map(|link| link.split('#').next().unwrap().replace("&amp;", "&"));
    links.filter(|link| link.starts_with('/') && !link.starts_with("/sign-")).collect()
}

fn where_every_engagement_stands(served: &Served) {
    let page = served.get("compliance-lead", "/?engagement=soc1&severity=high");
    assert_eq!(page.status, 200);
    insta::assert_snapshot!("standing", read(&page.body));
}

fn a_control_test_with_its_sql_and_cases(served: &Served) {
    let page = served.get("reader", "/control-tests/leaver-access");
    insta::assert_snapshot!("control_test", read(&page.body));
}

fn an_exception_with_its_rows_for_those_who_may_see_them(served: &Served) {
    let page = served.get("control-owner", "/exceptions/leaver-access:1");
    insta::assert_snapshot!("exception", read(&page.body));
}

fn readers_get_counts_and_no_rows(served: &Served) {
    let rows = "Rows behind the exception";
    // The demo's administrator and executive own controls too, so only the reader shows what counts are.
    for (role, sees) in [
        ("reader", false),
        ("compliance-lead", true),
        ("control-owner", true),
        ("firm-preparer", true),
        ("firm-reviewer", true),
        ("firm-signatory", true),
    ] {
        let page = served.get(role, "/exceptions/leaver-access:1");
        assert_eq!((page.status, page.body.contains(rows)), (200, sees), "{role}");
        let extracts = served.get(role, "/extracts?dataset=account").body;
        let extract = links(&extracts).into_iter().find(|link| link.starts_with("/extracts/")).unwrap();
        let rows = served.get(role, &format!("{extract}/rows"));
        assert_eq!(rows.status, if sees { 200 } else { 403 }, "{role}: {extract}/rows");
    }
}

fn rows_come_in_pages_without_a_gap_or_a_repeat(served: &Served) {
    let extracts = served.get("control-owner", "/extracts?dataset=account").body;
    let extract = links(&extracts).into_iter().find(|link| link.starts_with("/extracts/")).unwrap();
    let (mut keys, mut rows, mut pages) = (BTreeSet::new(), 0, 0);
    let mut next = Some(format!("{extract}/rows"));
    while let Some(path) = next {
        let page = served.get("control-owner", &path).body;
        for row in page.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap().split("<tr>").skip(1) {
            keys.insert(row.split("</td>").next().unwrap().to_owned());
            rows += 1;
        }
        pages += 1;
        let after = format!("page={}", pages + 1);
        next = links(&page).into_iter().find(|link| link.ends_with(&after));
    }
    let says = read(&served.get("control-owner", &extract).body);
    assert!(pages > 1 && says.contains(&format!("Rows stored\n: {rows}\n")), "{rows} rows in {pages} pages\n{says}");
    assert_eq!(keys.len(), rows);
}

fn a_control_and_an_entry_say_what_they_rest_on(served: &Served) {
    insta::assert_snapshot!("control", read(&served.get("executive", "/controls/LA-02").body));
    insta::assert_snapshot!("entry", read(&served.get("executive", "/ledger/1").body));
}

/// Walks from the first page: every link leads somewhere, every number in a column of numbers opens something.
fn every_number_opens_the_rows_behind_it(served: &Served) {
    let mut known: BTreeSet<String> = BTreeSet::from(["/".to_owned()]);
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    let mut ahead: VecDeque<String> = known.iter().cloned().collect();
    let mut walked = 0;
    while let Some(path) = ahead.pop_front() {
        let page = served.get("compliance-lead", &path);
        assert_eq!(page.status, 200, "{path}");
        walked += 1;
        let cells = page.body.split("<td class=\"number").skip(1).map(|cell| cell.split("</td>").next().unwrap());
        // Cells of rows from the vault are the rows themselves; bytes of a file are in no row.
        for cell in cells.filter(|cell| !cell.contains("Bytes") && !cell.contains("Row groups")) {
            let is_number = cell.split('>').nth(1).is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()));
            let is_data = page.body.contains("table class=\"rows\"") && !cell.contains("data-label");
            assert!(!is_number || is_data, "{path}: a number that opens nothing: {cell}");
        }
        for link in links(&page.body).into_iter().filter(|link| !link.ends_with(".css") && !link.ends_with(".svg")) {
            // A few of each kind of page show what the kind does.
            let kind: String = link.split('?').next().unwrap().split('/').take(2).collect::<Vec<_>>().join("/");
            let seen = kinds.entry(kind).or_default();
            if *seen < 25 && known.insert(link.clone()) {
                *seen += 1;
                ahead.push_back(link);
            }
        }
    }
    assert!(walked > 100, "{walked}");
}

fn a_past_moment_says_so_and_stays_in_the_past(served: &Served) {
    let past = served.get("compliance-lead", "/?at=3");
    assert_eq!(past.status, 200);
    assert!(past.body.contains("A past moment: ledger size 3 of "), "{}", past.body);
    let into_now = |link: &&String| !link.contains("at=3") && !link.ends_with(".css") && !link.ends_with(".svg");
    let into_now: Vec<String> = links(&past.body).iter().filter(into_now).cloned().collect();
    assert_eq!(into_now, ["/"], "only `Show now` leaves the moment");
    assert_eq!(served.get("compliance-lead", "/exceptions/leaver-access:1?at=3").status, 404);
    assert_eq!(served.get("compliance-lead", "/?at=999999").status, 404);
    let before = served.get("compliance-lead", "/?at=2020-01-01T00:00:00Z");
    assert!(before.body.contains("A past moment: ledger size 0 of "), "{}", before.body);
    assert_eq!(served.get("compliance-lead", "/?at=yesterday").status, 400);
    for path in ["/control-tests", "/controls", "/extracts", "/ledger", "/anchors", "/ledger/2"] {
        assert_eq!(served.get("compliance-lead", &format!("{path}?at=3")).status, 200, "{path}");
    }
    for path in ["/", "/control-tests", "/controls", "/extracts", "/ledger", "/anchors"] {
        assert_eq!(served.get("compliance-lead", &format!("{path}?at=0")).status, 200, "{path} of an empty ledger");
    }
}

/// The document's table lists every page (a test of the routes says so); nobody gets one without a sign-in.
fn without_a_sign_in_there_is_no_page(served: &Served) {
    let document = include_str!("../../../../docs/web.md");
    let addresses: Vec<&str> =
        document.lines().filter_map(|line| line.strip_prefix("| `/")?.split('`').next()).collect();
    assert!(addresses.len() >= 15, "{addresses:?}");
    for address in addresses {
        let path = format!("/{}", address.split(['{', '}']).collect::<String>());
        assert_eq!(served.ask("GET", "127.0.0.1", None, &path).status, 401, "{path}");
        assert_eq!(served.with_cookie("GET", &path, "tickmark-session=0").status, 401, "{path}");
    }
    assert_eq!(served.ask("GET", "127.0.0.1", None, "/healthz").status, 200);
}

fn pages_that_say_no_say_what_next(served: &Served) {
    let mut said = String::new();
    for (why, answer) in [
        ("nobody", served.ask("GET", "127.0.0.1", None, "/")),
        ("nothing there", served.get("reader", "/nothing")),
        ("no such exception", served.get("reader", "/exceptions/none:1")),
        ("no role for it", served.get("reader", &format!("/extracts/{}/rows", "0".repeat(64)))),
        ("a page that is none", served.get("reader", "/ledger?page=x")),
        ("another name", served.ask("GET", "rebound.example", Some("reader"), "/")),
        ("not read", served.ask("POST", "127.0.0.1", Some("reader"), "/")),
        ("deleted", served.ask("DELETE", "127.0.0.1", Some("reader"), "/exceptions/leaver-access:1")),
    ] {
        said.push_str(&format!("# {why}\n{}\n\n", read(&answer.body)));
    }
    insta::assert_snapshot!("problems", said);
}

fn every_answer_has_the_headers(served: &Served) {
    for answer in [
        served.get("reader", "/"),
        served.ask("GET", "127.0.0.1", None, "/"),
        served.get("reader", "/nothing"),
        served.ask("PUT", "127.0.0.1", None, "/"),
        served.ask("GET", "evil.example", None, "/healthz"),
        served.ask("GET", "localhost:1", None, "/healthz"),
    ] {
        for header in [
            "content-security-policy: default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{header}\n{}", answer.head);
        }
        assert!(!answer.body.contains("<script") && !answer.body.contains("style=\""), "{}", answer.body);
    }
    let sheet = links(&served.get("reader", "/").body).into_iter().find(|link| link.ends_with(".css")).unwrap();
    let sheet = served.ask("GET", "127.0.0.1", None, &sheet);
    assert!(sheet.head.contains("immutable") && sheet.head.contains("text/css"), "{}", sheet.head);
}

fn signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(served: &Served) {
    let token = &served.tokens["reader"];
    let answer = served.ask("GET", "127.0.0.1", None, &format!("/sign-in/{token}"));
    assert_eq!(answer.status, 303);
    assert!(answer.head.contains("; httponly; samesite=strict"), "{}", answer.head);
    assert_eq!(served.ask("GET", "127.0.0.1", None, "/sign-in/0000").status, 401);
    assert_eq!(served.ask("GET", "127.0.0.1", None, "/sign-in/%ff").status, 401);
    assert!(!answer.head.contains(token.as_str()), "the cookie is not the link's token\n{}", answer.head);
}

fn a_session_that_was_signed_out_is_worth_nothing(served: &Served) {
    let (left, stays) = (served.sign_in("reader"), served.sign_in("reader"));
    assert_ne!(left, stays);
    assert_eq!(served.with_cookie("GET", "/sign-out", &left).status, 405, "a link signs nobody out");
    assert_eq!(served.with_cookie("GET", "/", &left).status, 200);
    let out = served.with_cookie("POST", "/sign-out", &left);
    assert_eq!(out.status, 303);
    assert!(out.head.contains("max-age=0"), "{}", out.head);
    assert_eq!(served.with_cookie("GET", "/", &left).status, 401);
    assert_eq!(served.with_cookie("GET", "/", &stays).status, 200);
    assert_eq!(served.with_cookie("POST", "/sign-out", "tickmark-session=0").status, 303);
    let token = format!("tickmark-session={}", served.tokens["reader"]);
    assert_eq!(served.with_cookie("GET", "/", &token).status, 401, "a link's token is no session");
}

/// Whatever an address holds, the answer is a page.
fn input_never_panics(served: &Served) {
    let odd = [
        "/exceptions/%ff",
        "/exceptions/%2e%2e%2f",
        "/exceptions/a%20b",
        "/exceptions/%F0%9F%92%A9",
        "/ledger/-1",
        "/ledger/99999999999999999999999",
        "/ledger/1.5",
        "/ledger/18446744073709551615",
        "/extracts/zz",
        "/controls/%00",
        "/control-tests/..",
        "/engagements/soc1/scores/none",
        "/engagements/none/scores/design",
        "/engagements/soc1/firm-tests?page=18446744073709551615",
        "/?page=18446744073709551615",
        "/?page=0",
        "/?page=-1",
        "/?q=%ff%fe",
        "/?q=%00",
        "/?q",
        "/?&&==&",
        "/?engagement=none",
        "/?at=18446744073709551615",
        "/?at=-1",
        "/?state=<script>alert(1)</script>".replace(['<', '>'], "%3C").as_str(),
        "/exceptions/leaver-access:1?page=18446744073709551615",
        "/ledger?page=18446744073709551615",
    ]
    .map(ToOwned::to_owned);
    for path in odd {
        let answer = served.get("compliance-lead", &path);
        assert!((200..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.contains("<script"), "{path}");
    }
    let long = format!("/?q={}", "x".repeat(6000));
    assert!(served.get("compliance-lead", &long).status < 500);
}
