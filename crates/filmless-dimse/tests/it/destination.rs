//! A node that is called by the door, and does what a test says.

use std::net::Ipv4Addr;
use std::time::Duration;

use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_model::ae_title::AeTitle;
use filmless_model::peer::Peer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{RELEASE_RP, command, item, pdu};

/// Waiting longer than this for the door is a failure of it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Destination {
    listener: TcpListener,
}

/// A connection that the door made.
pub(crate) struct Called {
    stream: TcpStream,
}

impl Destination {
    pub(crate) async fn listen() -> Self {
        Self { listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port") }
    }

    /// The peer that the door is to know it as.
    pub(crate) fn peer(&self, ae_title: &str) -> Peer {
        Peer {
            address: Some("127.0.0.1".to_owned()),
            port: Some(self.listener.local_addr().expect("a bound socket").port()),
            ..Peer::named(AeTitle::parse(ae_title).expect("an AE title"))
        }
    }

    /// Waits for a call.
    pub(crate) async fn called(&self) -> Called {
        let (stream, _) = tokio::time::timeout(PATIENCE, self.listener.accept()).await.expect("a call").expect("a connection");
        Called { stream }
    }
}

impl Called {
    /// Reads a PDU with its header; `None` once the door closed the connection.
    pub(crate) async fn pdu(&mut self) -> Option<Vec<u8>> {
        let read = async {
            let mut pdu = vec![0; 6];
            self.stream.read_exact(&mut pdu).await.ok()?;
            let length = u32::from_be_bytes([pdu[2], pdu[3], pdu[4], pdu[5]]) as usize;
            pdu.resize(6 + length, 0);
            self.stream.read_exact(&mut pdu[6..]).await.expect("a whole PDU");
            Some(pdu)
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the door goes on")
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the door reads");
    }

    /// Says that no more bytes come.
    pub(crate) async fn finish(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Accepts the association, of the contexts those that `accept` says by abstract and transfer syntax. The request.
    pub(crate) async fn accept(&mut self, accept: impl Fn(&str, &str) -> bool) -> Vec<u8> {
        let request = self.pdu().await.expect("an association request");
        assert_eq!(request[0], 1);
        let mut body = request[6..74].to_vec();
        body.extend(item(0x10, b"1.2.840.10008.3.1.1.1"));
        for (id, abstract_syntax, transfer_syntax) in contexts(&request) {
            let result = if accept(&abstract_syntax, &transfer_syntax) { 0 } else { 4 };
            body.extend(item(0x21, &[&[id, 0, result, 0][..], &item(0x40, transfer_syntax.as_bytes())].concat()));
        }
        body.extend(item(0x50, &[item(0x51, &4096_u32.to_be_bytes()), item(0x52, b"1.2.3.4")].concat()));
        self.send(&pdu(2, &body)).await;
        request
    }

    /// Reads a message whose data set is as long as it may be: its context, command set and data set.
    pub(crate) async fn message(&mut self) -> Option<(u8, CommandSet, Vec<u8>)> {
        let first = self.pdu().await?;
        if first[0] == 5 {
            self.send(&RELEASE_RP).await;
            return None;
        }
        assert_eq!((first[0], first[11]), (4, 3), "one last fragment of a command set");
        let command = CommandSet::decode(first[12..].to_vec().into()).expect("a command set");
        let mut data_set = Vec::new();
        let mut is_whole = command.number(CommandTag::COMMAND_DATA_SET_TYPE) == Some(0x0101);
        while !is_whole {
            let pdu = self.pdu().await?;
            assert_eq!((pdu[0], pdu[10], pdu[11] & 1), (4, first[10], 0));
            assert!(pdu.len() <= 4096 + 6, "as long as we take");
            data_set.extend_from_slice(&pdu[12..]);
            is_whole = pdu[11] == 2;
        }
        Some((first[10], command, data_set))
    }

    /// Answers a C-STORE-RQ.
    pub(crate) async fn stored(&mut self, context_id: u8, request: &CommandSet, status: u16) {
        self.answer(context_id, request, 0x8001, status).await;
    }

    /// Answers a request with a response of this Command Field.
    pub(crate) async fn answer(&mut self, context_id: u8, request: &CommandSet, field: u16, status: u16) {
        let number = request.number(CommandTag::MESSAGE_ID).expect("a message ID");
        let response = CommandSet::default()
            .with_number(CommandTag::COMMAND_FIELD, field)
            .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, number)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
            .with_number(CommandTag::STATUS, status);
        self.send(&command(context_id, &response)).await;
    }
}

/// IDs, abstract and first transfer syntaxes of the proposed contexts.
fn contexts(request: &[u8]) -> Vec<(u8, String, String)> {
    let items = |mut bytes: Vec<u8>| {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
            found.push((bytes[0], bytes[4..4 + length].to_vec()));
            bytes.drain(..4 + length);
        }
        found
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("a UID").trim_end_matches('\0').to_owned();
    let proposed = items(request[74..].to_vec()).into_iter().filter(|(item_type, _)| *item_type == 0x20);
    let read = |(_, value): (u8, Vec<u8>)| {
        let within = items(value[4..].to_vec());
        let [(0x30, abstract_syntax), (0x40, transfer_syntax), ..] = within.as_slice() else { panic!("{within:?}") };
        (value[0], text(abstract_syntax), text(transfer_syntax))
    };
    proposed.map(read).collect()
}
