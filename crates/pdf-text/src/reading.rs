//! The PDF's pages through the interpreter of drawing instructions.

use std::sync::Arc;

use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask,
    font::Glyph,
    hayro_cmap::BfString,
    hayro_syntax::{LoadPdfError, Pdf, page::Page},
    interpret_page,
};
use kurbo::{Affine, BezPath, Rect};

use crate::{
    Error, Limits, PageText,
    lines::{Lines, Placed},
};

/// Readers take a file whose first bytes are something else, up to here.
const HEADER_WITHIN: usize = 1024;

/// The text of each page.
pub(crate) fn read(bytes: Vec<u8>, limits: &Limits) -> Result<Vec<PageText>, Error> {
    let head = bytes.get(..HEADER_WITHIN.min(bytes.len())).unwrap_or_default();
    if !head.windows(5).any(|window| window == b"%PDF-") {
        return Err(Error::NoPdf);
    }
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Error::Encrypted,
        LoadPdfError::Invalid => Error::Broken,
    })?;
    let pages = pdf.pages();
    let count = pages.len() as u64;
    if count > limits.pages {
        return Err(Error::TooManyPages { pages: count, most: limits.pages });
    }
    let mut texts = Vec::new();
    let mut left = limits.text_bytes;
    for (number, page) in (1..).zip(pages.iter()) {
        let text = page_text(&pdf, page, left).ok_or(Error::TooMuchText { page: number, most: limits.text_bytes })?;
        left = left.saturating_sub(text.lines.iter().map(|line| line.len() as u64).sum());
        texts.push(text);
    }
    if texts.is_empty() {
        return Err(Error::Broken);
    }
    if texts.iter().all(PageText::is_empty) {
        return Err(Error::Scanned { pages: u32::try_from(texts.len()).unwrap_or(u32::MAX) });
    }
    Ok(texts)
}

/// None if the page holds more than `most` bytes of text.
fn page_text<'a>(pdf: &'a Pdf, page: &Page<'a>, most: u64) -> Option<PageText> {
    let (width, height) = page.render_dimensions();
    let settings = InterpreterSettings {
        // A standard font that the file does not hold is asked for by name. Only its characters count here, so that any font
        // will do; without one, nothing would be drawn.
        font_resolver: Arc::new(|_| {
            let font = typst_assets::fonts().next()?;
            Some((Arc::new(font), 0))
        }),
        // What a person wrote on the report afterwards is no part of it.
        render_annotations: false,
        ..InterpreterSettings::default()
    };
    let cache = InterpreterCache::new();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
    let mut words = Words { most, ..Words::default() };
    interpret_page(page, &mut context, &mut words);
    (words.bytes <= most).then(|| PageText { lines: words.lines.finish(), has_hidden_words: words.hidden })
}

/// A device that keeps words and drops everything that is drawn.
#[derive(Default)]
struct Words {
    lines: Lines,
    bytes: u64,
    most: u64,
    hidden: bool,
}

impl<'a> Device<'a> for Words {
    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'a>,
        transform: Affine,
        glyph_transform: Affine,
        _: &Paint<'a>,
        mode: &GlyphDrawMode,
    ) {
        let text = match glyph.as_unicode() {
            Some(BfString::Char(char)) => char.to_string(),
            Some(BfString::String(text)) => text,
            // A glyph that stands for no character shows as one, so that a word with a hole is not taken for another.
            None => char::REPLACEMENT_CHARACTER.to_string(),
        };
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        if self.bytes > self.most {
            return;
        }
        self.hidden |= matches!(mode, GlyphDrawMode::Invisible);
        let advance = match glyph {
            Glyph::Outline(outline) => outline.advance_width().map(f64::from),
            Glyph::Type3(_) => None,
        };
        self.lines.add(&Placed { text: &text, place: transform * glyph_transform, advance });
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'a>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
