//! Re-writes a header from any encoding to any other, value by value.
//!
//! Text stays the bytes it was, unless an [`Editor`] says otherwise, and private elements stay what they are: only element
//! headers and the byte order of numbers change. Group lengths are left out. Where the pixels are encoded anew, so are the
//! extended offset tables and sequences that hold compressed pixels (icons), which have no place in a file of another
//! transfer syntax. Sequences get undefined lengths. It walks bytes that are all there, without recursion, and never
//! allocates by a declared length.

use dicom_core::VR;
use filmless_model::attribute::Tag;

use crate::element_header::{put_element, put_header_in, put_item};
use crate::header::{
    Encoding, HeaderError, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, UNDEFINED, dictionary_vr, has_long_length, has_sample_sign,
    is_pixel_data,
};

const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);
/// Sequences within sequences, as elsewhere.
const MAX_DEPTH: usize = 64;

/// An element to put in place of what is there, or where there is none. Of a sequence, items to put behind those there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replacement {
    pub(crate) tag: Tag,
    pub(crate) vr: VR,
    /// Of even length.
    pub(crate) value: Vec<u8>,
}

/// Who looks at the values that pass, and may change them.
pub(crate) trait Editor {
    /// A sequence begins.
    fn sequence(&mut self, tag: Tag);
    /// An item of it begins.
    fn item(&mut self);
    /// The innermost of these ends.
    fn close(&mut self);
    /// What is written in place of a value that is no sequence; `None` leaves the element out.
    fn value(&mut self, tag: Tag, vr: VR, value: Vec<u8>) -> Option<Vec<u8>>;
}

/// What is to change besides the encoding.
#[derive(Default)]
pub(crate) struct Edits<'e> {
    /// In order of tag.
    pub(crate) replacements: &'e [Replacement],
    /// Elements of the data set itself that go, in order.
    pub(crate) removed: &'e [Tag],
    pub(crate) editor: Option<&'e mut dyn Editor>,
    /// The pixels stay as they are, and so does what belongs to them.
    pub(crate) keeps_pixels: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    kind: Kind,
    /// Where it ends, unless a delimiter says so.
    end: Option<usize>,
    encoding: Encoding,
}

struct Element {
    tag: Tag,
    vr: VR,
    length: u32,
    /// Where it begins.
    start: usize,
    /// Where its value begins.
    value: usize,
}

struct Rewriter<'a, 'e> {
    bytes: &'a [u8],
    at: usize,
    encoding: Encoding,
    stack: Vec<Level>,
    signed_samples: bool,
    /// How elements are written.
    target: Encoding,
    out: Vec<u8>,
    /// Where the sequence of the top level began that is being written.
    sequence_start: usize,
    /// It holds compressed pixels and is not to stay.
    unfit: bool,
    /// Items that come behind its own.
    added: Option<Vec<u8>>,
    editor: Option<&'e mut dyn Editor>,
    keeps_pixels: bool,
}

/// Re-writes the elements before Pixel Data, with other pixels to follow; `replacements` are in order of tag.
pub(crate) fn rewrite(
    bytes: &[u8],
    encoding: Encoding,
    target: Encoding,
    replacements: &[Replacement],
) -> Result<Vec<u8>, HeaderError> {
    Ok(edit(bytes, encoding, target, Edits { replacements, ..Edits::default() })?.0)
}

