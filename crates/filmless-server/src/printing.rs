//! Pictures of a study as pages to print, in place of film: a PDF with the patient's band, a grid of pictures, each with its scale,
//! and the mark that a paper copy of an electronic record carries (Law 20/2023/QH15, article 12).
//!
//! Pictures come from outside; whose they are, how large and whether they lost anything is said by who calls, from the index
//! and the headers. Nothing here does I/O.

mod lettering;
pub mod paper;
mod pdf;
pub mod picture;
mod sheet;
pub mod words;

use self::lettering::typefaces;
use self::paper::{Grid, Paper};
use self::pdf::Document;
pub use self::pdf::PdfError;
use self::picture::Printed;
use self::words::Language;

/// What is printed.
pub struct Print {
    /// On what.
    pub paper: Paper,
    /// How the pictures of a page lie.
    pub grid: Grid,
    /// In which language.
    pub language: Language,
    /// A line over the pictures, or nothing.
    pub title: String,
    /// Pictures are as large as what they show, where that is known.
    pub is_true_size: bool,
    /// The names of what the band says, with what it says.
    pub band: Vec<(words::Label, String)>,
    /// Whose pictures they are.
    pub institution: String,
    /// Who printed, and when, as it is written.
    pub printed_by: String,
    /// When.
    pub printed_at: String,
    /// What the print is looked up by.
    pub code: String,
    /// The pictures.
    pub pictures: Vec<Printed>,
}

impl Print {
    /// The pages.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        let mut document = Document::new(typefaces());
        let pages = self.pictures.chunks(self.grid.pictures());
        let count = pages.len();
        for (number, pictures) in pages.enumerate() {
            let mut page = document.page(self.paper.size_mm());
            sheet::draw(&mut page, self, pictures, (number + 1, count));
            page.finish();
        }
        // No patient stands in what programs show beside a file.
        document.finish(&format!("Filmless {}", self.code))
    }
}
