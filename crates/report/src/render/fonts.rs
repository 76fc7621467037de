//! The fonts compiled into the binary, and which characters they can draw.

use std::sync::LazyLock;

use tickmark_canonical::Digest;
use typst::{
    foundations::Bytes,
    text::{Font, FontBook},
    utils::LazyHash,
};

/// The fonts with the book the typesetter chooses from.
pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) fonts: Vec<Font>,
}

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

static DIGEST: LazyLock<Digest> = LazyLock::new(|| Digest::of_parts(&typst_assets::fonts().collect::<Vec<_>>()));

/// The embedded fonts.
pub(crate) fn embedded() -> &'static Fonts {
    &FONTS
}

/// The digest over all fonts' bytes.
pub(crate) fn digest() -> Digest {
    *DIGEST
}

/// Whether some embedded font draws the character. Line breaks and tabs are layout, not characters.
pub(crate) fn draws(character: char) -> bool {
    if matches!(character, '\n' | '\t') {
        return true;
    }
    // A character that is drawn as nothing, or that reorders its neighbors, could make a page say what its text does not.
    if character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    {
        return false;
    }
    character.is_ascii() || FONTS.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
}
