//! Data elements put together by hand, for sequences within synthetic instances.

/// An element in Explicit VR Little Endian, padded to even length.
pub(crate) fn element(group: u16, element: u16, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" { 0 } else { b' ' });
    }
    let length = u32::try_from(value.len()).expect("short");
    let mut out = [group.to_le_bytes(), element.to_le_bytes()].concat();
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "SQ" | "UT") {
        out.extend([0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend(u16::try_from(length).expect("short").to_le_bytes());
    }
    out.extend(value);
    out
}

/// The value of a sequence: each item of these elements, which stand in the order of their tags.
pub(crate) fn items(items: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let item = |elements: &Vec<Vec<u8>>| {
        let content = elements.concat();
        let length = u32::try_from(content.len()).expect("short").to_le_bytes();
        [b"\xfe\xff\0\xe0".to_vec(), length.to_vec(), content].concat()
    };
    items.iter().flat_map(item).collect()
}

/// A sequence.
pub(crate) fn sequence(group: u16, number: u16, content: &[Vec<Vec<u8>>]) -> Vec<u8> {
    element(group, number, "SQ", &items(content))
}
