//! Papers and films, and how pictures lie on them. Millimetres from the upper left corner.

/// Sizes that are printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 210 × 297 mm (ISO 216).
    A4,
    /// 297 × 420 mm.
    A3,
    /// 8 × 10 inches.
    Film8x10,
    /// 11 × 14 inches.
    Film11x14,
    /// 14 × 17 inches.
    Film14x17,
}

impl Format {
    /// All of them, with their words.
    pub const ALL: [(&'static str, Self); 5] = [
        ("a4", Self::A4),
        ("a3", Self::A3),
        ("film-8x10", Self::Film8x10),
        ("film-11x14", Self::Film11x14),
        ("film-14x17", Self::Film14x17),
    ];

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, format)| *format)
    }

    fn size_mm(self) -> (f32, f32) {
        let inches = |width: f32, height: f32| (width * 25.4, height * 25.4);
        match self {
            Self::A4 => (210.0, 297.0),
            Self::A3 => (297.0, 420.0),
            Self::Film8x10 => inches(8.0, 10.0),
            Self::Film11x14 => inches(11.0, 14.0),
            Self::Film14x17 => inches(14.0, 17.0),
        }
    }
}

/// What is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Its size.
    pub format: Format,
    /// Whether it lies on its longer side.
    pub is_landscape: bool,
}

impl Paper {
    /// Width and height.
    pub fn size_mm(self) -> (f32, f32) {
        let (width, height) = self.format.size_mm();
        if self.is_landscape { (height, width) } else { (width, height) }
    }

    /// Film is black where nothing is, paper is not.
    pub fn is_film(self) -> bool {
        !matches!(self.format, Format::A4 | Format::A3)
    }
}

/// The most rows, and the most columns.
pub const MOST_ROWS: u8 = 8;

/// Rows and columns of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    rows: u8,
    columns: u8,
}

impl Grid {
    /// A grid, unless it has no cell or too many.
    pub fn new(rows: u8, columns: u8) -> Option<Self> {
        let legal = 1..=MOST_ROWS;
        (legal.contains(&rows) && legal.contains(&columns)).then_some(Self { rows, columns })
    }

    /// How many pictures a page has.
    pub fn pictures(self) -> usize {
        usize::from(self.rows) * usize::from(self.columns)
    }

    /// The cell of a picture of a page, within an area.
    pub fn cell(self, area: Area, number: usize, gap: f32) -> Area {
        let side = |whole: f32, count: u8| (whole - gap * f32::from(count - 1)) / f32::from(count);
        let (width, height) = (side(area.width, self.columns), side(area.height, self.rows));
        let columns = usize::from(self.columns);
        let place = |at: usize| f32::from(u8::try_from(at).unwrap_or(u8::MAX));
        let (row, column) = (place(number / columns), place(number % columns));
        Area { left: area.left + column * (width + gap), top: area.top + row * (height + gap), width, height }
    }
}

/// A rectangle of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// From the left edge of the page.
    pub left: f32,
    /// From the upper edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

impl Area {
    /// The right edge.
    pub fn right(&self) -> f32 {
        self.left + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f32 {
        self.top + self.height
    }

    /// An area of this size in the middle of it, which may be larger.
    #[must_use]
    pub fn middle(&self, width: f32, height: f32) -> Self {
        Self { left: self.left + (self.width - width) / 2.0, top: self.top + (self.height - height) / 2.0, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fill_the_area_in_reading_order() {
        let grid = Grid::new(2, 3).expect("legal");
        let area = Area { left: 10.0, top: 20.0, width: 304.0, height: 102.0 };
        assert_eq!(grid.cell(area, 0, 2.0), Area { left: 10.0, top: 20.0, width: 100.0, height: 50.0 });
        let last = grid.cell(area, 5, 2.0);
        assert_eq!((last.left, last.top), (214.0, 72.0));
        assert_eq!((last.right(), last.bottom()), (area.right(), area.bottom()));
    }

    #[test]
    fn grids_and_papers_have_their_bounds() {
        assert!([(0, 1), (1, 0), (9, 1), (1, 9)].iter().all(|(rows, columns)| Grid::new(*rows, *columns).is_none()));
        assert_eq!(Format::parse("letter"), None);
        let film = Paper { format: Format::parse("film-14x17").expect("known"), is_landscape: true };
        let (width, height) = film.size_mm();
        assert!((width - 431.8).abs() < 0.01 && (height - 355.6).abs() < 0.01, "{width} {height}");
    }
}
