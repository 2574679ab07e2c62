//! What the service and a codec worker say to each other over the worker's standard input and output.
//!
//! Every message is a length of four bytes, little endian, and as many bytes. The service opens with a [`Greeting`]; then
//! requests and responses alternate. Both sides check lengths before they allocate. The worker is this same build, so
//! there is one version and no negotiation: another version number is a wiring error and ends the worker.

use std::io::{self, Read, Write};

use filmless_model::uid::TransferSyntaxUid;

use crate::CodecError;
use crate::frame_spec::{DecodedFrame, EncodedFrame, FrameSpec, Photometric};

/// The version of everything below.
pub const VERSION: u8 = 2;

const MAGIC: &[u8; 4] = b"FLCW";

/// Bytes of a response besides its samples or codestream: status, bits, photometric interpretation, or an error's text.
pub(crate) const RESPONSE_OVERHEAD: u64 = 1024;

/// The first message: what the worker must hold itself to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeting {
    /// Address space the worker may take.
    pub memory_bytes: u64,
    /// Bytes of a decoded frame.
    pub max_decoded_bytes: u64,
    /// Bytes of a request: a codestream, or the samples of a frame.
    pub max_request_bytes: u64,
    /// Milliseconds after which the worker ends itself, should the service not do it.
    pub time_limit_ms: u64,
}

impl Greeting {
    /// As it is sent.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        for number in [self.memory_bytes, self.max_decoded_bytes, self.max_request_bytes, self.time_limit_ms] {
            out.extend(number.to_le_bytes());
        }
        out
    }

    /// `None` if it is something else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(MAGIC)?.strip_prefix(&[VERSION])?;
        let (numbers, []) = bytes.as_chunks::<8>() else { return None };
        let [memory_bytes, max_decoded_bytes, max_request_bytes, time_limit_ms] = numbers else { return None };
        let number = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        Some(Self {
            memory_bytes: number(memory_bytes),
            max_decoded_bytes: number(max_decoded_bytes),
            max_request_bytes: number(max_request_bytes),
            time_limit_ms: number(time_limit_ms),
        })
    }
}

/// What is to be done with the bytes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// They are a codestream, to be decoded to samples.
    Decode,
    /// They are samples, to be encoded.
    Encode,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Samples or a codestream.
    pub(crate) bytes: Vec<u8>,
    /// Of the samples, encoded or not.
    pub(crate) bits_allocated: u16,
    pub(crate) photometric: Photometric,
}

impl Answer {
    pub(crate) fn decoded(frame: DecodedFrame) -> Self {
        Self { bytes: frame.samples, bits_allocated: frame.bits_allocated, photometric: frame.photometric }
    }

    pub(crate) fn encoded(frame: EncodedFrame, spec: &FrameSpec) -> Self {
        Self { bytes: frame.codestream, bits_allocated: spec.bits_allocated, photometric: frame.photometric }
    }
}

/// What stands before the codestream or the samples in a request.
pub fn encode_request(operation: Operation, spec: &FrameSpec) -> Vec<u8> {
    let uid = spec.transfer_syntax.as_str().as_bytes();
    let operation = u8::from(operation == Operation::Encode);
    let mut out = vec![VERSION, operation, u8::try_from(uid.len()).expect("a UID is 64 characters at most")];
    out.extend_from_slice(uid);
    for number in [spec.rows, spec.columns, spec.samples_per_pixel, spec.bits_allocated, spec.bits_stored] {
        out.extend(number.to_le_bytes());
    }
    out.extend([u8::from(spec.signed), spec.photometric.code(), u8::from(spec.planar)]);
    out
}

/// Splits a request into what is to be done, the frame's description, and its bytes; `None` if it is not one.
pub fn decode_request(bytes: &[u8]) -> Option<(Operation, FrameSpec, &[u8])> {
    let (&operation, rest) = bytes.strip_prefix(&[VERSION])?.split_first()?;
    let operation = if flag(operation)? { Operation::Encode } else { Operation::Decode };
    let (&length, rest) = rest.split_first()?;
    let (uid, rest) = rest.split_at_checked(usize::from(length))?;
    let transfer_syntax = TransferSyntaxUid::parse(std::str::from_utf8(uid).ok()?).ok()?;
    let (numbers, rest) = rest.split_first_chunk::<10>()?;
    let ([signed, photometric, planar], body) = rest.split_first_chunk::<3>()?;
    let mut numbers = numbers.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
    let mut number = || numbers.next();
    let spec = FrameSpec {
        transfer_syntax,
        rows: number()?,
        columns: number()?,
        samples_per_pixel: number()?,
        bits_allocated: number()?,
        bits_stored: number()?,
        signed: flag(*signed)?,
        photometric: Photometric::from_code(*photometric)?,
        planar: flag(*planar)?,
    };
    Some((operation, spec, body))
}

fn flag(byte: u8) -> Option<bool> {
    (byte < 2).then_some(byte == 1)
}