/// Re-writes the elements before Pixel Data; says where that begins in what was read, or where all ends.
pub(crate) fn edit(
    bytes: &[u8],
    encoding: Encoding,
    target: Encoding,
    edits: Edits<'_>,
) -> Result<(Vec<u8>, usize), HeaderError> {
    let mut replacements = edits.replacements;
    let out = Vec::with_capacity(bytes.len() + 1024);
    let mut rewriter = Rewriter {
        bytes,
        at: 0,
        encoding,
        stack: Vec::new(),
        signed_samples: false,
        target,
        out,
        sequence_start: 0,
        unfit: false,
        added: None,
        editor: edits.editor,
        keeps_pixels: edits.keeps_pixels,
    };
    let mut end = bytes.len();
    loop {
        rewriter.close_ended();
        if rewriter.at >= bytes.len() {
            break;
        }
        let element = rewriter.element()?;
        let mut replaced = edits.removed.binary_search(&element.tag).is_ok();
        if rewriter.stack.is_empty() {
            // Pixel Data and what comes behind it are not the header's.
            if is_pixel_data(element.tag) {
                end = element.start;
                break;
            }
            // Extended offset tables are of the fragments that were.
            if element.tag.0 == 0x7FE0 && !rewriter.keeps_pixels {
                rewriter.skip(&element)?;
                continue;
            }
            while let Some((first, rest)) = replacements.split_first().filter(|(first, _)| first.tag <= element.tag) {
                let is_sequence = element.vr == VR::SQ || element.length == UNDEFINED;
                if first.tag == element.tag && first.vr == VR::SQ && is_sequence {
                    rewriter.added = Some(first.value.clone());
                    replacements = rest;
                    break;
                }
                put_element(target, &mut rewriter.out, first.tag, first.vr, &first.value);
                replacements = rest;
            }
            // Also where it stands a second time, or behind its place.
            let is_it = |other: &Replacement| other.tag == element.tag && other.vr != VR::SQ;
            replaced |= edits.replacements.iter().any(is_it);
            if replaced {
                rewriter.skip(&element)?;
                continue;
            }
        }
        rewriter.copy(&element)?;
    }
    if !rewriter.stack.is_empty() {
        return Err(HeaderError::Truncated { offset: rewriter.at as u64 });
    }
    for replacement in replacements {
        put_element(target, &mut rewriter.out, replacement.tag, replacement.vr, &replacement.value);
    }
    Ok((rewriter.out, end))
}

impl Rewriter<'_, '_> {
    fn malformed(&self, what: &'static str) -> HeaderError {
        HeaderError::Malformed { what, offset: self.at as u64 }
    }

    fn encoding(&self) -> Encoding {
        self.stack.last().map_or(self.encoding, |level| level.encoding)
    }

    /// Writes delimiters of what ends here by its length.
    fn close_ended(&mut self) {
        while let Some(level) = self.stack.pop_if(|level| level.end.is_some_and(|end| end <= self.at)) {
            self.close(level.kind);
        }
    }

    fn close(&mut self, kind: Kind) {
        if self.stack.is_empty() {
            self.out.extend(self.added.take().unwrap_or_default());
        }
        if let Some(editor) = &mut self.editor {
            editor.close();
        }
        let tag = if kind == Kind::Item { ITEM_DELIMITER } else { SEQUENCE_DELIMITER };
        put_item(self.target, &mut self.out, tag, 0);
        if self.stack.is_empty() && std::mem::take(&mut self.unfit) {
            self.out.truncate(self.sequence_start);
        }
    }

