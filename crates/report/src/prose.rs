//! Prose: text that people wrote, as plain paragraphs with the few marks everybody knows.
//!
//! Invariant: prose is never code: whatever it holds prints as text, and unknown marks print as they stand.
//!
//! Known marks: a blank line ends a paragraph; `## ` and `### ` open a heading within the section; `- ` opens a list
//! item and `1. ` a numbered one; `**strong**`, `*emphasis*` and `` `verbatim` `` mark words; `{name}` prints a figure
//! that the prose carries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Error, Figure};

/// Text with the figures it mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prose {
    /// The text.
    pub prose: String,
    /// The figures that the text names in braces. Without any, braces are ordinary characters, so that text which the
    /// firm wrote stays as the firm wrote it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, Figure>,
}

impl Prose {
    /// Prose without figures.
    pub fn new(text: impl Into<String>) -> Self {
        Self { prose: text.into(), figures: BTreeMap::new() }
    }

    /// Whether there is nothing to print.
    pub fn is_empty(&self) -> bool {
        self.prose.trim().is_empty()
    }

    /// The blocks a template prints; `number` turns a figure into its printed form.
    pub(crate) fn blocks(&self, number: &mut dyn FnMut(&Figure) -> Value) -> Result<Value, Error> {
        let mut spans = |spans: Vec<Span<'_>>| -> Value {
            let printed = spans.into_iter().map(|span| match span {
                Span::Words { style, text } => json!({"style": style, "text": text}),
                Span::Figure { figure, .. } => json!({"style": "figure", "figure": number(figure)}),
            });
            printed.collect()
        };
        let blocks = self.parts()?.into_iter().map(|block| match block {
            Block::Heading(level, text) => json!({"kind": "heading", "level": level, "spans": spans(text)}),
            Block::Paragraph(text) => json!({"kind": "paragraph", "spans": spans(text)}),
            Block::Bullets(items) => {
                json!({"kind": "bullets", "items": items.into_iter().map(&mut spans).collect::<Value>()})
            }
            Block::Numbers(items) => {
                json!({"kind": "numbers", "items": items.into_iter().map(&mut spans).collect::<Value>()})
            }
        });
        Ok(blocks.collect())
    }

    /// The text as blocks of spans, for whoever prints them without a template.
    pub(crate) fn parts(&self) -> Result<Vec<Block<Vec<Span<'_>>>>, Error> {
        let mut depth = 0;
        let blocks = split(&self.prose).into_iter().map(|block| {
            Ok(match block {
                Block::Heading(level, text) => {
                    // A heading may go one level deeper than the one before it, never two: readers who hear a document
                    // navigate by these levels (PDF/UA-1, ISO 14289-1, 7.4.2).
                    depth = level.min(depth + 1);
                    Block::Heading(depth, self.spans(&text)?)
                }
                Block::Paragraph(text) => Block::Paragraph(self.spans(&text)?),
                Block::Bullets(items) => Block::Bullets(self.items(&items)?),
                Block::Numbers(items) => Block::Numbers(self.items(&items)?),
            })
        });
        blocks.collect()
    }

    fn items(&self, items: &[String]) -> Result<Vec<Vec<Span<'_>>>, Error> {
        items.iter().map(|item| self.spans(item)).collect()
    }

    fn spans(&self, text: &str) -> Result<Vec<Span<'_>>, Error> {
        let mut spans = Vec::new();
        for (style, run) in styled_runs(text) {
            if self.figures.is_empty() {
                spans.push(Span::Words { style, text: run });
                continue;
            }
            let mut rest = run.as_str();
            while let Some((before, name, after)) = placeholder(rest) {
                if !before.is_empty() {
                    spans.push(Span::Words { style, text: before.to_owned() });
                }
                let (name, figure) = self.figures.get_key_value(name).ok_or_else(|| Error::UnknownFigure {
                    beginning: self.prose.chars().take(40).collect(),
                    name: name.to_owned(),
                })?;
                spans.push(Span::Figure { name, figure });
                rest = after;
            }
            if !rest.is_empty() {
                spans.push(Span::Words { style, text: rest.to_owned() });
            }
        }
        Ok(spans)
    }
}

/// Part of a line.
pub(crate) enum Span<'a> {
    /// Words of one style: "plain", "strong", "emphasis", "verbatim".
    Words { style: &'static str, text: String },
    /// A figure, under the name by which the text carries it.
    Figure { name: &'a str, figure: &'a Figure },
}

