//! Any JSON becomes data sets that can be laid out and read again, or is refused, within its bounds. All bulk data is there.
#![no_main]

use filmless_dicom::compose::{Budget, Bulk, ComposeLimits, Piece, read_json};
use filmless_dicom::data_set::read_header;
use filmless_model::frame::ByteRange;
use filmless_model::uid::TransferSyntaxUid;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let limits = ComposeLimits { max_depth: 16, max_values: 10_000 };
    let Ok(found) = read_json(json, &mut Budget::new(limits)) else { return };
    let syntax = TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID");
    let bulk = Bulk { ranges: vec![ByteRange { offset: 0, length: 3 }], is_compressed: false };
    for mut data_set in found {
        let Ok(pieces) = data_set.lay_out(&|_| Some(&bulk)) else { continue };
        let mut bytes = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(more) => bytes.extend(more),
                Piece::Stored(range) => bytes.extend(vec![7; range.length as usize]),
            }
        }
        // A value of UN may say anything of itself, so what is read is not always well-formed.
        let _ = read_header(&bytes, &syntax);
    }
});