    /// Reads an element header and moves behind it.
    fn element(&mut self) -> Result<Element, HeaderError> {
        let encoding = self.encoding();
        let header = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>());
        let [t0, t1, t2, t3, a, b, c, d] = *header.ok_or(HeaderError::Truncated { offset: self.at as u64 })?;
        let (tag, long) = (encoding.tag([t0, t1, t2, t3]), encoding.u32([a, b, c, d]));
        let (start, mut value) = (self.at, self.at + 8);
        let (vr, length) = if tag.0 == 0xFFFE {
            (VR::UN, long)
        } else if let Some(vr) = VR::from_binary([a, b]).filter(|_| encoding.explicit) {
            if has_long_length(vr) {
                let length = self.bytes.get(value..).and_then(|rest| rest.first_chunk::<4>());
                value += 4;
                (vr, encoding.u32(*length.ok_or(HeaderError::Truncated { offset: self.at as u64 })?))
            } else {
                (vr, u32::from(encoding.u16([c, d])))
            }
        } else if encoding.explicit && a.is_ascii_uppercase() && b.is_ascii_uppercase() && [c, d] == [0, 0] {
            // A value representation of a later edition (PS3.5 section 7.1.2).
            let length = self.bytes.get(value..).and_then(|rest| rest.first_chunk::<4>());
            value += 4;
            (VR::UN, encoding.u32(*length.ok_or(HeaderError::Truncated { offset: self.at as u64 })?))
        } else if encoding.explicit && a.is_ascii_graphic() && b.is_ascii_graphic() {
            (VR::UN, u32::from(encoding.u16([c, d])))
        } else {
            (self.implied_vr(tag, long), long)
        };
        self.at = value;
        Ok(Element { tag, vr, length, start, value })
    }

    fn implied_vr(&self, tag: Tag, length: u32) -> VR {
        match dictionary_vr(tag) {
            VR::US if self.signed_samples && has_sample_sign(tag) => VR::SS,
            // PS3.5 section 6.2.2: an unknown element of undefined length is a sequence.
            VR::UN if length == UNDEFINED => VR::SQ,
            VR::UN if tag.is_private_creator() => VR::LO,
            vr => vr,
        }
    }

    fn value(&self, element: &Element) -> Result<&[u8], HeaderError> {
        let end = usize::try_from(element.length).ok().and_then(|length| element.value.checked_add(length));
        let value = end.and_then(|end| self.bytes.get(element.value..end));
        value.ok_or(HeaderError::Truncated { offset: self.at as u64 })
    }

    fn end_of(&self, element: &Element) -> Result<Option<usize>, HeaderError> {
        if element.length == UNDEFINED {
            return Ok(None);
        }
        let end = element.value + self.value(element)?.len();
        let within = self.stack.iter().rev().find_map(|level| level.end).is_none_or(|outer| end <= outer);
        if within { Ok(Some(end)) } else { Err(self.malformed("an element reaches past what holds it")) }
    }

    /// Writes one element, or what opens or closes a level.
    fn copy(&mut self, element: &Element) -> Result<(), HeaderError> {
        let top = self.stack.last().copied();
        match (element.tag, top.map(|level| level.kind)) {
            (ITEM, Some(Kind::Sequence)) => {
                let end = self.end_of(element)?;
                if let Some(editor) = &mut self.editor {
                    editor.item();
                }
                put_item(self.target, &mut self.out, ITEM, UNDEFINED);
                self.push(Kind::Item, end, self.encoding())
            }
            (ITEM_DELIMITER, Some(Kind::Item)) | (SEQUENCE_DELIMITER, Some(Kind::Sequence)) => {
                if let Some(level) = self.stack.pop() {
                    self.close(level.kind);
                }
                Ok(())
            }
            (_, Some(Kind::Sequence)) => Err(self.malformed("an element stands where an item must")),
            (Tag(0xFFFE, _), _) => Err(self.malformed("an item or delimiter stands where an element must")),
            (tag, _) if element.vr == VR::SQ || element.length == UNDEFINED => {
                if is_pixel_data(tag) && !self.stack.is_empty() {
                    self.unfit = !self.keeps_pixels;
                    self.skip_fragments()?;
                    // What is left out later may as well be there until then.
                    self.out.extend_from_slice(self.bytes.get(element.start..self.at).unwrap_or_default());
                    return Ok(());
                }
                if !matches!(element.vr, VR::SQ | VR::UN) {
                    return Err(self.malformed("a value of undefined length is no sequence"));
                }
                if self.stack.is_empty() {
                    self.sequence_start = self.out.len();
                }
                if let Some(editor) = &mut self.editor {
                    editor.sequence(tag);
                }
                // PS3.5 section 6.2.2, note 2 of UN: its items are Implicit VR Little Endian.
                let encoding = if element.vr == VR::UN { Encoding::IMPLICIT_LITTLE } else { self.encoding() };
                let end = self.end_of(element)?;
                put_header_in(self.target, &mut self.out, tag, VR::SQ, UNDEFINED);
                self.push(Kind::Sequence, end, encoding)
            }
            (tag, _) => {
                let end = self.end_of(element)?.unwrap_or(self.at);
                let big_endian = self.encoding().big_endian;
                let mut value = self.value(element)?.to_vec();
                if tag == PIXEL_REPRESENTATION && self.stack.is_empty() {
                    self.signed_samples = value.contains(&1);
                }
                if big_endian != self.target.big_endian {
                    crate::pixel::swap_bytes(&mut value, number_bytes(element.vr));
                }
                self.at = end;
                let value = match &mut self.editor {
                    Some(editor) => editor.value(tag, element.vr, value),
                    None => Some(value),
                };
                // Group lengths are wrong once anything changes, and retired.
                if let Some(value) = value.filter(|_| tag.1 != 0) {
                    put_element(self.target, &mut self.out, tag, element.vr, &value);
                }
                Ok(())
            }
        }
    }

    fn push(&mut self, kind: Kind, end: Option<usize>, encoding: Encoding) -> Result<(), HeaderError> {
        if self.stack.len() >= 2 * MAX_DEPTH {
            return Err(HeaderError::TooDeep { limit: MAX_DEPTH });
        }
        self.stack.push(Level { kind, end, encoding });
        Ok(())
    }

    /// Steps over the items of an encapsulated value and their delimiter (PS3.5 section A.4).
    fn skip_fragments(&mut self) -> Result<(), HeaderError> {
        loop {
            let item = self.element()?;
            match item.tag {
                ITEM => self.skip(&item)?,
                SEQUENCE_DELIMITER => return Ok(()),
                _ => return Err(self.malformed("an element stands where a fragment must")),
            }
        }
    }

    /// Steps over an element that is replaced, which is never a sequence.
    fn skip(&mut self, element: &Element) -> Result<(), HeaderError> {
        let end = self.end_of(element)?;
        self.at = end.ok_or_else(|| self.malformed("a value of undefined length is no sequence"))?;
        Ok(())
    }
}

