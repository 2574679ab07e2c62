//! The headers of data elements as they are written (PS3.5 section 7.1, Data Elements), in any encoding.

use dicom_core::VR;
use filmless_model::attribute::Tag;

use crate::header::{Encoding, UNDEFINED, has_long_length};
use crate::text::is_text;

/// An item or a delimiter, which have no value representation (PS3.5 section 7.5, Nesting of Data Sets).
pub(crate) fn put_item(encoding: Encoding, out: &mut Vec<u8>, tag: Tag, length: u32) {
    out.extend(encoding.u16_bytes(tag.0));
    out.extend(encoding.u16_bytes(tag.1));
    out.extend(encoding.u32_bytes(length));
}

/// The header of an element (PS3.5 section 7.1.2 and 7.1.3).
pub(crate) fn put_header_in(encoding: Encoding, out: &mut Vec<u8>, tag: Tag, vr: VR, length: u32) {
    if !encoding.explicit {
        return put_item(encoding, out, tag, length);
    }
    out.extend(encoding.u16_bytes(tag.0));
    out.extend(encoding.u16_bytes(tag.1));
    out.extend(vr.to_bytes());
    match u16::try_from(length) {
        Ok(length) if !has_long_length(vr) => out.extend(encoding.u16_bytes(length)),
        _ => {
            out.extend([0; 2]);
            out.extend(encoding.u32_bytes(length));
        }
    }
}

/// The same in Explicit VR Little Endian.
pub(crate) fn put_header(out: &mut Vec<u8>, tag: Tag, vr: VR, length: u32) {
    put_header_in(Encoding::EXPLICIT_LITTLE, out, tag, vr, length);
}

/// An element whose value has the byte order of the encoding already. It is padded to even length; one that is too long for
/// its value representation becomes UN, which has room (PS3.5 section 6.2.2, note 4).
pub(crate) fn put_element(encoding: Encoding, out: &mut Vec<u8>, tag: Tag, vr: VR, value: &[u8]) {
    let padded = value.len() + value.len() % 2;
    let vr = if encoding.explicit && !has_long_length(vr) && padded > usize::from(u16::MAX) { VR::UN } else { vr };
    put_header_in(encoding, out, tag, vr, u32::try_from(padded).unwrap_or(UNDEFINED - 1));
    out.extend_from_slice(value);
    if padded > value.len() {
        out.push(if is_text(vr) && vr != VR::UI { b' ' } else { 0 });
    }
}
