//! A firm's Word template: its styles, theme, list numbering and page.

use super::{
    archive::{Archive, attribute, each_element},
    style::Styles,
};
use crate::Error;

/// What a document is written in.
#[derive(Clone, Debug)]
pub struct WordTemplate {
    pub(super) styles: Styles,
    pub(super) theme: Option<String>,
    /// The part `word/numbering.xml`, and the first numbers that it leaves free for definitions and for lists.
    pub(super) numbering: Option<String>,
    pub(super) free_definition: u32,
    pub(super) free_list: u32,
    pub(super) page: Page,
}

impl WordTemplate {
    /// Our own styles on letter paper.
    pub(super) fn ours() -> Result<Self, Error> {
        Ok(Self {
            styles: Styles::ours()?,
            theme: None,
            numbering: None,
            free_definition: 0,
            free_list: 1,
            page: Page::LETTER,
        })
    }

    /// Reads a template. It needs the styles Normal, Title, heading 1 to 4, caption, List Bullet, List Number and Table Grid;
    /// an error names those that are missing.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |because: String| Error::Template { because };
        let mut archive = Archive::open(bytes, ".docx, .dotx", refuse)?;
        let styles = archive.required("word/styles.xml")?;
        let document = archive.required("word/document.xml")?;
        let numbering = archive.part("word/numbering.xml")?.filter(|xml| xml.contains("</w:numbering>"));
        if numbering.as_deref().is_some_and(|xml| xml.contains("w:numPicBullet")) {
            return Err(refuse(
                "its lists have pictures for bullets, which a document of ours cannot carry".to_owned(),
            ));
        }
        let highest = |element: &str, name: &str| -> Result<Option<u32>, Error> {
            let Some(xml) = &numbering else { return Ok(None) };
            let mut highest = None;
            let read = each_element(xml, |found| {
                if found.name().as_ref() == element {
                    highest = highest.max(attribute(found, name)?.and_then(|number| number.parse().ok()));
                }
                Ok(())
            });
            archive.within("word/numbering.xml", read.map(|()| highest))
        };
        let free_definition =
            highest("w:abstractNum", "w:abstractNumId")?.map_or(0, |number: u32| number.saturating_add(1));
        let free_list = highest("w:num", "w:numId")?.map_or(1, |number: u32| number.saturating_add(1));
        let page = archive.within("word/document.xml", Page::of(&document))?;
        // A theme that refers to pictures would be broken without them.
        let theme = archive.part("word/theme/theme1.xml")?.filter(|xml| !xml.contains("r:embed"));
        Ok(Self { styles: Styles::of_template(styles)?, theme, numbering, free_definition, free_list, page })
    }

    /// The number of the first numbered list; bullets have the one before.
    pub(super) fn first_list(&self) -> u32 {
        self.free_list.saturating_add(1)
    }
}

/// A page, in twentieths of a point.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) top: u32,
    pub(super) bottom: u32,
}

impl Page {
    /// US Letter with an inch around.
    const LETTER: Self = Self { width: 12_240, height: 15_840, left: 1_440, right: 1_440, top: 1_584, bottom: 1_440 };

    /// The page of a template's last section; letter paper where it says nothing.
    fn of(document: &str) -> Result<Self, quick_xml::Error> {
        let mut page = Self::LETTER;
        each_element(document, |element| {
            let take = |name: &str, into: &mut u32| -> Result<(), quick_xml::Error> {
                if let Some(value) = attribute(element, name)?.and_then(|value| value.parse().ok()) {
                    *into = value;
                }
                Ok(())
            };
            match element.name().as_ref() {
                "w:pgSz" => {
                    take("w:w", &mut page.width)?;
                    take("w:h", &mut page.height)
                }
                "w:pgMar" => {
                    take("w:left", &mut page.left)?;
                    take("w:right", &mut page.right)?;
                    take("w:top", &mut page.top)?;
                    take("w:bottom", &mut page.bottom)
                }
                _ => Ok(()),
            }
        })?;
        Ok(page)
    }

    /// The width that margins leave; at least an inch, whatever a template says.
    pub(super) fn text_width(&self) -> u32 {
        self.width.saturating_sub(self.left).saturating_sub(self.right).clamp(1_440, 31_680)
    }
}
