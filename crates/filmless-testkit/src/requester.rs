//! A small requester of our own (PS3.8 section 9.3, PS3.7 section 9.3): it says exactly what a test wants said, also what no
//! toolkit would say, and tells exactly which responses came.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Verification SOP Class
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
const IMPLEMENTATION_CLASS: &str = "2.25.1";
const MAX_PDU: usize = 65_536;
const ACCEPT: u8 = 2;
const REJECT: u8 = 3;
const DATA: u8 = 4;
const RELEASE_RESPONSE: u8 = 6;

/// Why there is no association.
#[derive(Debug)]
pub enum Refused {
    /// A-ASSOCIATE-RJ: result, source and reason.
    Rejected(u8, u8, u8),
    /// A-ABORT, another PDU, or the connection ended.
    Failed(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// An association that we asked for.
#[derive(Debug)]
pub struct Association {
    stream: TcpStream,
    max_pdu: usize,
    message_id: u16,
}

/// A-ASSOCIATE-RQ with one presentation context, of ID 1.
pub fn associate_request(calling: &str, called: &str, abstract_syntax: &str, transfer_syntax: &str) -> Vec<u8> {
    let mut context = vec![1, 0, 0, 0];
    context.extend(item(0x30, abstract_syntax.as_bytes()));
    context.extend(item(0x40, transfer_syntax.as_bytes()));
    let mut user = item(0x51, &u32::try_from(MAX_PDU).expect("64 KiB").to_be_bytes());
    user.extend(item(0x52, IMPLEMENTATION_CLASS.as_bytes()));
    let mut body = vec![0, 1, 0, 0];
    body.extend(format!("{called:<16}{calling:<16}").into_bytes());
    body.extend([0; 32]);
    body.extend(item(0x10, APPLICATION_CONTEXT.as_bytes()));
    body.extend(item(0x20, &context));
    body.extend(item(0x50, &user));
    pdu(1, &body)
}

/// A PDU of this type.
pub fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut pdu = vec![kind, 0];
    pdu.extend(u32::try_from(body.len()).expect("a PDU of a test is short").to_be_bytes());
    pdu.extend_from_slice(body);
    pdu
}

fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut item = vec![kind, 0];
    item.extend(u16::try_from(body.len()).expect("an item of a test is short").to_be_bytes());
    item.extend_from_slice(body);
    item
}

/// A command element in Implicit VR Little Endian (PS3.7 section 6.3.1, Command Set Structure).
fn command_element(element: u16, value: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0];
    out.extend(element.to_le_bytes());
    out.extend(u32::try_from(value.len() + value.len() % 2).expect("a command value is short").to_le_bytes());
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(0);
    }
    out
}

