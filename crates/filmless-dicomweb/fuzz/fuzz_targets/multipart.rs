//! A body cut in two places is read like the whole, and never as more bytes than came. The first two bytes cut.
#![no_main]

use filmless_dicomweb::media_type::MediaType;
use filmless_dicomweb::multipart::reader::{Event, MultipartError, MultipartLimits, MultipartReader};
use libfuzzer_sys::fuzz_target;

fn read(chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Result<(), MultipartError>) {
    let content_type = MediaType::parse("multipart/related; boundary=b").expect("a media type");
    let limits = MultipartLimits { max_parts: 16, max_part_header_bytes: 256, max_preamble_bytes: 1024 };
    let mut parts = Vec::new();
    let result = (|| {
        let mut reader = MultipartReader::new(&content_type, limits)?;
        for chunk in chunks {
            reader.push(chunk);
            while let Some(event) = reader.next_event()? {
                match event {
                    Event::PartBegins(_) => parts.push(Vec::new()),
                    Event::Data(bytes) => parts.last_mut().expect("data stands in a part").extend_from_slice(&bytes),
                    Event::PartEnds | Event::End => {}
                }
            }
        }
        reader.finish()
    })();
    (parts, result)
}

fuzz_target!(|bytes: &[u8]| {
    let [first, second, body @ ..] = bytes else { return };
    let mut cuts = [usize::from(*first).min(body.len()), usize::from(*second).min(body.len())];
    cuts.sort_unstable();
    let whole = read(&[body]);
    assert!(whole.0.iter().map(Vec::len).sum::<usize>() <= body.len());
    // Limits are looked at when bytes come, so a body beyond them may end a little later when it is cut.
    if whole.1.is_ok() {
        assert_eq!(whole, read(&[&body[..cuts[0]], &body[cuts[0]..cuts[1]], &body[cuts[1]..]]));
    }
});
