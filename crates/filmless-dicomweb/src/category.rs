//! As what an instance is shown to programs that know nothing of DICOM (PS3.18 section 8.7.2, DICOM Resource Categories;
//! our own where the standard leaves it to the server): its SOP class and its transfer syntax tell.

use filmless_index::StoredInstance;

use crate::transfer_syntax::{codestream_type, is_deflated};

/// What the storage SOP classes begin with (PS3.6 annex A, Registry of DICOM Unique Identifiers).
const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";

/// What an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// Frames that can be shown one by one.
    Image,
    /// A stream of moving pictures.
    Video,
    /// A document of another format in a DICOM envelope (PS3.3 section A.45, Encapsulated Document IODs).
    Document,
    /// A Structured Report, or a Key Object Selection.
    Report,
    /// Curves over time, such as an ECG.
    Waveform,
    /// How an image is to be shown: a Grayscale or Color Softcopy Presentation State.
    PresentationState,
    /// A presentation state of another kind, which is not followed here: pseudo-colour, blending, volumes, boards.
    OtherPresentationState,
    /// Nothing that could be shown: plans, structure sets, sound, raw data.
    Other,
}

impl Category {
    /// The category of an instance.
    pub fn of(stored: &StoredInstance) -> Self {
        let class = Self::of_class(stored.sop_class.as_str());
        let transfer_syntax = &stored.version.transfer_syntax;
        let is_video = codestream_type(transfer_syntax.as_str()).is_some_and(|essence| essence.starts_with("video/"));
        match stored.version.frames.count() {
            _ if class != Self::Other => class,
            0 if !is_deflated(transfer_syntax) => class,
            _ if is_video => Self::Video,
            _ => Self::Image,
        }
    }

    /// What instances of a SOP class are that says it; those of the others are what their pixels are.
    fn of_class(sop_class: &str) -> Self {
        let mut arcs = sop_class.strip_prefix(STORAGE).unwrap_or_default().split('.');
        match (arcs.next().unwrap_or_default(), arcs.next()) {
            ("104", Some(_)) => Self::Document,
            ("88", Some(_)) => Self::Report,
            ("11", Some("1" | "2")) => Self::PresentationState,
            ("11", Some(_)) => Self::OtherPresentationState,
            // Of the waveforms, those of sound are to be heard.
            ("9", Some("4")) => Self::Other,
            ("9", Some(_)) => Self::Waveform,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sop_class_tells_what_has_no_pixels() {
        for (class, expected) in [
            ("1.2.840.10008.5.1.4.1.1.104.1", Category::Document),
            ("1.2.840.10008.5.1.4.1.1.104.5", Category::Document),
            ("1.2.840.10008.5.1.4.1.1.88.11", Category::Report),
            ("1.2.840.10008.5.1.4.1.1.88.59", Category::Report),
            ("1.2.840.10008.5.1.4.1.1.9.1.1", Category::Waveform),
            ("1.2.840.10008.5.1.4.1.1.9.4.2", Category::Other),
            ("1.2.840.10008.5.1.4.1.1.11.1", Category::PresentationState),
            ("1.2.840.10008.5.1.4.1.1.11.12", Category::OtherPresentationState),
            ("1.2.840.10008.5.1.4.1.1.481.3", Category::Other),
            ("1.2.840.10008.5.1.4.1.1.88", Category::Other),
            ("1.2.840.10008.5.1.4.1.1.2", Category::Other),
            ("2.25.104.1", Category::Other),
        ] {
            assert_eq!(Category::of_class(class), expected, "{class}");
        }
    }
}