impl Association {
    /// Asks for an association with one presentation context.
    pub async fn request(
        address: SocketAddr,
        calling: &str,
        called: &str,
        abstract_syntax: &str,
        transfer_syntax: &str,
    ) -> Result<Self, Refused> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&associate_request(calling, called, abstract_syntax, transfer_syntax)).await?;
        let (kind, body) = read_pdu(&mut stream).await?;
        match kind {
            ACCEPT if accepted(&body) => {
                let max_pdu = offered_length(&body).filter(|length| *length != 0).unwrap_or(MAX_PDU).min(MAX_PDU);
                Ok(Self { stream, max_pdu, message_id: 0 })
            }
            ACCEPT => Err(Refused::Failed(io::Error::other("the presentation context was refused"))),
            REJECT if body.len() == 4 => Err(Refused::Rejected(body[1], body[2], body[3])),
            _ => Err(Refused::Failed(io::Error::other(format!("PDU of type {kind}")))),
        }
    }

    /// C-STORE of one data set; the Status of the response.
    pub async fn c_store(&mut self, sop_class: &str, sop_instance: &str, data_set: &[u8]) -> io::Result<u16> {
        self.send_store_request(sop_class, sop_instance).await?;
        let mut rest = data_set;
        loop {
            let (fragment, behind) = rest.split_at(rest.len().min(self.max_pdu - 6));
            self.send_fragment(if behind.is_empty() { 2 } else { 0 }, fragment).await?;
            rest = behind;
            if rest.is_empty() {
                return self.status().await;
            }
        }
    }

    /// C-STORE of one data set that is made as it goes.
    pub async fn c_store_pieces(
        &mut self,
        sop_class: &str,
        sop_instance: &str,
        pieces: impl Iterator<Item = Vec<u8>>,
    ) -> io::Result<u16> {
        self.send_store_request(sop_class, sop_instance).await?;
        for piece in pieces {
            for fragment in piece.chunks(self.max_pdu - 6) {
                self.send_fragment(0, fragment).await?;
            }
        }
        self.send_fragment(2, b"").await?;
        self.status().await
    }

    async fn send_store_request(&mut self, sop_class: &str, sop_instance: &str) -> io::Result<()> {
        let mut elements = command_element(0x0002, sop_class.as_bytes());
        elements.extend(command_element(0x0100, &1_u16.to_le_bytes()));
        elements.extend(command_element(0x0110, &self.next_message_id().to_le_bytes()));
        elements.extend(command_element(0x0700, &0_u16.to_le_bytes()));
        elements.extend(command_element(0x0800, &1_u16.to_le_bytes()));
        elements.extend(command_element(0x1000, sop_instance.as_bytes()));
        self.send_command(elements).await
    }

    /// C-ECHO; the Status of the response.
    pub async fn c_echo(&mut self) -> io::Result<u16> {
        let mut elements = command_element(0x0002, VERIFICATION.as_bytes());
        elements.extend(command_element(0x0100, &0x30_u16.to_le_bytes()));
        elements.extend(command_element(0x0110, &self.next_message_id().to_le_bytes()));
        elements.extend(command_element(0x0800, &0x0101_u16.to_le_bytes()));
        self.send_command(elements).await?;
        self.status().await
    }

    /// A-RELEASE, to the end.
    pub async fn release(mut self) -> io::Result<()> {
        self.stream.write_all(&pdu(5, &[0; 4])).await?;
        match read_pdu(&mut self.stream).await? {
            (RELEASE_RESPONSE, _) => Ok(()),
            (kind, _) => Err(io::Error::other(format!("PDU of type {kind} for A-RELEASE-RP"))),
        }
    }

    /// The connection, for what no toolkit would send.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    fn next_message_id(&mut self) -> u16 {
        self.message_id = self.message_id.wrapping_add(1);
        self.message_id
    }

    async fn send_command(&mut self, elements: Vec<u8>) -> io::Result<()> {
        let length = u32::try_from(elements.len()).expect("a command is short");
        let mut command = command_element(0x0000, &length.to_le_bytes());
        command.extend(elements);
        self.send_fragment(3, &command).await
    }

    /// One P-DATA-TF with one presentation data value of context 1.
    async fn send_fragment(&mut self, control: u8, fragment: &[u8]) -> io::Result<()> {
        let mut body = u32::try_from(fragment.len() + 2).expect("a fragment is short").to_be_bytes().to_vec();
        body.extend([1, control]);
        body.extend_from_slice(fragment);
        self.stream.write_all(&pdu(DATA, &body)).await
    }

    /// Reads one response without a data set and finds its Status (0000,0900).
    async fn status(&mut self) -> io::Result<u16> {
        let (kind, body) = read_pdu(&mut self.stream).await?;
        if kind != DATA {
            return Err(io::Error::other(format!("PDU of type {kind} for a response")));
        }
        let mut command = body.get(6..).unwrap_or_default();
        while let [0, 0, low, high, a, b, c, d, rest @ ..] = command {
            let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            let Some((value, behind)) = rest.split_at_checked(length) else { break };
            if u16::from_le_bytes([*low, *high]) == 0x0900
                && let [low, high] = value
            {
                return Ok(u16::from_le_bytes([*low, *high]));
            }
            command = behind;
        }
        Err(io::Error::other("a response without Status"))
    }
}

/// Reads one PDU: its type and its body.
pub async fn read_pdu(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 6];
    stream.read_exact(&mut head).await?;
    let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]) as usize;
    if length > 4 * MAX_PDU {
        return Err(io::Error::other(format!("a PDU of {length} bytes")));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((head[0], body))
}

/// The items of an A-ASSOCIATE-AC, or of an item: type and body.
fn items(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut items = Vec::new();
    while let [kind, _, high, low, rest @ ..] = bytes {
        let Some((body, behind)) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low]))) else { break };
        items.push((*kind, body));
        bytes = behind;
    }
    items
}

/// Whether the one presentation context was accepted.
fn accepted(body: &[u8]) -> bool {
    items(body.get(68..).unwrap_or_default()).iter().any(|(kind, body)| *kind == 0x21 && body.get(2) == Some(&0))
}

/// The Maximum Length Received that the acceptor offers.
fn offered_length(body: &[u8]) -> Option<usize> {
    let items_of_body = items(body.get(68..)?);
    let (_, user) = items_of_body.iter().find(|(kind, _)| *kind == 0x50)?;
    let items_of_user = items(user);
    let (_, length) = items_of_user.iter().find(|(kind, _)| *kind == 0x51)?;
    Some(u32::from_be_bytes((*length).try_into().ok()?) as usize)
}
