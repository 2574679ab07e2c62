//! A PDF as far as prints need one: lines of text in two fonts, rules, areas and pictures (ISO 32000-1, PDF 1.7).
//!
//! Places are millimetres from the upper left corner. Fonts are embedded with the letters that are written and no others, and
//! each with what it means, so that text can be searched and copied.

use std::collections::BTreeMap;
use std::io::Write as _;

use ab_glyph::{Font as _, FontRef};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;

use super::paper::Area;
use super::picture::Samples;

/// Points of a millimetre.
const POINTS: f32 = 72.0 / 25.4;

/// Red, green and blue, from 0 to 1.
pub(super) type Colour = [f32; 3];

/// A font of the program.
pub(super) struct Typeface {
    /// What programs call it.
    pub(super) name: &'static str,
    /// A TrueType file.
    pub(super) file: &'static [u8],
    /// The same, to be measured.
    pub(super) measure: &'static FontRef<'static>,
}

/// The letters of a font that are written in a document.
struct Letters {
    typeface: Typeface,
    numbers: GlyphRemapper,
    /// What each of them means, by its new number.
    meanings: BTreeMap<u16, char>,
    /// How wide it is, in thousandths of the size.
    widths: BTreeMap<u16, f32>,
}

impl Letters {
    fn of(typeface: Typeface) -> Self {
        Self { typeface, numbers: GlyphRemapper::new(), meanings: BTreeMap::new(), widths: BTreeMap::from([(0, 600.0)]) }
    }

    /// A text as numbers of letters, two bytes each.
    fn encode(&mut self, text: &str) -> Vec<u8> {
        let measure = self.typeface.measure;
        let units = measure.units_per_em().unwrap_or(1000.0);
        let mut bytes = Vec::new();
        for c in text.chars() {
            let glyph = measure.glyph_id(c);
            let number = self.numbers.remap(glyph.0);
            self.widths.insert(number, measure.h_advance_unscaled(glyph) / units * 1000.0);
            if number != 0 {
                self.meanings.entry(number).or_insert(c);
            }
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}

/// A document, page by page.
pub(super) struct Document {
    pdf: Pdf,
    next: i32,
    tree: Ref,
    pages: Vec<Ref>,
    fonts: Vec<(Ref, Letters)>,
}

/// What is drawn on a page.
pub(super) struct Page<'d> {
    document: &'d mut Document,
    content: Content,
    size_mm: (f32, f32),
    pictures: Vec<Ref>,
}

/// Why a document is not written.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The letters of a font cannot be taken out.
    #[error("the font cannot be embedded")]
    Font(#[from] subsetter::Error),
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes what is written");
    encoder.finish().expect("memory takes what is written")
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl Document {
    pub(super) fn new(typefaces: impl IntoIterator<Item = Typeface>) -> Self {
        let mut document = Self { pdf: Pdf::new(), next: 1, tree: Ref::new(1), pages: Vec::new(), fonts: Vec::new() };
        document.tree = document.reference();
        for typeface in typefaces {
            let reference = document.reference();
            document.fonts.push((reference, Letters::of(typeface)));
        }
        document
    }

    fn reference(&mut self) -> Ref {
        let reference = Ref::new(self.next);
        self.next += 1;
        reference
    }

    /// Begins a page.
    pub(super) fn page(&mut self, size_mm: (f32, f32)) -> Page<'_> {
        Page { document: self, content: Content::new(), size_mm, pictures: Vec::new() }
    }

    /// Embeds a font with its letters (ISO 32000-1, 9.7, Composite Fonts).
    fn embed(&mut self, reference: Ref, letters: &Letters) -> Result<(), PdfError> {
        let [descendant, descriptor, file, meanings] = [(); 4].map(|()| self.reference());
        let Typeface { name, file: bytes, measure } = letters.typeface;
        // A tag before the name says that not all letters are there (9.6.4, Font Subsets).
        let name = format!("FILMLS+{name}");
        let name = Name(name.as_bytes());
        let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        self.pdf
            .type0_font(reference)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(meanings);
        let mut font = self.pdf.cid_font(descendant);
        font.subtype(CidFontType::Type2).base_font(name).system_info(system).font_descriptor(descriptor).default_width(0.0);
        font.cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = font.widths();
        for (letter, width) in &letters.widths {
            widths.consecutive(*letter, [*width]);
        }
        widths.finish();
        font.finish();
        let units = measure.units_per_em().unwrap_or(1000.0);
        let (ascent, descent) = (measure.ascent_unscaled() / units * 1000.0, measure.descent_unscaled() / units * 1000.0);
        self.pdf
            .font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(-500.0, descent, 2000.0, ascent))
            .italic_angle(0.0)
            .ascent(ascent)
            .descent(descent)
            .cap_height(700.0)
            .stem_v(80.0)
            .font_file2(file);
        let subset = subsetter::subset(bytes, 0, &letters.numbers)?;
        let packed = deflated(&subset);
        let mut stream = self.pdf.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), number(subset.len()));
        stream.finish();
        let mut map = UnicodeCmap::new(Name(b"Filmless"), system);
        for (letter, meaning) in &letters.meanings {
            map.pair(*letter, *meaning);
        }
        let map = map.finish();
        self.pdf.cmap(meanings, &map);
        Ok(())
    }

    /// The file.
    pub(super) fn finish(mut self, title: &str) -> Result<Vec<u8>, PdfError> {
        for (reference, letters) in std::mem::take(&mut self.fonts) {
            self.embed(reference, &letters)?;
        }
        let [catalog, info] = [(); 2].map(|()| self.reference());
        self.pdf.catalog(catalog).pages(self.tree);
        self.pdf.pages(self.tree).kids(self.pages.iter().copied()).count(number(self.pages.len()));
        self.pdf.document_info(info).title(TextStr(title)).creator(TextStr("Filmless")).producer(TextStr("Filmless"));
        Ok(self.pdf.finish())
    }
}