/// The first `{name}` of a text with what stands before and after it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// A paragraph, a heading within the text with its level from 1, or a list.
pub(crate) enum Block<T> {
    Heading(u8, T),
    Paragraph(T),
    Bullets(Vec<T>),
    Numbers(Vec<T>),
}

fn split(text: &str) -> Vec<Block<String>> {
    let mut blocks: Vec<Block<String>> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() {
            open = false;
            continue;
        }
        if let Some(heading) = line.strip_prefix("### ") {
            blocks.push(Block::Heading(2, heading.to_owned()));
            open = false;
        } else if let Some(heading) = line.strip_prefix("## ") {
            blocks.push(Block::Heading(1, heading.to_owned()));
            open = false;
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::Bullets(items)) if open => items.push(item.to_owned()),
                _ => blocks.push(Block::Bullets(vec![item.to_owned()])),
            }
            open = true;
        } else if let Some(item) = numbered(line) {
            match blocks.last_mut() {
                // An empty line between items starts no list anew; an item that is numbered 1 does.
                Some(Block::Numbers(items)) if open || !line.starts_with("1.") => items.push(item.to_owned()),
                _ => blocks.push(Block::Numbers(vec![item.to_owned()])),
            }
            open = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(text)) if open => continue_line(text, line),
                Some(Block::Bullets(items) | Block::Numbers(items)) if open => {
                    if let Some(item) = items.last_mut() {
                        continue_line(item, line);
                    }
                }
                _ => blocks.push(Block::Paragraph(line.to_owned())),
            }
            open = true;
        }
    }
    blocks
}

fn continue_line(text: &mut String, line: &str) {
    text.push(' ');
    text.push_str(line);
}

/// The text of a numbered item: one to three digits, a full stop and a space before it.
fn numbered(line: &str) -> Option<&str> {
    let (digits, rest) = line.split_once(". ")?;
    let is_number = !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(rest)
}

/// Splits a line into runs of one style. A mark without its partner is ordinary text.
fn styled_runs(text: &str) -> Vec<(&'static str, String)> {
    let mut runs = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let marked = [("**", "strong"), ("*", "emphasis"), ("`", "verbatim")].iter().find_map(|(mark, style)| {
            let (inside, after) = rest.strip_prefix(mark)?.split_once(mark)?;
            let is_marked = !inside.is_empty() && !inside.starts_with(' ') && !inside.ends_with(' ');
            is_marked.then_some((*style, inside, after))
        });
        if let Some((style, inside, after)) = marked {
            if !plain.is_empty() {
                runs.push(("plain", std::mem::take(&mut plain)));
            }
            runs.push((style, inside.to_owned()));
            rest = after;
        } else {
            plain.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or("");
        }
    }
    if !plain.is_empty() {
        runs.push(("plain", plain));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> String {
        Prose::new(text).blocks(&mut |_| Value::Null).unwrap().to_string()
    }

    #[test]
    fn paragraphs_lists_and_headings() {
        insta::assert_snapshot!(blocks("## Payroll\nOne\nline.\n\nTwo.\n- a\n- b\n  more\n\n1. first\n2. second"), @r#"[{"kind":"heading","level":1,"spans":[{"style":"plain","text":"Payroll"}]},{"kind":"paragraph","spans":[{"style":"plain","text":"One line."}]},{"kind":"paragraph","spans":[{"style":"plain","text":"Two."}]},{"kind":"bullets","items":[[{"style":"plain","text":"a"}],[{"style":"plain","text":"b more"}]]},{"kind":"numbers","items":[[{"style":"plain","text":"first"}],[{"style":"plain","text":"second"}]]}]"#);
    }

    #[test]
    fn marks_without_a_partner_are_text() {
        insta::assert_snapshot!(blocks("a * b **c** #eval(1) `d` *e* 2*3"), @r##"[{"kind":"paragraph","spans":[{"style":"plain","text":"a * b "},{"style":"strong","text":"c"},{"style":"plain","text":" #eval(1) "},{"style":"verbatim","text":"d"},{"style":"plain","text":" "},{"style":"emphasis","text":"e"},{"style":"plain","text":" 2*3"}]}]"##);
    }

    #[test]
    fn braces_are_text_unless_figures_are_carried() {
        assert!(blocks("set {x}").contains("set {x}"));
        let mut prose = Prose::new("Paid {payslips} and {other}.");
        prose.figures.insert("payslips".into(), Figure::count(3, "payslips", None, None));
        let error = prose.blocks(&mut |_| Value::Null).unwrap_err();
        assert!(error.to_string().contains("`{other}`"), "{error}");
    }
}
