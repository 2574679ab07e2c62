//! Video (PS3.5 sections A.4.5 to A.4.8): the stream as it is stored, under the media type of the container it is in, which its
//! first bytes tell.

use filmless_index::StoredInstance;
use filmless_model::frame::{ByteRange, FrameNumber};

use super::{Content, Document, DocumentForm};
use crate::problem::Problem;
use crate::router::Door;
use crate::transfer_syntax::codestream_type;

/// Length of a packet of an MPEG-2 transport stream, in bytes (ISO/IEC 13818-1).
const TRANSPORT_PACKET: usize = 188;

/// Finds the stream of an instance.
pub(super) async fn read(door: &Door, stored: &StoredInstance) -> Result<Document, Problem> {
    let location = stored.version.frames.locate(FrameNumber::FIRST).ok_or(Problem::NoPixels)?;
    let first = location.ranges.first().ok_or(Problem::NoPixels)?;
    let length = first.length.min(2 * TRANSPORT_PACKET as u64);
    let head = door.archive.blob_range(stored, ByteRange { offset: first.offset, length }).await?;
    let coding = codestream_type(stored.version.transfer_syntax.as_str()).unwrap_or_default();
    let form = form(&head, coding).ok_or(Problem::NoPixels)?;
    Ok(Document { form, content: Content::Stored(location.ranges) })
}

/// The form of a stream that begins so. `coding` is the media type that PS3.18 gives its transfer syntax.
fn form(head: &[u8], coding: &str) -> Option<DocumentForm> {
    let is_transport = head.first() == Some(&0x47) && head.get(TRANSPORT_PACKET).is_none_or(|byte| *byte == 0x47);
    let (essence, extension) = match (head, coding) {
        _ if head.get(4..8) == Some(b"ftyp") => ("video/mp4", "mp4"),
        // MPEG-2 in whatever stream, and the start codes of a pack and of a sequence (ISO/IEC 13818-1, 13818-2).
        (_, "video/mpeg") if is_transport => ("video/mpeg", "mpg"),
        ([0, 0, 1, 0xBA | 0xB3, ..], _) => ("video/mpeg", "mpg"),
        _ if is_transport => ("video/mp2t", "ts"),
        ([0, 0, 1, ..] | [0, 0, 0, 1, ..], "video/h265") => ("video/h265", "h265"),
        ([0, 0, 1, ..] | [0, 0, 0, 1, ..], "video/mp4") => ("video/h264", "h264"),
        _ => return None,
    };
    Some(DocumentForm { essence, extension })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_called_what_it_is() {
        let mut transport = vec![0; 376];
        (transport[0], transport[188]) = (0x47, 0x47);
        for (head, coding, expected) in [
            (&b"\0\0\0\x20ftypisom"[..], "video/mp4", Some("video/mp4")),
            (b"\0\0\0\x20ftypisom", "video/h265", Some("video/mp4")),
            (&transport, "video/mpeg", Some("video/mpeg")),
            (&transport, "video/mp4", Some("video/mp2t")),
            (&transport, "video/h265", Some("video/mp2t")),
            (b"\0\0\x01\xBA", "video/mpeg", Some("video/mpeg")),
            (b"\0\0\x01\xB3", "video/mpeg", Some("video/mpeg")),
            (b"\0\0\0\x01\x40", "video/h265", Some("video/h265")),
            (b"\0\0\0\x01\x67", "video/mp4", Some("video/h264")),
            (b"<html>", "video/mp4", None),
            (b"", "video/mp4", None),
        ] {
            assert_eq!(form(head, coding).map(|form| form.essence), expected, "{head:?} {coding}");
        }
    }
}
