//! A header in memory, as an object of dicom-rs, for those who need more of it than the record: rendering, DICOMDIR, tests.
//!
//! It is read by the same guarded tokenizer as [`crate::header`], not by dicom-object's own reader, which overflows the
//! stack on nested sequences, allocates what lengths declare and lets character sets leak out of items. So what was
//! accepted at the door is read alike here, mislabelled data sets included. Pixel data is not kept.
//!
//! What is made in memory is written here too: keys and answers, which are short. No instance is.

use dicom_core::header::{DataElement, Length};
use dicom_core::value::{C, DataSetSequence, PrimitiveValue, Value};
use dicom_core::{Tag as CoreTag, VR};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex as _;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;

use crate::header::{Encoding, HeaderError, HeaderLimits, Inflater, Syntax, Token, Tokenizer, is_pixel_data};
use crate::text::{SpecificCharacterSet, is_text};

/// Longer values of a header are left out. The longest that rendering needs are look-up tables and overlays.
const MAX_VALUE_BYTES: usize = 16 << 20;
/// Longer texts are not split into values: each would cost more than its bytes.
const MAX_DIVIDED_BYTES: usize = 64 << 10;
/// Nor are texts once a data set has so many values.
const MAX_DIVIDED_VALUES: usize = 1_000_000;
/// A data set in memory has so many elements at most.
const MAX_ELEMENTS: u64 = 1_000_000;
const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);

/// Reads a data set up to its Pixel Data, or up to its end if it has none. Of elements that stand twice, the first counts.
///
/// `bytes` begin with the data set, and may end within or behind Pixel Data. A deflated data set is inflated, within
/// the bounds of [`HeaderLimits`].
pub fn read_header(bytes: &[u8], transfer_syntax: &TransferSyntaxUid) -> Result<InMemDicomObject, HeaderError> {
    let syntax = Syntax::of(transfer_syntax);
    let limits = HeaderLimits { max_value_bytes: MAX_VALUE_BYTES, max_elements: MAX_ELEMENTS, ..HeaderLimits::default() };
    let mut tokenizer = Tokenizer::new(syntax.encoding, 0, &limits, MAX_VALUE_BYTES);
    let mut builder = Builder::new();
    if syntax.deflated {
        let mut inflater = Inflater::new(limits.max_free_inflation, limits.max_inflated_ratio);
        for piece in bytes.chunks(64 << 10) {
            inflater.push(piece, |inflated| builder.feed(&mut tokenizer, inflated))?;
            if builder.complete {
                break;
            }
        }
        if !builder.complete {
            inflater.finish()?;
        }
    } else {
        builder.feed(&mut tokenizer, bytes)?;
    }
    if !builder.complete {
        tokenizer.finish()?;
    }
    builder.levels.pop().map(|level| level.object).ok_or(HeaderError::Truncated { offset: 0 })
}

/// Writes a data set whose texts are decoded: where one has more than ASCII all are in UTF-8, and Specific Character Set says so.
///
/// `None` if the transfer syntax is none of the uncompressed ones.
pub(crate) fn write(mut object: InMemDicomObject, transfer_syntax: &TransferSyntaxUid) -> Option<Vec<u8>> {
    let transfer_syntax = TransferSyntaxRegistry.get(transfer_syntax.as_str()).filter(|syntax| syntax.is_codec_free())?;
    if !object.iter().all(is_ascii) {
        let Tag(group, element) = SPECIFIC_CHARACTER_SET;
        object.put(DataElement::new(CoreTag(group, element), VR::CS, PrimitiveValue::from("ISO_IR 192")));
    }
    let mut bytes = Vec::new();
    object.write_dataset_with_ts(&mut bytes, transfer_syntax).ok()?;
    Some(bytes)
}

fn is_ascii(element: &DataElement<InMemDicomObject>) -> bool {
    match element.value() {
        Value::Sequence(sequence) => sequence.items().iter().all(|item| item.iter().all(is_ascii)),
        Value::Primitive(PrimitiveValue::Str(text)) => text.is_ascii(),
        Value::Primitive(PrimitiveValue::Strs(texts)) => texts.iter().all(|text| text.is_ascii()),
        Value::Primitive(_) | Value::PixelSequence(_) => true,
    }
}

