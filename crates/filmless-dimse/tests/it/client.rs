//! A client that sends any bytes and says what came back.

use std::net::SocketAddr;
use std::time::Duration;

use filmless_dimse::command::{CommandSet, CommandTag};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const VERIFICATION: &str = "1.2.840.10008.1.1";
pub(crate) const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
pub(crate) const MR: &str = "1.2.840.10008.5.1.4.1.1.4";
/// Study Root Query/Retrieve Information Model - FIND.
pub(crate) const STUDY_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
/// Modality Worklist Information Model - FIND.
pub(crate) const WORKLIST_FIND: &str = "1.2.840.10008.5.1.4.31";
/// Patient Root Query/Retrieve Information Model - FIND.
pub(crate) const PATIENT_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.1.1";
pub(crate) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// Waiting longer than this for the door is a failure of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A-ABORT of the service user.
pub(crate) const ABORT_USER: [u8; 10] = [7, 0, 0, 0, 0, 4, 0, 0, 0, 0];
/// A-RELEASE-RQ.
pub(crate) const RELEASE_RQ: [u8; 10] = [5, 0, 0, 0, 0, 4, 0, 0, 0, 0];
/// A-RELEASE-RP.
pub(crate) const RELEASE_RP: [u8; 10] = [6, 0, 0, 0, 0, 4, 0, 0, 0, 0];

/// A-ABORT of the service provider.
pub(crate) fn abort(reason: u8) -> [u8; 10] {
    [7, 0, 0, 0, 0, 4, 0, 0, 2, reason]
}

/// A-ASSOCIATE-RJ.
pub(crate) fn reject(result: u8, source: u8, reason: u8) -> [u8; 10] {
    [3, 0, 0, 0, 0, 4, 0, result, source, reason]
}

pub(crate) struct Client {
    stream: TcpStream,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the door listens");
        stream.set_nodelay(true).expect("a TCP socket");
        Self { stream }
    }

    /// Connects and gets an association accepted: CT under 1, MR under 3, Verification under 5, a rejected one under 7,
    /// searches under 9 and 11, the worklist under 13.
    pub(crate) async fn associated(address: SocketAddr) -> Self {
        Self::associated_by(address, &Request::default()).await.0
    }

    /// Connects and gets an association accepted that is asked for so; with the A-ASSOCIATE-AC.
    pub(crate) async fn associated_by(address: SocketAddr, request: &Request) -> (Self, Vec<u8>) {
        let mut client = Self::connect(address).await;
        client.send(&request.encode()).await;
        let answer = client.pdu().await.expect("an answer");
        assert_eq!(answer[0], 2, "accepted: {answer:?}");
        (client, answer)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        tokio::time::timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the door reads").expect("the door is there");
    }

    /// Sends as long as the door lets us.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> bool {
        tokio::time::timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the door reads or closes").is_ok()
    }

    /// Says that no more bytes come.
    pub(crate) async fn finish(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// The next PDU with its header; `None` once the door closed the connection.
    pub(crate) async fn pdu(&mut self) -> Option<Vec<u8>> {
        let read = async {
            let mut pdu = vec![0; 6];
            self.stream.read_exact(&mut pdu).await.ok()?;
            let length = u32::from_be_bytes([pdu[2], pdu[3], pdu[4], pdu[5]]);
            assert!(length < 1 << 20, "the door sends short PDUs");
            pdu.resize(6 + length as usize, 0);
            self.stream.read_exact(&mut pdu[6..]).await.expect("a whole PDU");
            Some(pdu)
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the door answers in time")
    }

    /// All that the door still sends until it closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = self.stream.read_to_end(&mut bytes);
        let _ = tokio::time::timeout(PATIENCE, read).await.expect("the door closes in time");
        bytes
    }

    /// The response that comes next.
    pub(crate) async fn response(&mut self) -> CommandSet {
        let pdu = self.pdu().await.expect("a response");
        assert_eq!((pdu[0], pdu[11]), (4, 3), "one P-DATA-TF with one last command fragment: {pdu:?}");
        CommandSet::decode(pdu[12..].to_vec().into()).expect("a command set")
    }

    /// The status of the response that comes next, which must be for `message_id`.
    pub(crate) async fn status(&mut self, message_id: u16) -> u16 {
        let response = self.response().await;
        assert_eq!(response.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), Some(message_id), "{response:?}");
        response.number(CommandTag::STATUS).expect("a status")
    }

    /// Asks for release and sees it answered.
    pub(crate) async fn release(mut self) {
        self.send(&RELEASE_RQ).await;
        assert_eq!(self.pdu().await.as_deref(), Some(&RELEASE_RP[..]));
    }
}