/// Bytes of one number (PS3.5 section 6.2).
fn number_bytes(vr: VR) -> usize {
    match vr {
        VR::AT | VR::OW | VR::SS | VR::US => 2,
        VR::FL | VR::OF | VR::OL | VR::SL | VR::UL => 4,
        VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element_header::put_header;

    fn explicit(tag: Tag, vr: VR, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_header(&mut out, tag, vr, u32::try_from(value.len()).expect("short"));
        out.extend(value);
        out
    }

    fn implicit(tag: Tag, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_item(Encoding::IMPLICIT_LITTLE, &mut out, tag, u32::try_from(value.len()).expect("short"));
        out.extend(value);
        out
    }

    fn rewrite(bytes: &[u8], encoding: Encoding, replacements: &[Replacement]) -> Result<Vec<u8>, HeaderError> {
        super::rewrite(bytes, encoding, Encoding::EXPLICIT_LITTLE, replacements)
    }

    const NAME: Tag = Tag(0x0010, 0x0010);
    const ROWS: Tag = Tag(0x0028, 0x0010);
    const SMALLEST: Tag = Tag(0x0028, 0x0106);
    const REFERENCES: Tag = Tag(0x0008, 0x1140);
    const PRIVATE: Tag = Tag(0x0009, 0x1001);

    #[test]
    fn implicit_elements_get_their_value_representation() {
        let source = [
            implicit(Tag(0x0008, 0), &[9, 0, 0, 0]),
            implicit(REFERENCES, &implicit(ITEM, &implicit(NAME, b"A^B "))),
            implicit(Tag(0x0009, 0x0010), b"ACME"),
            implicit(PRIVATE, &[1, 2]),
            implicit(NAME, b"\xd6^B "),
            implicit(ROWS, &[5, 0]),
            implicit(PIXEL_REPRESENTATION, &[1, 0]),
            implicit(SMALLEST, &[0xff, 0xff]),
            implicit(Tag(0x7FE0, 0x0010), &[1]),
        ];
        let mut item = Vec::new();
        put_header(&mut item, REFERENCES, VR::SQ, UNDEFINED);
        put_item(Encoding::EXPLICIT_LITTLE, &mut item, ITEM, UNDEFINED);
        item.extend(explicit(NAME, VR::PN, b"A^B "));
        for delimiter in [ITEM_DELIMITER, SEQUENCE_DELIMITER] {
            put_item(Encoding::EXPLICIT_LITTLE, &mut item, delimiter, 0);
        }
        let expected = [
            item,
            explicit(Tag(0x0009, 0x0010), VR::LO, b"ACME"),
            explicit(PRIVATE, VR::UN, &[1, 2]),
            explicit(NAME, VR::PN, b"\xd6^B "),
            explicit(ROWS, VR::US, &[5, 0]),
            explicit(PIXEL_REPRESENTATION, VR::US, &[1, 0]),
            explicit(SMALLEST, VR::SS, &[0xff, 0xff]),
        ];
        let rewritten = rewrite(&source.concat(), Encoding::IMPLICIT_LITTLE, &[]).expect("good");
        assert_eq!(rewritten, expected.concat());
        // What it writes it reads, and writes again the same.
        assert_eq!(rewrite(&rewritten, Encoding::EXPLICIT_LITTLE, &[]).expect("good"), rewritten);
        // As Implicit VR it is the same but for what is left out and how sequences end.
        let implicit = super::rewrite(&rewritten, Encoding::EXPLICIT_LITTLE, Encoding::IMPLICIT_LITTLE, &[]).expect("good");
        assert!(implicit.ends_with(&source[2..8].concat()));
        assert_eq!(rewrite(&implicit, Encoding::IMPLICIT_LITTLE, &[]).expect("good"), rewritten);
    }

    #[test]
    fn big_endian_numbers_are_turned_and_text_is_not() {
        let source = [
            vec![0, 0x10, 0, 0x10, b'P', b'N', 0, 4, b'A', b'^', b'B', b' '],
            vec![0, 0x28, 0, 0x10, b'U', b'S', 0, 2, 1, 2],
            vec![0, 0x28, 0x12, 1, b'O', b'W', 0, 0, 0, 0, 0, 4, 1, 2, 3, 4],
        ];
        let expected = [
            explicit(NAME, VR::PN, b"A^B "),
            explicit(ROWS, VR::US, &[2, 1]),
            explicit(Tag(0x0028, 0x1201), VR::OW, &[2, 1, 4, 3]),
        ];
        assert_eq!(rewrite(&source.concat(), Encoding::EXPLICIT_BIG, &[]).expect("good"), expected.concat());
        // And back.
        let back = super::rewrite(&expected.concat(), Encoding::EXPLICIT_LITTLE, Encoding::EXPLICIT_BIG, &[]);
        assert_eq!(back.expect("good"), source.concat());
    }

    #[test]
    fn elements_are_replaced_and_added_in_order() {
        let photometric = Replacement { tag: Tag(0x0028, 0x0004), vr: VR::CS, value: b"RGB ".to_vec() };
        let bits = Replacement { tag: Tag(0x0028, 0x0100), vr: VR::US, value: vec![8, 0] };
        let rgb = explicit(photometric.tag, VR::CS, b"RGB ");
        let eight = explicit(bits.tag, VR::US, &[8, 0]);
        let rows = explicit(ROWS, VR::US, &[5, 0]);
        let old = explicit(photometric.tag, VR::CS, b"YBR_FULL_422");
        let after = explicit(Tag(0x0040, 1), VR::SH, b"x ");
        let replacements = [photometric, bits];
        for (source, expected) in [
            (vec![&old, &rows, &after], vec![&rgb, &rows, &eight, &after]),
            (vec![&rows, &after], vec![&rgb, &rows, &eight, &after]),
            (vec![&rows], vec![&rgb, &rows, &eight]),
            (vec![], vec![&rgb, &eight]),
        ] {
            let join = |parts: Vec<&Vec<u8>>| parts.into_iter().flatten().copied().collect::<Vec<u8>>();
            assert_eq!(rewrite(&join(source), Encoding::EXPLICIT_LITTLE, &replacements).expect("good"), join(expected));
        }
    }

    #[test]
    fn items_are_added_behind_those_of_a_sequence() {
        let item = |name: &[u8]| implicit(ITEM, &explicit(NAME, VR::PN, name));
        let added = Replacement { tag: REFERENCES, vr: VR::SQ, value: item(b"C^D ") };
        let rows = explicit(ROWS, VR::US, &[5, 0]);
        let alone = [explicit(REFERENCES, VR::SQ, &added.value), rows.clone()].concat();
        assert_eq!(rewrite(&rows, Encoding::EXPLICIT_LITTLE, std::slice::from_ref(&added)).expect("good"), alone);
        let source = [explicit(REFERENCES, VR::SQ, &item(b"A^B ")), rows.clone()].concat();
        let rewritten = rewrite(&source, Encoding::EXPLICIT_LITTLE, std::slice::from_ref(&added)).expect("good");
        let first = rewrite(&explicit(REFERENCES, VR::SQ, &item(b"A^B ")), Encoding::EXPLICIT_LITTLE, &[]).expect("good");
        let (open, delimiter) = first.split_at(first.len() - 8);
        assert_eq!(rewritten, [open, &added.value, delimiter, &rows].concat());
    }

    #[test]
    fn a_sequence_with_compressed_pixels_is_left_out() {
        let undefined = |tag, vr| {
            let mut out = Vec::new();
            put_header(&mut out, tag, vr, UNDEFINED);
            out
        };
        let bare = |tag, value: &[u8]| implicit(tag, value);
        let icon = [
            undefined(Tag(0x0088, 0x0200), VR::SQ),
            bare(ITEM, &[explicit(ROWS, VR::US, &[1, 0]), undefined(Tag(0x7FE0, 0x0010), VR::OB)].concat()),
        ]
        .concat();
        // The item's length must count the fragments as well.
        let fragments = [bare(ITEM, &[]), bare(ITEM, &[1, 2]), bare(SEQUENCE_DELIMITER, &[])].concat();
        let mut icon = [icon, fragments].concat();
        let length = u32::try_from(icon.len() - 20).expect("short");
        icon[16..20].copy_from_slice(&length.to_le_bytes());
        icon.extend(bare(SEQUENCE_DELIMITER, &[]));
        let (before, after) = (explicit(ROWS, VR::US, &[5, 0]), explicit(Tag(0x0088, 0x0140), VR::UI, b"1.2\0"));
        let source = [before.clone(), icon, after.clone()].concat();
        let rewritten = rewrite(&source, Encoding::EXPLICIT_LITTLE, &[]).expect("good");
        assert_eq!(rewritten, [before, after].concat());
    }

    #[test]
    fn lengths_that_lie_and_endless_nesting_are_errors() {
        let mut deep = Vec::new();
        for _ in 0..10_000 {
            put_header(&mut deep, REFERENCES, VR::SQ, UNDEFINED);
            put_item(Encoding::EXPLICIT_LITTLE, &mut deep, ITEM, UNDEFINED);
        }
        let mut long = Vec::new();
        put_header(&mut long, Tag(0x0042, 0x0011), VR::OB, 0xFFFF_FFF0);
        let mut escaping = explicit(REFERENCES, VR::SQ, &implicit(ITEM, &explicit(NAME, VR::PN, b"A^B ")));
        escaping[26] = 16;
        escaping.extend(explicit(NAME, VR::PN, b"A^B "));
        for (name, bytes) in [("deep", deep), ("long", long), ("cut", vec![8, 0, 5]), ("escaping", escaping)] {
            assert!(rewrite(&bytes, Encoding::EXPLICIT_LITTLE, &[]).is_err(), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            for encoding in [Encoding::IMPLICIT_LITTLE, Encoding::EXPLICIT_LITTLE, Encoding::EXPLICIT_BIG] {
                for target in [Encoding::IMPLICIT_LITTLE, Encoding::EXPLICIT_LITTLE, Encoding::EXPLICIT_BIG] {
                    let _ = super::rewrite(&bytes, encoding, target, &[]);
                }
            }
        }
    }
}
