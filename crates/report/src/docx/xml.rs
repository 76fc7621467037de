//! Text as WordprocessingML.
//!
//! Invariant: no character vanishes and none changes what stands around it: a control character, which XML cannot hold, and
//! one that turns the direction of text prints as its code point, `⟨U+202E⟩`, as it does in the PDF.

use std::fmt::Write;

/// A value between quotation marks.
pub(super) fn attribute(text: &str) -> String {
    escaped(&text.replace(['\n', '\t', '\r'], " "))
}

/// Text between tags.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            character if is_hidden(character) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out
}

/// What XML 1.0 (2.2) has no place for, and what turns the direction of the text around it (UAX 9).
fn is_hidden(character: char) -> bool {
    let is_control = character.is_control() && !matches!(character, '\n' | '\t');
    is_control || matches!(character, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The runs of a text in one style; a right-to-left stretch is a run of its own, as Word wants it.
pub(super) fn runs(text: &str, style: Option<&str>) -> String {
    let style = style.map(|id| format!("<w:rStyle w:val=\"{id}\"/>")).unwrap_or_default();
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (stretch, is_rtl) = stretch(rest);
        let direction = if is_rtl { "<w:rtl/>" } else { "" };
        out.push_str("<w:r>");
        if !style.is_empty() || is_rtl {
            out.push_str(&format!("<w:rPr>{style}{direction}</w:rPr>"));
        }
        for (number, line) in stretch.split('\n').enumerate() {
            if number > 0 {
                out.push_str("<w:br/>");
            }
            for (number, words) in line.split('\t').enumerate() {
                if number > 0 {
                    out.push_str("<w:tab/>");
                }
                if !words.is_empty() {
                    out.push_str(&format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(words)));
                }
            }
        }
        out.push_str("</w:r>");
        rest = rest.get(stretch.len()..).unwrap_or_default();
    }
    out
}

/// The beginning of a text that runs in one direction; signs without a direction follow the letters before them.
fn stretch(text: &str) -> (&str, bool) {
    let begins_rtl = text.chars().next().and_then(direction) == Some(true);
    let end =
        text.char_indices().find(|(_, character)| direction(*character).is_some_and(|is_rtl| is_rtl != begins_rtl));
    (end.and_then(|(end, _)| text.get(..end)).unwrap_or(text), begins_rtl)
}

/// Whether a text is to be set from right to left: its first letter says so (UAX 9, P2 and P3).
pub(super) fn is_rtl(text: &str) -> bool {
    text.chars().find_map(direction).unwrap_or(false)
}

/// Whether a letter is written from right to left; none of what is no letter.
fn direction(character: char) -> Option<bool> {
    let is_rtl = matches!(character,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}');
    if is_rtl { Some(true) } else { character.is_alphabetic().then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_runs_of_their_own() {
        insta::assert_snapshot!(runs("a <b> شركة النور، Inc.", None), @r#"<w:r><w:t xml:space="preserve">a &lt;b&gt; </w:t></w:r><w:r><w:rPr><w:rtl/></w:rPr><w:t xml:space="preserve">شركة النور، </w:t></w:r><w:r><w:t xml:space="preserve">Inc.</w:t></w:r>"#);
        assert!(is_rtl("(1) «شركة» Inc.") && !is_rtl("1. Inc. شركة"));
    }

    #[test]
    fn nothing_vanishes() {
        insta::assert_snapshot!(runs("漢 😀\u{1}\u{202e}x\ty\nz", Some("S")), @r#"<w:r><w:rPr><w:rStyle w:val="S"/></w:rPr><w:t xml:space="preserve">漢 😀⟨U+0001⟩⟨U+202E⟩x</w:t><w:tab/><w:t xml:space="preserve">y</w:t><w:br/><w:t xml:space="preserve">z</w:t></w:r>"#);
    }
}