/// Inflates a deflated data set (1.2.840.10008.1.2.1.99) whole, if it stays within `max_bytes` and in proportion.
pub fn inflate(bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, HeaderError> {
    let limits = HeaderLimits::default();
    let mut inflater = Inflater::new(limits.max_free_inflation, limits.max_inflated_ratio);
    let mut out = Vec::new();
    inflater.push(bytes, |inflated| {
        if out.len() + inflated.len() > max_bytes {
            return Err(HeaderError::InflatesTooMuch { limit: limits.max_inflated_ratio });
        }
        out.extend_from_slice(inflated);
        Ok(())
    })?;
    inflater.finish()?;
    Ok(out)
}

/// A data set or item that is being read.
struct Level {
    object: InMemDicomObject,
    character_set: SpecificCharacterSet,
}

struct Builder {
    levels: Vec<Level>,
    /// Open sequences with the items they have so far.
    sequences: Vec<(Tag, C<InMemDicomObject>)>,
    /// Pixel Data was reached.
    complete: bool,
    /// Values that texts may still be divided into.
    divisible: usize,
}

impl Builder {
    fn new() -> Self {
        let level = Level { object: InMemDicomObject::new_empty(), character_set: SpecificCharacterSet::default() };
        Self { levels: vec![level], sequences: Vec::new(), complete: false, divisible: MAX_DIVIDED_VALUES }
    }

    fn feed(&mut self, tokenizer: &mut Tokenizer, mut bytes: &[u8]) -> Result<(), HeaderError> {
        while !self.complete
            && let Some(token) = tokenizer.next(&mut bytes)?
        {
            let signed = self.take(token);
            tokenizer.signed_samples = signed.unwrap_or(tokenizer.signed_samples);
        }
        Ok(())
    }

    /// Takes a token; says whether samples are signed if it is the one that tells.
    fn take(&mut self, token: Token<'_>) -> Option<bool> {
        match token {
            Token::Value { tag, vr, big_endian, bytes } => {
                let encoding = Encoding { explicit: true, big_endian };
                let level = self.levels.last_mut()?;
                let value = if is_text(vr) {
                    if tag == SPECIFIC_CHARACTER_SET {
                        level.character_set = SpecificCharacterSet::parse(bytes).0;
                    }
                    text(vr, &level.character_set.decode(bytes).0, &mut self.divisible)
                } else {
                    binary(vr, encoding, bytes)
                };
                let signed = (tag == Tag(0x0028, 0x0103)).then(|| value.to_int::<u16>().is_ok_and(|number| number == 1));
                self.put(tag, vr, Value::Primitive(value));
                return signed.filter(|_| self.levels.len() == 1);
            }
            Token::Bulk { tag, .. } | Token::FragmentsStart { tag, .. } if is_pixel_data(tag) && self.levels.len() == 1 => {
                self.complete = true;
            }
            // Encapsulated values other than Pixel Data, and values past the bound, are left out.
            Token::FragmentsStart { .. }
            | Token::FragmentsEnd { .. }
            | Token::Fragment { .. }
            | Token::Bulk { .. }
            | Token::Table { .. } => {}
            Token::SequenceStart { tag } => self.sequences.push((tag, C::new())),
            Token::SequenceEnd => {
                let (tag, items) = self.sequences.pop()?;
                self.put(tag, VR::SQ, Value::Sequence(DataSetSequence::new(items, Length::UNDEFINED)));
            }
            Token::ItemStart => {
                let character_set = self.levels.last()?.character_set.clone();
                self.levels.push(Level { object: InMemDicomObject::new_empty(), character_set });
            }
            Token::ItemEnd => {
                let item = self.levels.pop()?.object;
                if let Some((_, items)) = self.sequences.last_mut() {
                    items.push(item);
                }
            }
        }
        None
    }

    fn put(&mut self, tag: Tag, vr: VR, value: Value<InMemDicomObject>) {
        let tag = CoreTag(tag.0, tag.1);
        if let Some(level) = self.levels.last_mut()
            && level.object.get(tag).is_none()
        {
            level.object.put(DataElement::new(tag, vr, value));
        }
    }
}

fn text(vr: VR, text: &str, divisible: &mut usize) -> PrimitiveValue {
    let text = text.trim_end_matches(['\0', ' ']);
    if text.is_empty() {
        return PrimitiveValue::Empty;
    }
    let backslashes = text.bytes().filter(|byte| *byte == b'\\').count();
    let undivided = matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR) || text.len() > MAX_DIVIDED_BYTES;
    if undivided || backslashes == 0 || backslashes >= *divisible {
        return PrimitiveValue::Str(text.to_owned());
    }
    *divisible -= backslashes;
    PrimitiveValue::Strs(text.split('\\').map(str::to_owned).collect())
}

