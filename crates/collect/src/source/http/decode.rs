//! Answers that are not JSON, as JSON: what reads rows then has one shape to know.
//!
//! An XML element becomes the text in it, or an object of the elements in it; those that a connector names as lists become lists also
//! where there is one. An element with nothing in it is null. Attributes and prefixes of names are left out.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use quick_xml::{Reader, XmlVersion, escape::resolve_xml_entity, events::Event};
use serde_json::{Map, Value};

use super::super::json;
use crate::{connector::Decode, error::shortened};

/// Elements within each other: deeper than any product writes, and no deeper than the stack bears.
const DEEPEST: usize = 64;

/// The JSON of an answer, where its table says that it is something else.
pub(super) fn decoded(body: &[u8], decode: &Decode) -> Result<Option<String>, String> {
    let xml = match &decode.xml {
        None => None,
        Some(lists) => Some(content(xml(body, lists)?, &decode.roots)?),
    };
    let Some(pointer) = &decode.base64_csv else { return Ok(xml.map(|xml| xml.to_string())) };
    let text = match xml {
        Some(xml) => xml.to_string(),
        None => String::from_utf8(body.to_vec()).map_err(|_| "the answer is not UTF-8".to_owned())?,
    };
    let found = json::at(&text, &json::steps(pointer).unwrap_or_default())?.and_then(json::plain_text);
    let packed = found.ok_or_else(|| format!("has no text at `{pointer}`"))?;
    let packed: String = packed.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let csv = STANDARD.decode(packed).map_err(|cause| format!("`{pointer}` is not base64: {cause}"))?;
    rows(&csv).map(|rows| Some(rows.to_string()))
}

/// What is in the whole of an XML answer, where its connector names what that may be called.
fn content(xml: Value, roots: &[String]) -> Result<Value, String> {
    let Value::Object(members) = xml else { return Ok(xml) };
    if roots.is_empty() {
        return Ok(Value::Object(members));
    }
    match members.into_iter().next() {
        Some((name, content)) if roots.contains(&name) => Ok(content),
        Some((name, _)) => Err(format!("is `{}`, not `{}`", shortened(&name), roots.join("` or `"))),
        None => Err("is empty".to_owned()),
    }
}

/// The rows of CSV text (RFC 4180) as objects of texts.
fn rows(csv: &[u8]) -> Result<Value, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(csv);
    let header = reader.headers().map_err(|cause| cause.to_string())?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| cause.to_string())?;
        let cells = header.iter().zip(&record).map(|(name, cell)| (name.to_owned(), Value::from(cell)));
        rows.push(Value::Object(cells.collect()));
    }
    Ok(Value::Array(rows))
}

/// An element under way.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    members: Map<String, Value>,
}

impl Element {
    fn value(self) -> Value {
        match (self.members.is_empty(), self.text.is_empty()) {
            (false, _) => Value::Object(self.members),
            (true, false) => Value::String(self.text),
            (true, true) => Value::Null,
        }
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn xml(body: &[u8], lists: &[String]) -> Result<Value, String> {
    let failed = |cause: &dyn std::fmt::Display| format!("is no XML: {cause}");
    let body = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(body);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|cause| failed(&cause))? {
            Event::Start(start) => {
                if open.len() > DEEPEST {
                    return Err(format!("is no XML that is read here: more than {DEEPEST} elements within each other"));
                }
                let name = start.local_name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::End(_) => {
                let Some(mut ended) = open.pop() else { break };
                let Some(parent) = open.last_mut() else { return Err(failed(&"an end without a beginning")) };
                let name = std::mem::take(&mut ended.name);
                // White space alone is layout.
                if ended.text.trim().is_empty() {
                    ended.text.clear();
                }
                let value = ended.value();
                let is_list = lists.contains(&name);
                match parent.members.get_mut(&name) {
                    None if is_list => drop(parent.members.insert(name, Value::Array(vec![value]))),
                    None => drop(parent.members.insert(name, value)),
                    Some(Value::Array(members)) if is_list => members.push(value),
                    // Which of the two is meant nobody can say.
                    Some(_) => {
                        return Err(format!(
                            "has the element `{name}` twice, which its connector does not call a list"
                        ));
                    }
                }
            }
            Event::Text(text) => add(&mut open, &text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => add(&mut open, &text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|cause| failed(&cause))? {
                Some(character) => add(&mut open, character.encode_utf8(&mut [0; 4])),
                // Only the five that XML itself has: none that a document defines.
                None => match resolve_xml_entity(&reference) {
                    Some(text) => add(&mut open, text),
                    None => return Err(format!("names the entity `{}`", shortened(&reference))),
                },
            },
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(root), true) if !root.members.is_empty() => Ok(root.value()),
        _ => Err("is no XML: it ends in the middle".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(xml: &str) -> String {
        let decode = Decode { xml: Some(vec!["member".to_owned()]), ..Decode::default() };
        decoded(xml.as_bytes(), &decode).map_or_else(|problem| problem, Option::unwrap_or_default)
    }

    #[test]
    fn xml_is_read_as_json() {
        assert_eq!(
            json_of(
                "<?xml version=\"1.0\"?>\n<a:R xmlns:a=\"x\"><L>\n <member><N>1 &lt; 2</N></member><member/></L><E/><T> t </T></a:R>"
            ),
            r#"{"R":{"L":{"member":[{"N":"1 < 2"},null]},"E":null,"T":" t "}}"#
        );
        assert_eq!(json_of("<L><member>one</member></L>"), r#"{"L":{"member":["one"]}}"#);
    }

    #[test]
    fn what_is_no_whole_xml_is_refused() {
        for (xml, problem) in [
            ("<R><a>1</a>", "ends in the middle"),
            ("<R><a>1</b></R>", "is no XML"),
            ("<R><a/><a/></R>", "twice"),
            ("<!DOCTYPE r [<!ENTITY x \"y\">]><R>&x;</R>", "names the entity `x`"),
            ("{\"a\":1}", "ends in the middle"),
            ("", "ends in the middle"),
        ] {
            assert!(json_of(xml).contains(problem), "{xml}: {}", json_of(xml));
        }
        assert!(json_of(&"<a>".repeat(100)).contains("more than 64"));
    }

    #[test]
    fn the_whole_has_one_of_the_names_that_a_connector_knows() {
        let roots = vec!["A".to_owned(), "B".to_owned()];
        let decode = Decode { xml: Some(Vec::new()), roots, ..Decode::default() };
        assert_eq!(decoded(b"<B><s>on</s></B>", &decode).unwrap().unwrap(), r#"{"s":"on"}"#);
        assert_eq!(decoded(b"<A/>", &decode).unwrap().unwrap(), "null");
        assert_eq!(decoded(b"<html><body/></html>", &decode).unwrap_err(), "is `html`, not `A` or `B`");
    }

    #[test]
    fn packed_csv_is_rows() {
        let csv = STANDARD.encode("user,mfa\nada,true\n\"b,o\",false\n");
        let xml = format!("<R><Content>{csv}</Content></R>");
        let base64_csv = Some("/R/Content".to_owned());
        let decode = Decode { xml: Some(Vec::new()), base64_csv, ..Decode::default() };
        let rows = decoded(xml.as_bytes(), &decode).unwrap().unwrap();
        assert_eq!(rows, r#"[{"user":"ada","mfa":"true"},{"user":"b,o","mfa":"false"}]"#);
        assert!(decoded(b"<R><Content>%%</Content></R>", &decode).unwrap_err().contains("not base64"));
    }
}
