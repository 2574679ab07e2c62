//! What a machine reports of a procedure step (PS3.4 annex F.7), in Explicit VR Little Endian.

/// An element; `value` is padded to an even length.
pub fn element(group: u16, element: u16, vr: [u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = [group.to_le_bytes(), element.to_le_bytes(), vr].concat();
    let length = value.len().next_multiple_of(2);
    if vr == *b"SQ" {
        bytes.extend([0, 0]);
        bytes.extend(u32::try_from(length).expect("a sequence of a test is short").to_le_bytes());
    } else {
        bytes.extend(u16::try_from(length).expect("a value of a test is short").to_le_bytes());
    }
    bytes.extend_from_slice(value);
    if length > value.len() {
        bytes.push(if vr == *b"UI" { 0 } else { b' ' });
    }
    bytes
}

/// A sequence of these items.
pub fn sequence(group: u16, number: u16, items: &[Vec<u8>]) -> Vec<u8> {
    let item = |item: &Vec<u8>| {
        let length = u32::try_from(item.len()).expect("an item of a test is short").to_le_bytes();
        [&b"\xfe\xff\x00\xe0"[..], &length, item].concat()
    };
    element(group, number, *b"SQ", &items.iter().flat_map(item).collect::<Vec<_>>())
}

/// References to instances, each by class and UID.
pub fn references(group: u16, number: u16, instances: &[(&str, &str)]) -> Vec<u8> {
    let item = |(class, uid): &(&str, &str)| {
        [element(0x0008, 0x1150, *b"UI", class.as_bytes()), element(0x0008, 0x1155, *b"UI", uid.as_bytes())].concat()
    };
    sequence(group, number, &instances.iter().map(item).collect::<Vec<_>>())
}

/// The attributes of a step of a study that begins.
pub fn beginning(study: &str) -> Vec<u8> {
    let scheduled = [
        element(0x0008, 0x0050, *b"SH", b"A1"),
        element(0x0020, 0x000D, *b"UI", study.as_bytes()),
        element(0x0040, 0x0009, *b"SH", b"SPS1"),
        element(0x0040, 0x1001, *b"SH", b"RP1"),
    ]
    .concat();
    [
        element(0x0008, 0x0060, *b"CS", b"CT"),
        element(0x0010, 0x0010, *b"PN", b"Test^Patient"),
        element(0x0010, 0x0020, *b"LO", b"P1"),
        element(0x0040, 0x0241, *b"AE", b"CT1"),
        element(0x0040, 0x0244, *b"DA", b"20261122"),
        element(0x0040, 0x0245, *b"TM", b"150000"),
        element(0x0040, 0x0252, *b"CS", b"IN PROGRESS"),
        element(0x0040, 0x0253, *b"SH", b"PPS1"),
        sequence(0x0040, 0x0270, &[scheduled]),
    ]
    .concat()
}

/// What ends a step that made these instances of a series.
pub fn end(state: &str, series: &str, instances: &[(&str, &str)]) -> Vec<u8> {
    let made = [references(0x0008, 0x1140, instances), element(0x0020, 0x000E, *b"UI", series.as_bytes())].concat();
    [
        element(0x0040, 0x0250, *b"DA", b"20261122"),
        element(0x0040, 0x0251, *b"TM", b"151000"),
        element(0x0040, 0x0252, *b"CS", state.as_bytes()),
        sequence(0x0040, 0x0340, &[made]),
    ]
    .concat()
}