/// An A-ASSOCIATE-RQ.
pub(crate) struct Request {
    pub(crate) version: u16,
    pub(crate) called: &'static str,
    pub(crate) calling: &'static str,
    pub(crate) application_context: &'static str,
    pub(crate) contexts: Vec<(u8, &'static str, Vec<&'static str>)>,
    pub(crate) max_length: u32,
    /// More items of the user information.
    pub(crate) user_items: Vec<u8>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            version: 1,
            called: "FILMLESS",
            calling: "CT1",
            application_context: "1.2.840.10008.3.1.1.1",
            contexts: vec![
                (1, CT, vec![EXPLICIT]),
                (3, MR, vec![EXPLICIT]),
                (5, VERIFICATION, vec![IMPLICIT]),
                (7, "1.2.840.10008.5.1.1.9", vec![IMPLICIT]),
                (9, STUDY_ROOT_FIND, vec![IMPLICIT, EXPLICIT]),
                (11, PATIENT_ROOT_FIND, vec![EXPLICIT]),
                (13, WORKLIST_FIND, vec![EXPLICIT]),
            ],
            max_length: 16_384,
            user_items: Vec::new(),
        }
    }
}

impl Request {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend_from_slice(&[0, 0]);
        body.extend_from_slice(format!("{:16}{:16}", self.called, self.calling).as_bytes());
        body.extend_from_slice(&[0; 32]);
        body.extend(item(0x10, self.application_context.as_bytes()));
        for (id, abstract_syntax, transfer_syntaxes) in &self.contexts {
            let mut context = vec![*id, 0, 0, 0];
            context.extend(item(0x30, abstract_syntax.as_bytes()));
            for uid in transfer_syntaxes {
                context.extend(item(0x40, uid.as_bytes()));
            }
            body.extend(item(0x20, &context));
        }
        let mut user = item(0x51, &self.max_length.to_be_bytes());
        user.extend(item(0x52, b"1.2.3.4"));
        user.extend_from_slice(&self.user_items);
        body.extend(item(0x50, &user));
        pdu(1, &body)
    }
}

pub(crate) fn item(item_type: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![item_type, 0];
    bytes.extend_from_slice(&u16::try_from(value.len()).expect("short").to_be_bytes());
    bytes.extend_from_slice(value);
    bytes
}

pub(crate) fn pdu(pdu_type: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![pdu_type, 0];
    bytes.extend_from_slice(&u32::try_from(body.len()).expect("short").to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// A presentation data value.
pub(crate) fn value(context_id: u8, control: u8, bytes: &[u8]) -> Vec<u8> {
    let mut value = u32::try_from(bytes.len() + 2).expect("short").to_be_bytes().to_vec();
    value.extend_from_slice(&[context_id, control]);
    value.extend_from_slice(bytes);
    value
}

/// A P-DATA-TF PDU with one value.
pub(crate) fn data(context_id: u8, control: u8, bytes: &[u8]) -> Vec<u8> {
    pdu(4, &value(context_id, control, bytes))
}

/// A whole command set in one PDU.
pub(crate) fn command(context_id: u8, command: &CommandSet) -> Vec<u8> {
    data(context_id, 3, &command.encode())
}

pub(crate) fn echo_rq(message_id: u16) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, VERIFICATION)
        .with_number(CommandTag::COMMAND_FIELD, 0x30)
        .with_number(CommandTag::MESSAGE_ID, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
}

pub(crate) fn cancel_rq(message_id: u16) -> CommandSet {
    CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, 0x0FFF)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
}

pub(crate) fn store_rq(message_id: u16, class: &str, instance: &str) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, class)
        .with_number(CommandTag::COMMAND_FIELD, 1)
        .with_number(CommandTag::MESSAGE_ID, message_id)
        .with_number(CommandTag::PRIORITY, 0)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1)
        .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, instance)
}