impl Page<'_> {
    fn y(&self, y: f32) -> f32 {
        (self.size_mm.1 - y) * POINTS
    }

    fn rect(&mut self, area: Area) {
        let bottom = self.y(area.bottom());
        self.content.rect(area.left * POINTS, bottom, area.width * POINTS, area.height * POINTS);
    }

    /// Fills an area.
    pub(super) fn fill(&mut self, area: Area, [red, green, blue]: Colour) {
        self.content.set_fill_rgb(red, green, blue);
        self.rect(area);
        self.content.fill_nonzero();
    }

    /// Draws a line through these points.
    pub(super) fn rule(&mut self, points: &[(f32, f32)], width_mm: f32, [red, green, blue]: Colour) {
        self.content.set_stroke_rgb(red, green, blue).set_line_width(width_mm * POINTS);
        for (place, (x, y)) in points.iter().enumerate() {
            let (x, y) = (x * POINTS, self.y(*y));
            if place == 0 {
                self.content.move_to(x, y);
            } else {
                self.content.line_to(x, y);
            }
        }
        self.content.stroke();
    }

    /// Writes a text from here on, in one of the fonts, so many points high.
    pub(super) fn text(&mut self, text: &str, (x, y): (f32, f32), font: usize, size: f32, [red, green, blue]: Colour) {
        let Some((_, letters)) = self.document.fonts.get_mut(font) else { return };
        let encoded = letters.encode(text);
        let y = self.y(y);
        let name = font_name(font);
        self.content.set_fill_rgb(red, green, blue);
        self.content.begin_text().set_font(Name(name.as_bytes()), size).next_line(x * POINTS, y).show(Str(&encoded)).end_text();
    }

    /// Draws samples where they are placed, as far as there is room.
    pub(super) fn picture(&mut self, room: Area, placed: Area, samples: &Samples) {
        let reference = self.document.reference();
        let packed = deflated(samples.bytes());
        let (width, height) = samples.sides();
        let mut image = self.document.pdf.image_xobject(reference, &packed);
        image.filter(Filter::FlateDecode);
        image.width(width.cast_signed()).height(height.cast_signed()).bits_per_component(8).interpolate(true);
        if samples.is_grey() {
            image.color_space().device_gray();
        } else {
            image.color_space().device_rgb();
        }
        image.finish();
        let name = picture_name(self.pictures.len());
        self.pictures.push(reference);
        self.content.save_state();
        self.rect(room);
        self.content.clip_nonzero().end_path();
        let bottom = self.y(placed.bottom());
        self.content.transform([placed.width * POINTS, 0.0, 0.0, placed.height * POINTS, placed.left * POINTS, bottom]);
        self.content.x_object(Name(name.as_bytes())).restore_state();
    }

    /// Ends the page.
    pub(super) fn finish(self) {
        let Self { document, content, size_mm, pictures } = self;
        let [page_id, content_id] = [(); 2].map(|()| document.reference());
        let packed = deflated(&content.finish());
        document.pdf.stream(content_id, &packed).filter(Filter::FlateDecode);
        let mut page = document.pdf.page(page_id);
        page.media_box(Rect::new(0.0, 0.0, size_mm.0 * POINTS, size_mm.1 * POINTS)).parent(document.tree).contents(content_id);
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        for (place, (reference, _)) in document.fonts.iter().enumerate() {
            fonts.pair(Name(font_name(place).as_bytes()), *reference);
        }
        fonts.finish();
        let mut objects = resources.x_objects();
        for (place, reference) in pictures.iter().enumerate() {
            objects.pair(Name(picture_name(place).as_bytes()), *reference);
        }
        objects.finish();
        resources.finish();
        page.finish();
        document.pages.push(page_id);
    }
}

fn font_name(place: usize) -> String {
    format!("F{place}")
}

fn picture_name(place: usize) -> String {
    format!("I{place}")
}