/// What stands before the bytes in a response; an error is all there is of it.
pub(crate) fn encode_response(answer: &Result<Answer, CodecError>) -> Vec<u8> {
    let (kind, text) = match answer {
        Ok(answer) => {
            let bits = u8::try_from(answer.bits_allocated).expect("at most 32");
            return vec![0, bits, answer.photometric.code()];
        }
        Err(CodecError::Unsupported(text)) => (1, text.clone()),
        Err(CodecError::Mismatch(text)) => (2, text.clone()),
        Err(CodecError::TooLarge { bytes, limit }) => {
            let mut out = vec![3];
            out.extend(bytes.to_le_bytes());
            out.extend(limit.to_le_bytes());
            return out;
        }
        Err(CodecError::Corrupt(text)) => (4, text.clone()),
        Err(CodecError::Encoding(text)) => (5, text.clone()),
        Err(other) => (4, other.to_string()),
    };
    let mut out = vec![kind];
    // Texts may quote what the codestream says: printable ones, and not much of them.
    out.extend(text.chars().filter(|c| !c.is_control()).take(200).collect::<String>().into_bytes());
    out
}

/// Reads a response; `None` if it is not one.
pub(crate) fn decode_response(mut bytes: Vec<u8>) -> Option<Result<Answer, CodecError>> {
    let (&kind, rest) = bytes.split_first()?;
    let text = || String::from_utf8_lossy(rest).into_owned();
    Some(Err(match kind {
        0 => {
            let ([bits, photometric], _) = rest.split_first_chunk::<2>()?;
            let (bits_allocated, photometric) = (u16::from(*bits), Photometric::from_code(*photometric)?);
            bytes.drain(..3);
            return Some(Ok(Answer { bytes, bits_allocated, photometric }));
        }
        1 => CodecError::Unsupported(text()),
        2 => CodecError::Mismatch(text()),
        3 => {
            let (numbers, []) = rest.as_chunks::<8>() else { return None };
            let [bytes, limit] = numbers else { return None };
            CodecError::TooLarge { bytes: u64::from_le_bytes(*bytes), limit: u64::from_le_bytes(*limit) }
        }
        4 => CodecError::Corrupt(text()),
        5 => CodecError::Encoding(text()),
        _ => return None,
    }))
}

/// Reads one message; `None` at the end of input.
pub(crate) fn read_message(input: &mut impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let first = input.read(&mut length)?;
    if first == 0 {
        return Ok(None);
    }
    input.read_exact(&mut length[first..])?;
    let length = u64::from(u32::from_le_bytes(length));
    if length > limit {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut message = Vec::new();
    input.take(length).read_to_end(&mut message)?;
    if message.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(message))
}

/// Writes one message of two parts.
pub(crate) fn write_message(output: &mut impl Write, head: &[u8], body: &[u8]) -> io::Result<()> {
    output.write_all(&message_length(head, body)?)?;
    output.write_all(head)?;
    output.write_all(body)?;
    output.flush()
}

pub(crate) fn message_length(head: &[u8], body: &[u8]) -> io::Result<[u8; 4]> {
    u32::try_from(head.len() + body.len()).map(u32::to_le_bytes).map_err(|_| io::ErrorKind::InvalidInput.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_spec::tests::spec;

    #[test]
    fn a_request_is_read_back() {
        let spec = FrameSpec { signed: true, photometric: Photometric::YbrFull422, ..spec("1.2.840.10008.1.2.4.50", 3, 4, 16) };
        for operation in [Operation::Decode, Operation::Encode] {
            let mut request = encode_request(operation, &spec);
            let header = request.len();
            request.extend(b"codestream");
            assert_eq!(decode_request(&request), Some((operation, spec.clone(), b"codestream".as_slice())));
            for cut in 0..header {
                assert_eq!(decode_request(&request[..cut]), None, "{cut}");
            }
        }
    }

    #[test]
    fn a_greeting_is_read_back() {
        let greeting = Greeting { memory_bytes: 1, max_decoded_bytes: 2, max_request_bytes: 3, time_limit_ms: 4 };
        assert_eq!(Greeting::decode(&greeting.encode()), Some(greeting));
        assert_eq!(Greeting::decode(&greeting.encode()[1..]), None);
    }

    #[test]
    fn responses_are_read_back() {
        let answer = Answer { bytes: vec![1, 2, 3], bits_allocated: 8, photometric: Photometric::Rgb };
        let mut bytes = encode_response(&Ok(answer.clone()));
        bytes.extend(&answer.bytes);
        assert_eq!(decode_response(bytes).expect("a response").expect("a frame"), answer);
        for error in [
            CodecError::Unsupported("a".into()),
            CodecError::Mismatch("b".into()),
            CodecError::Corrupt("c\n".repeat(400)),
            CodecError::Encoding("d".into()),
            CodecError::TooLarge { bytes: 5, limit: 4 },
        ] {
            let bytes = encode_response(&Err(error));
            assert!(bytes.len() < 300);
            assert_eq!(encode_response(&decode_response(bytes.clone()).expect("a response")), bytes);
        }
        assert!(decode_response(vec![]).is_none());
        assert!(decode_response(vec![9]).is_none());
    }

    #[test]
    fn a_message_longer_than_the_limit_or_the_input_is_refused() {
        let mut out = Vec::new();
        write_message(&mut out, b"ab", b"c").expect("memory");
        assert_eq!(read_message(&mut out.as_slice(), 3).expect("whole"), Some(b"abc".to_vec()));
        assert!(read_message(&mut out.as_slice(), 2).is_err());
        assert!(read_message(&mut &out[..6], 3).is_err());
        assert_eq!(read_message(&mut [].as_slice(), 3).expect("the end"), None);
        assert!(read_message(&mut [0xff, 0xff, 0xff, 0xff].as_slice(), u64::from(u32::MAX)).is_err());
    }
}
