/** Taking the first part out of a multipart/related body (RFC 2387); a body of any other type is its own first part. */

const hyphen = 45;
const crlf2 = [13, 10, 13, 10];

function find(bytes: Uint8Array, needle: ArrayLike<number>, from: number): number {
  const last = bytes.length - needle.length;
  for (let at = from; at <= last; at += 1) {
    let length = 0;
    while (length < needle.length && bytes[at + length] === needle[length]) {
      length += 1;
    }
    if (length === needle.length) {
      return at;
    }
  }
  return -1;
}

/** Part heads are short; what looks like the end of one further in is content. */
const longestHead = 1024;

/** Where the content of the first part begins; 0 in a body that has no parts. */
export function firstPartAt(body: Uint8Array): number {
  const headEnd = body[0] === hyphen && body[1] === hyphen ? find(body.subarray(0, longestHead), crlf2, 0) : -1;
  return headEnd < 0 ? 0 : headEnd + crlf2.length;
}

/** The content of the first part. */
export function firstPart(contentType: string, body: Uint8Array): Uint8Array {
  if (!/^multipart\//i.test(contentType.trim())) {
    return body;
  }
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]?.trim();
  if (boundary === undefined) {
    throw new Error('multipart answer without a boundary');
  }
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  const start = find(body, delimiter, 0);
  const headerEnd = start < 0 ? -1 : find(body, crlf2, start);
  if (headerEnd < 0) {
    throw new Error('multipart answer without a part');
  }
  const content = headerEnd + crlf2.length;
  const end = find(body, new TextEncoder().encode(`\r\n--${boundary}`), content);
  return body.slice(content, end < 0 ? body.length : end);
}
