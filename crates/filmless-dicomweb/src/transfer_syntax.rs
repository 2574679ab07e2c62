//! What this door must know of transfer syntaxes: which media type their frames have, and which are asked for when
//! nothing is said (PS3.18 section 8.7.3, DICOM Media Type Sets).

pub use filmless_dicom::pixel::can_decode;
use filmless_dicom::target_syntax::{DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN};
pub use filmless_dicom::target_syntax::{EXPLICIT_VR_LITTLE_ENDIAN, TargetSyntax};
use filmless_model::uid::TransferSyntaxUid;

use crate::media_type::SyntaxOffer;

/// Any bytes.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// The media type of a frame's codestream (PS3.18 table 8.7.3-5, Media Types and Transfer Syntax UIDs for Compressed
/// Data in Bulkdata); `None` where frames are not codestreams or the table has no such type.
pub fn codestream_type(transfer_syntax: &str) -> Option<&'static str> {
    Some(match transfer_syntax.strip_prefix("1.2.840.10008.1.2.")? {
        "4.50" | "4.51" | "4.57" | "4.70" => "image/jpeg",
        "5" => "image/dicom-rle",
        "4.80" | "4.81" => "image/jls",
        "4.90" | "4.91" => "image/jp2",
        "4.92" | "4.93" => "image/jpx",
        "4.201" | "4.202" | "4.203" => "image/jphc",
        "4.110" | "4.111" | "4.112" => "image/jxl",
        "4.100" | "4.100.1" | "4.101" | "4.101.1" => "video/mpeg",
        "4.102" | "4.102.1" | "4.103" | "4.103.1" | "4.104" | "4.104.1" | "4.105" | "4.105.1" | "4.106" | "4.106.1" => {
            "video/mp4"
        }
        "4.107" | "4.108" => "video/h265",
        _ => return None,
    })
}

/// Whether a frame is stored in the very bytes that Explicit VR Little Endian has for it.
pub fn has_plain_frames(transfer_syntax: &TransferSyntaxUid) -> bool {
    matches!(transfer_syntax.as_str(), IMPLICIT_VR_LITTLE_ENDIAN | EXPLICIT_VR_LITTLE_ENDIAN)
}

/// Whether frames have no place of their own in the stored bytes.
pub fn is_deflated(transfer_syntax: &TransferSyntaxUid) -> bool {
    transfer_syntax.as_str() == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
}

/// Whether the pixels are, or may be, lossy: such an instance goes out as it is unless another form is asked for by
/// name (PS3.18 section 8.7.3).
pub fn may_be_lossy(transfer_syntax: &TransferSyntaxUid) -> bool {
    let lossy = ["4.50", "4.51", "4.81", "4.91", "4.93", "4.111", "4.112", "4.203"];
    transfer_syntax.as_str().strip_prefix("1.2.840.10008.1.2.").is_some_and(|suffix| lossy.contains(&suffix))
}

/// The transfer syntaxes that frames of a media type are in when none is asked for, those marked as default in PS3.18 table
/// 8.7.3-5.
const DEFAULTS: [&str; 6] = [
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.110",
];

/// What a client must say to be given codestreams that are made for it: at least their media type, and the name of the
/// transfer syntax wherever it is not the default of that.
pub fn made_on_request(target: TargetSyntax) -> SyntaxOffer {
    if DEFAULTS.contains(&target.uid()) { SyntaxOffer::Unasked } else { SyntaxOffer::Named }
}