fn binary(vr: VR, encoding: Encoding, bytes: &[u8]) -> PrimitiveValue {
    fn all<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> C<T> {
        let (numbers, _) = bytes.as_chunks::<N>();
        numbers.iter().map(|raw| read(*raw)).collect()
    }
    if bytes.is_empty() {
        return PrimitiveValue::Empty;
    }
    match vr {
        VR::AT => PrimitiveValue::Tags(all(bytes, |raw| {
            let Tag(group, element) = encoding.tag(raw);
            CoreTag(group, element)
        })),
        VR::US | VR::OW => PrimitiveValue::U16(all(bytes, |raw| encoding.u16(raw))),
        VR::SS => PrimitiveValue::I16(all(bytes, |raw| encoding.u16(raw).cast_signed())),
        VR::UL | VR::OL => PrimitiveValue::U32(all(bytes, |raw| encoding.u32(raw))),
        VR::SL => PrimitiveValue::I32(all(bytes, |raw| encoding.u32(raw).cast_signed())),
        VR::UV | VR::OV => PrimitiveValue::U64(all(bytes, |raw| encoding.u64(raw))),
        VR::SV => PrimitiveValue::I64(all(bytes, |raw| encoding.u64(raw).cast_signed())),
        VR::FL | VR::OF => PrimitiveValue::F32(all(bytes, |raw| f32::from_bits(encoding.u32(raw)))),
        VR::FD | VR::OD => PrimitiveValue::F64(all(bytes, |raw| f64::from_bits(encoding.u64(raw)))),
        _ => PrimitiveValue::U8(C::from_slice(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use dicom_dictionary_std::tags;

    use super::*;

    fn explicit() -> TransferSyntaxUid {
        TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID")
    }

    /// A charset, a sequence with an item of another charset, a name after it, Rows, and Pixel Data that is cut.
    const DATA_SET: &[u8] = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100\
        \x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\
        \xfe\xff\x00\xe0\xff\xff\xff\xff\
        \x08\x00\x05\x00CS\x0a\x00ISO_IR 192\
        \x10\x00\x10\x00PN\x04\x00\xc4\x90\xe1 \
        \xfe\xff\x0d\xe0\x00\x00\x00\x00\
        \xfe\xff\xdd\xe0\x00\x00\x00\x00\
        \x10\x00\x10\x00PN\x06\x00M\xfcller\
        \x28\x00\x10\x00US\x02\x00\x00\x02\
        \xe0\x7f\x10\x00OW\x00\x00\x00\x00\x10\x00cut";

    #[test]
    fn a_header_is_read_up_to_pixel_data_with_character_sets_kept_to_their_items() {
        let object = read_header(DATA_SET, &explicit()).expect("it is well-formed up to Pixel Data");
        assert_eq!(object.get(tags::PATIENT_NAME).map(|name| name.to_str().expect("text")), Some("Müller".into()));
        assert_eq!(object.get(tags::ROWS).and_then(|rows| rows.to_int::<u16>().ok()), Some(512));
        assert!(object.get(tags::PIXEL_DATA).is_none());
        let items = object.get(tags::REFERENCED_IMAGE_SEQUENCE).and_then(|sequence| sequence.items()).expect("a sequence");
        assert_eq!(items.len(), 1);
        let name = items[0].get(tags::PATIENT_NAME).expect("the item has a name").to_str().expect("text");
        assert!(name.starts_with('Đ'), "{name}");
    }

    #[test]
    fn a_deflated_header_is_read_and_a_cut_one_refused() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(DATA_SET).expect("writing to memory succeeds");
        let deflated = encoder.finish().expect("writing to memory succeeds");
        let syntax = TransferSyntaxUid::parse("1.2.840.10008.1.2.1.99").expect("a UID");
        assert!(read_header(&deflated, &syntax).expect("it is well-formed").get(tags::ROWS).is_some());
        assert_eq!(inflate(&deflated, 1000).as_deref(), Ok(DATA_SET));
        assert_eq!(inflate(&deflated, 10), Err(HeaderError::InflatesTooMuch { limit: 200 }));
        assert!(matches!(inflate(&deflated[..20], 1000), Err(HeaderError::Truncated { .. })));
        assert!(matches!(read_header(&DATA_SET[..60], &explicit()), Err(HeaderError::Truncated { .. })));
    }

    #[test]
    fn backslashes_without_number_do_not_become_values_without_number() {
        let backslashes = [&b"\x21\x00\x10\x10UC\x00\x00\x00\x80\x00\x00"[..], &vec![b'\\'; 0x8000]].concat();
        let many: Vec<u8> = (0u16..40)
            .flat_map(|number| {
                let mut element = backslashes.clone();
                element[2..4].copy_from_slice(&number.to_le_bytes());
                element
            })
            .collect();
        let object = read_header(&many, &explicit()).expect("it is well-formed");
        let values: usize =
            object.iter().filter_map(|element| element.value().primitive()).map(|value| value.multiplicity() as usize).sum();
        assert!(values > 900_000 && values < 1_001_000, "{values}");
        assert_eq!(object.iter().count(), 40);
    }

    #[test]
    fn nesting_that_would_overflow_the_stack_is_refused() {
        let nested = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff".repeat(100_000);
        assert_eq!(read_header(&nested, &explicit()).err(), Some(HeaderError::TooDeep { limit: 32 }));
    }
}
