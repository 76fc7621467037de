//! Every text of a view with its place, for rules about words.

use serde_json::Value;

use crate::{Document, Error};

/// A text and where it stands.
pub(super) struct Text {
    pub(super) place: String,
    pub(super) text: String,
}

impl Text {
    /// Whether the firm wrote it: its words are its own, so rules about words only warn.
    pub(super) fn is_the_firms(&self) -> bool {
        self.place.starts_with("auditor_report") || self.place.starts_with("tests_of_controls")
    }
}

/// All texts of a document in the order of the view.
pub(super) fn texts(document: &Document) -> Result<Vec<Text>, Error> {
    let mut view = match document {
        Document::Report(view) => serde_json::to_value(view)?,
        Document::ManagementTesting(view) => serde_json::to_value(view)?,
        Document::Exceptions(view) => serde_json::to_value(view)?,
    };
    // It quotes what findings said, and those quote the words that they are about.
    if let Value::Object(fields) = &mut view {
        fields.remove("overruled");
    }
    let mut texts = Vec::new();
    walk(&view, String::new(), &mut texts);
    Ok(texts)
}

fn walk(value: &Value, place: String, texts: &mut Vec<Text>) {
    match value {
        Value::String(text) => texts.push(Text { place, text: text.clone() }),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                walk(value, format!("{place}[{index}]"), texts);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                // A prose's text is the prose, to the reader of a finding.
                let place = match (place.is_empty(), key.as_str()) {
                    (true, _) => key.clone(),
                    (false, "prose") => place.clone(),
                    (false, _) => format!("{place}.{key}"),
                };
                walk(value, place, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
