//! The fixture views: one organization, one firm, one year.

use std::{fs, path::Path};

use tickmark_report::{Document, view::ExceptionsView};

/// Every fixture's name.
pub const ALL: &[&str] = &["soc1-type2", "soc2-type2", "soc1-type1", "soc3", "management-testing", "exceptions"];

/// A fixture by its name; `isae3402` is the SOC 1 Type 2 under ISAE 3402 alone, with management's part first.
pub fn json(name: &str) -> serde_json::Value {
    if name == "isae3402" {
        return isae3402();
    }
    if name == "soc2-firm" {
        return with_firms_report();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

pub fn document(name: &str) -> Document {
    serde_json::from_value(json(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The SOC 2 Type 2 with a firm's report that says all that readers look for.
fn with_firms_report() -> serde_json::Value {
    let mut json = json("soc2-type2");
    let text = &mut json["view"]["auditor_report"]["issued"]["text"]["prose"];
    let whole = format!("{}\n\nAn examination involves performing procedures.", text.as_str().unwrap());
    *text = serde_json::json!(whole);
    json
}

fn isae3402() -> serde_json::Value {
    let mut json = json("soc1-type2");
    let engagement = &mut json["view"]["engagement"];
    engagement["standards"] = serde_json::json!(["ISAE 3402"]);
    engagement["section_order"] = serde_json::json!("management_first");
    let text = json["view"]["assertion"]["text"]["prose"].as_str().unwrap().replace("AT-C section 320", "ISAE 3402");
    json["view"]["assertion"]["text"]["prose"] = serde_json::json!(text);
    json
}

pub fn exceptions() -> ExceptionsView {
    match document("exceptions") {
        Document::Exceptions(view) => *view,
        Document::Report(_) | Document::ManagementTesting(_) => panic!("another document"),
    }
}

/// Sets the value at a JSON pointer of a fixture; a last part of `-` appends.
pub fn changed(name: &str, pointer: &str, value: serde_json::Value) -> Document {
    let mut json = json(name);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = json.pointer_mut(parent).unwrap_or_else(|| panic!("{name} has no {pointer}"));
    match parent {
        serde_json::Value::Object(fields) => {
            if value.is_null() {
                fields.remove(key);
            } else {
                fields.insert(key.to_owned(), value);
            }
        }
        serde_json::Value::Array(values) => {
            if key == "-" {
                values.push(value);
            } else {
                let index: usize = key.parse().unwrap();
                values[index] = value;
            }
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => panic!("{pointer} is in no object or list"),
    }
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{name} {pointer}: {error}"))
}
