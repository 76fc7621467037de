//! Glyphs with places become lines of words.
#![expect(clippy::float_arithmetic, reason = "places of glyphs on a page; no figure is computed from them")]

use kurbo::{Affine, Point};

/// A gap of this share of the type's size parts two words; letters of one word stand closer, also where they are spread.
const WORD_GAP: f64 = 0.18;

/// A gap of so many sizes parts two cells of a row.
const CELL_GAP: f64 = 1.6;

/// A glyph that stands higher or lower than this share of the size begins another line; footnote marks stand closer.
const LINE_STEP: f64 = 0.55;

/// One glyph's words and place.
pub(crate) struct Placed<'t> {
    pub(crate) text: &'t str,
    /// From the glyph's own space to the page.
    pub(crate) place: Affine,
    /// How far the pen moves, in thousandths of the glyph's size, if the font says.
    pub(crate) advance: Option<f64>,
}

/// Lines in the order of drawing: producers draw a paragraph, and a cell of a table, in one go.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    done: Vec<String>,
    line: String,
    /// Where the pen is after the last glyph, and the size of that.
    pen: Option<(Point, f64)>,
}

impl Lines {
    pub(crate) fn add(&mut self, glyph: &Placed<'_>) {
        let at = glyph.place * Point::ORIGIN;
        let right = glyph.place * Point::new(1.0, 0.0) - at;
        let up = glyph.place * Point::new(0.0, 1.0) - at;
        // Outlines are a thousand units high.
        let size = up.hypot() * 1000.0;
        if !(at.x.is_finite() && at.y.is_finite() && size.is_finite()) {
            return;
        }
        if let Some((pen, before)) = self.pen {
            let size = size.max(before).max(f64::MIN_POSITIVE);
            let gap = at.x - pen.x;
            if (at.y - pen.y).abs() > LINE_STEP * size || gap < -size {
                self.end_line();
            } else if gap > CELL_GAP * size {
                self.line.push('\t');
            } else if gap > WORD_GAP * size && !self.line.ends_with([' ', '\t']) {
                self.line.push(' ');
            }
        }
        self.line.extend(glyph.text.chars().map(|c| if c.is_control() || c == '\u{a0}' { ' ' } else { c }));
        // Half the size is a letter's usual width where the font does not say.
        let advance = glyph.advance.unwrap_or(500.0);
        self.pen = Some((at + right * advance, size));
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let cells: Vec<String> =
            line.split('\t').map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let line = cells.join("\t").trim().to_owned();
        if !line.is_empty() {
            self.done.push(line);
        }
    }

    pub(crate) fn finish(mut self) -> Vec<String> {
        self.end_line();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(glyphs: &[(&str, f64, f64)]) -> Vec<String> {
        let mut lines = Lines::default();
        for (text, x, y) in glyphs {
            let place = Affine::translate((*x, *y)) * Affine::scale(0.01);
            lines.add(&Placed { text, place, advance: Some(500.0) });
        }
        lines.finish()
    }

    #[test]
    fn gaps_part_words_cells_and_lines() {
        // Ten points high, five wide.
        assert_eq!(lines(&[("a", 0.0, 0.0), ("b", 5.0, 0.0), ("c", 12.0, 0.0)]), ["ab c"]);
        assert_eq!(lines(&[("a", 0.0, 0.0), ("b", 60.0, 0.0)]), ["a\tb"]);
        assert_eq!(lines(&[("a", 0.0, 0.0), ("1", 5.0, 4.0)]), ["a1"]);
        assert_eq!(lines(&[("a", 0.0, 12.0), ("b", 0.0, 0.0)]), ["a", "b"]);
        assert_eq!(lines(&[("a", 90.0, 0.0), ("b", 0.0, 0.0)]), ["a", "b"]);
        assert_eq!(lines(&[(" ", 0.0, 0.0), (" ", 5.0, 40.0)]), [""; 0]);
        assert_eq!(lines(&[("a", f64::NAN, 0.0), ("b", 0.0, 0.0)]), ["b"]);
    }
}
