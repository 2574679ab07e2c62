//! multipart/related bodies (RFC 2387) as a client of DICOMweb sees them.

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its head, as sent.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// The boundary that a Content-Type names.
pub fn boundary(content_type: &str) -> Option<&str> {
    let rest = content_type.split_once("boundary=")?.1;
    Some(rest.split(';').next()?.trim().trim_matches('"'))
}

/// Takes a body apart. Panics if it does not keep to the form: a test wants to know.
pub fn parse(content_type: &str, body: &[u8]) -> Vec<Part> {
    let boundary = boundary(content_type).unwrap_or_else(|| panic!("no boundary in {content_type}"));
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let first = format!("--{boundary}").into_bytes();
    let mut rest = body.strip_prefix(first.as_slice()).unwrap_or_else(|| {
        let start = find(body, &delimiter).expect("the body has a delimiter");
        &body[start + delimiter.len()..]
    });
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let content = rest.strip_prefix(b"\r\n").expect("a delimiter ends its line");
        let end = find(content, &delimiter).expect("a part ends with a delimiter");
        let part = &content[..end];
        let head_end = if part.starts_with(b"\r\n") { 0 } else { find(part, b"\r\n\r\n").expect("a part has a head") + 2 };
        parts.push(Part { head: String::from_utf8_lossy(&part[..head_end]).into_owned(), body: part[head_end + 2..].to_vec() });
        rest = &content[end + delimiter.len()..];
    }
    parts
}

/// Makes a body of `application/dicom` parts and the Content-Type that goes with it.
pub fn of_instances(files: &[Vec<u8>]) -> (String, Vec<u8>) {
    let boundary = "filmless-test-boundary";
    let mut body = Vec::new();
    for file in files {
        body.extend(format!("--{boundary}\r\nContent-Type: application/dicom\r\n\r\n").into_bytes());
        body.extend_from_slice(file);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    (format!("multipart/related; type=\"application/dicom\"; boundary={boundary}"), body)
}

/// Makes a body of parts with these heads (header lines without line ends, one behind the other) and the Content-Type of a type.
pub fn of_parts(part_type: &str, parts: &[(&[&str], &[u8])]) -> (String, Vec<u8>) {
    let boundary = "filmless-test-boundary";
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--{boundary}\r\n").into_bytes());
        for line in *head {
            body.extend(format!("{line}\r\n").into_bytes());
        }
        body.extend(b"\r\n");
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    (format!("multipart/related; type=\"{part_type}\"; boundary={boundary}"), body)
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_is_taken_apart() {
        let files = vec![b"one\r\n--x".to_vec(), Vec::new(), b"three".to_vec()];
        let (content_type, body) = of_instances(&files);
        let parts: Vec<_> = parse(&content_type, &body).into_iter().map(|part| part.body).collect();
        assert_eq!(parts, files);
    }
}
