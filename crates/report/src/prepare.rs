//! From a view to the data a template reads: figures get their tick marks, prose becomes blocks.
//!
//! Invariant: no character vanishes: one that the fonts cannot draw prints as its code point, `⟨U+1F600⟩`.
//! Invariant: the numbers of tick marks follow the order of the document alone, so equal views are numbered alike.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    Document, Error, Figure, NumberedFigure, Prose,
    render::fonts::draws,
    view::{AdviceMemoView, ChecklistView, CompanionView, ControlCalendarView, PopulationView},
};

/// What a template reads, and the figures it will print.
pub(crate) struct Prepared {
    /// The template's `/data.json`.
    pub(crate) data: Vec<u8>,
    /// The figures in the order of their tick marks.
    pub(crate) figures: Vec<NumberedFigure>,
}

/// Prepares a document.
pub(crate) fn prepare(document: &Document) -> Result<Prepared, Error> {
    let (view, numbering) = numbered(document)?;
    let signed = match document {
        Document::Report(view) => view.is_signed(),
        Document::ManagementTesting(_) | Document::Exceptions(_) => true,
    };
    let ticks: Vec<Value> = numbering
        .figures
        .iter()
        .map(|numbered| {
            json!({
                "tick": numbered.tick,
                "shown": numbered.shown,
                "counts": drawable(numbered.figure.counts.clone()),
                "digest": numbered.figure.digest,
                "entry": numbered.figure.entry,
            })
        })
        .collect();
    let data = serde_json::to_vec(&json!({"view": view, "ticks": ticks, "signed": signed}))?;
    Ok(Prepared { data, figures: numbering.figures })
}

/// A document's view with its figures numbered, and the numbering, which gives any of them its tick mark again.
pub(crate) fn numbered(document: &Document) -> Result<(Value, Numbering), Error> {
    let view = match document {
        Document::Report(view) => serde_json::to_value(view)?,
        Document::ManagementTesting(view) => serde_json::to_value(view)?,
        Document::Exceptions(view) => serde_json::to_value(view)?,
    };
    let mut numbering = Numbering::default();
    let view = walk(view, &mut numbering)?;
    Ok((view, numbering))
}

/// Prepares the advisor's memo: a view without figures, whose texts people wrote.
pub(crate) fn prepare_memo(view: &AdviceMemoView) -> Result<Vec<u8>, Error> {
    let view = walk(serde_json::to_value(view)?, &mut Numbering::default())?;
    Ok(serde_json::to_vec(&json!({ "view": view }))?)
}

/// Prepares what stands beside a report: a view without figures.
pub(crate) fn prepare_companion(view: &CompanionView) -> Result<Vec<u8>, Error> {
    let view = walk(serde_json::to_value(view)?, &mut Numbering::default())?;
    Ok(serde_json::to_vec(&json!({ "view": view }))?)
}

/// Prepares the record of a population: a view without figures.
pub(crate) fn prepare_population(view: &PopulationView) -> Result<Vec<u8>, Error> {
    let view = walk(serde_json::to_value(view)?, &mut Numbering::default())?;
    Ok(serde_json::to_vec(&json!({ "view": view }))?)
}

/// A checklist's data file: its view, and in each line which reports it serves.
pub(crate) fn prepare_checklist(view: &ChecklistView) -> Result<Vec<u8>, Error> {
    let (soc1, soc2, both) = view.counts();
    let counted = match (view.soc1, view.soc2) {
        (true, true) => format!("{soc1} for SOC 1, {soc2} for SOC 2; {both} of these serve both and stand here once."),
        (true, false) => format!("{soc1} for SOC 1."),
        (false, _) => format!("{soc2} for SOC 2."),
    };
    let mut value = serde_json::to_value(view)?;
    let lines = value.pointer_mut("/sections").and_then(Value::as_array_mut).into_iter().flatten();
    for (shown, section) in lines.zip(&view.sections) {
        let shown = shown.pointer_mut("/lines").and_then(Value::as_array_mut).into_iter().flatten();
        for (shown, line) in shown.zip(&section.lines) {
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("reports".to_owned(), json!(line.reports()));
            }
        }
    }
    if let Some(value) = value.as_object_mut() {
        value.insert("counted".to_owned(), json!(counted));
    }
    let value = walk(value, &mut Numbering::default())?;
    Ok(serde_json::to_vec(&json!({ "view": value }))?)
}

/// A control calendar's data file.
pub(crate) fn prepare_control_calendar(view: &ControlCalendarView) -> Result<Vec<u8>, Error> {
    let value = walk(serde_json::to_value(view)?, &mut Numbering::default())?;
    Ok(serde_json::to_vec(&json!({ "view": value }))?)
}

/// The tick marks of a document's figures.
#[derive(Default)]
pub(crate) struct Numbering {
    /// The figures in the order of their tick marks.
    pub(crate) figures: Vec<NumberedFigure>,
    by_content: BTreeMap<String, u32>,
}

impl Numbering {
    /// The number as printed, and its tick mark. The same figure printed twice keeps one tick mark.
    pub(crate) fn mark(&mut self, figure: &Figure) -> (String, u32) {
        let shown = drawable(figure.figure.shown());
        let content = format!("{shown}\n{}\n{:?}\n{:?}", figure.counts, figure.digest, figure.entry);
        let next = u32::try_from(self.figures.len()).unwrap_or(u32::MAX).saturating_add(1);
        let tick = *self.by_content.entry(content).or_insert(next);
        if tick == next {
            self.figures.push(NumberedFigure { tick, shown: shown.clone(), figure: figure.clone() });
        }
        (shown, tick)
    }

    /// The printed form of a figure.
    fn number(&mut self, figure: &Figure) -> Value {
        let (shown, tick) = self.mark(figure);
        json!({"shown": shown, "tick": tick})
    }
}

fn walk(value: Value, numbering: &mut Numbering) -> Result<Value, Error> {
    match value {
        Value::Object(map) if map.contains_key("figure") && map.contains_key("counts") => {
            let figure: Figure = serde_json::from_value(Value::Object(map))?;
            Ok(numbering.number(&figure))
        }
        Value::Object(map) if map.contains_key("prose") => {
            let mut prose: Prose = serde_json::from_value(Value::Object(map))?;
            prose.prose = drawable(prose.prose);
            prose.blocks(&mut |figure| numbering.number(figure))
        }
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                out.insert(key, walk(value, numbering)?);
            }
            Ok(Value::Object(out))
        }
        Value::Array(values) => {
            Ok(Value::Array(values.into_iter().map(|value| walk(value, numbering)).collect::<Result<_, _>>()?))
        }
        Value::String(text) => Ok(Value::String(drawable(text))),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value),
    }
}

/// The text with each character that no embedded font draws written out as its code point.
fn drawable(text: String) -> String {
    if text.chars().all(draws) {
        return text;
    }
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        if draws(character) {
            out.push(character);
        } else {
            out.push_str(&format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(character)));
        }
        out
    })
}
