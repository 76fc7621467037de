//! The shape of a profile as a JSON schema, made from the advisor's own questions.

use serde_json::{Map, Value, json};
use tickmark_domain::advisor::{
    Kind, Month, NamedReport, NamedType, Opinion, OwnReport, Question, Segment, Word, YesNo,
};

/// The schema of a profile (draft 2020-12).
pub fn profile_schema() -> Value {
    let own = own_shapes();
    let mut properties = Map::from_iter([("name".to_owned(), text()), ("notes".to_owned(), text())]);
    for question in Question::all() {
        let shape = match question.kind() {
            Kind::One(choices) => {
                let words: Vec<&str> = choices.iter().map(|choice| choice.id).chain(["unknown"]).collect();
                json!({ "enum": words })
            }
            Kind::Some(choices) => set_of(&choices.iter().map(|choice| choice.id).collect::<Vec<_>>()),
            Kind::Line(_) => {
                own.iter().find(|(of, _)| *of == question).map_or_else(|| json!({}), |(_, shape)| shape.clone())
            }
        };
        properties.insert(question.key().to_owned(), described(shape, &format!("{question} {}", question.asks())));
    }
    let quote = object(json!({ "firm": amount(), "other": amount(), "days": amount() }), &[]);
    let quotes = json!({ "currency": { "type": "string", "pattern": "^[A-Z]{3}$" }, "day_rate": amount(),
        "soc1": quote, "soc2": quote, "both": quote });
    properties.insert("quotes".to_owned(), object(quotes, &["currency"]));
    let mut schema = object(Value::Object(properties), &[]);
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!("Profile for tickmark advise"));
    }
    schema
}

/// The shapes of answers that are more than words.
fn own_shapes() -> [(Question, Value); 7] {
    let contract = json!({ "report": one_of::<NamedReport>(), "type": one_of::<NamedType>(), "due_on": date(),
        "client": text() });
    let provider = json!({ "name": text(), "function": text(), "needed_for": set_of(&ids::<NamedReport>()),
        "own_report": one_or_unknown::<OwnReport>(), "takes_part": one_or_unknown::<YesNo>(),
        "own_controls_suffice": one_or_unknown::<YesNo>() });
    let earlier = json!({ "report": one_of::<NamedReport>(), "type": one_of::<NamedType>(), "first": date(),
        "last": date(), "opinion": one_of::<Opinion>() });
    let size = json!({ "people": count(), "customers": count(), "systems": count(),
        "segments": set_of(&ids::<Segment>()) });
    let year_ends = json!({ "type": "object", "propertyNames": one_of::<Month>(), "additionalProperties": count() });
    [
        (Question::Contracts, list_of(object(contract, &["report"]))),
        (Question::Providers, list_of(object(provider, &["name", "function"]))),
        (Question::YearEnds, year_ends),
        (Question::ControlsSince, json!({ "oneOf": [date(), { "enum": ["not-yet", "unknown"] }] })),
        (Question::FirstReportDue, json!({ "oneOf": [date(), { "enum": ["none", "unknown"] }] })),
        (Question::EarlierReports, list_of(object(earlier, &["report", "type", "last"]))),
        (Question::Size, object(size, &[])),
    ]
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn amount() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,4})?$" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
}

fn ids<T: Word>() -> Vec<&'static str> {
    T::ALL.iter().map(|word| word.id()).collect()
}

fn one_of<T: Word>() -> Value {
    json!({ "enum": ids::<T>() })
}

fn one_or_unknown<T: Word>() -> Value {
    let words: Vec<&str> = ids::<T>().into_iter().chain(["unknown"]).collect();
    json!({ "enum": words })
}

fn set_of(words: &[&str]) -> Value {
    json!({ "oneOf": [{ "type": "array", "items": { "enum": words } }, { "enum": ["none", "unknown"] }] })
}

fn list_of(item: Value) -> Value {
    json!({ "type": "array", "items": item })
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn described(mut shape: Value, description: &str) -> Value {
    if let Value::Object(shape) = &mut shape {
        shape.insert("description".to_owned(), json!(description));
    }
    shape
}
