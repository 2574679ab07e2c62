//! Takes the attributes of a DICOM JSON object apart without reading their values, for objects that were written here.

use filmless_model::attribute::Tag;

/// One attribute: `"GGGGEEEE":{…}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonAttribute<'j> {
    /// The tag.
    pub tag: Tag,
    /// The attribute as it is written.
    pub text: &'j [u8],
}

/// How many bytes stand before the value: the tag in quotes and a colon.
const KEY_BYTES: usize = 11;

impl JsonAttribute<'_> {
    /// The object that holds representation and value.
    pub fn value(&self) -> &[u8] {
        self.text.get(KEY_BYTES..).unwrap_or_default()
    }

    /// The two letters of the value representation, which stand first in the value.
    pub fn vr(&self) -> Option<&[u8]> {
        self.value().strip_prefix(b"{\"vr\":\"")?.get(..2)
    }
}

/// The attributes of an object, in its order. It ends where the text is not as this crate writes it.
pub fn attributes(json: &[u8]) -> impl Iterator<Item = JsonAttribute<'_>> {
    let mut rest = json.strip_prefix(b"{").unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        let tag = tag(rest)?;
        let length = KEY_BYTES + value_length(rest.get(KEY_BYTES..)?)?;
        let (text, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(JsonAttribute { tag, text })
    })
}

/// Reads `"GGGGEEEE":`.
fn tag(text: &[u8]) -> Option<Tag> {
    Tag::parse(std::str::from_utf8(text.get(..KEY_BYTES)?.strip_prefix(b"\"")?.strip_suffix(b"\":")?).ok()?)
}

/// The length of the object that a text begins with.
fn value_length(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (place, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(place + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_falls_into_its_attributes() {
        let parts = [
            r#""00080005":{"vr":"CS","Value":["ISO_IR 192"]}"#,
            r#""00081110":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2"]}},{}]}"#,
            r#""00081030":{"vr":"LO","Value":["a \\ \" } ] , {"]}"#,
            r#""7FE00010":{"vr":"OW","BulkDataURI":"frames"}"#,
        ];
        let json = format!("{{{}}}", parts.join(","));
        let found: Vec<_> = attributes(json.as_bytes()).collect();
        assert_eq!(found.iter().map(|attribute| attribute.text).collect::<Vec<_>>(), parts.map(str::as_bytes));
        assert_eq!(found[1].tag, Tag(0x0008, 0x1110));
        assert_eq!((found[3].tag, found[3].vr()), (Tag(0x7FE0, 0x0010), Some(&b"OW"[..])));
    }

    #[test]
    fn what_is_no_such_object_ends_the_walk() {
        for json in
            ["", "{}", "[]", "{\"0008\":{}}", "{\"00080005\":1}", "{\"00080005\":{", "{\"00080005\":}}", "{\"ä0080005\":{}}"]
        {
            assert_eq!(attributes(json.as_bytes()).count(), 0, "{json}");
        }
    }
}
