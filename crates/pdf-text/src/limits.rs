//! What reading one PDF may take.

/// What reading one PDF may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Pages.
    pub pages: u64,
    /// Bytes of text in all.
    pub text_bytes: u64,
    /// Seconds of the clock, and of the processor.
    pub seconds: u64,
    /// Address space of the reading process.
    pub address_bytes: u64,
}

impl Limits {
    /// A SOC report has some hundred pages and rarely more than 20 MB; a thousand pages of dense tables are 5 MB of text. The
    /// address space holds the program itself, which a debug build makes large, and one expanded stream of a hostile file.
    pub const OF_A_REPORT: Self =
        Self { bytes: 64 << 20, pages: 2_000, text_bytes: 16 << 20, seconds: 60, address_bytes: 2 << 30 };
}
