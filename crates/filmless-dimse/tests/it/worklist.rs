//! C-FIND of the Modality Worklist.

use filmless_dicom::identifier::{Key, KeyValue};
use filmless_dimse::command::CommandTag;
use filmless_index::OrderCommit;
use filmless_model::ae_title::AeTitle;
use filmless_model::attribute::Tag;
use filmless_model::order::{Order, OrderAttribute as A, Put, StepStatus, Words};
use filmless_model::peer::{WorklistCharacters, WorklistNames, WorklistOptions};

use crate::client::{Client, Request, WORKLIST_FIND, cancel_rq, command, data, item};
use crate::door::Door;
use crate::find::{answers, find_rq_of, text};
use crate::keys::{Keys, identifier_of};
use crate::store::element;

const NAME: (u16, u16) = (0x0010, 0x0010);
const ACCESSION_NUMBER: (u16, u16) = (0x0008, 0x0050);
const MODALITY: (u16, u16) = (0x0008, 0x0060);
const STATION: (u16, u16) = (0x0040, 0x0001);
const DATE: (u16, u16) = (0x0040, 0x0002);
const TIME: (u16, u16) = (0x0040, 0x0003);
const STATUS: (u16, u16) = (0x0040, 0x0020);
const STEPS: (u16, u16) = (0x0040, 0x0100);
const PROTOCOL_CODES: (u16, u16) = (0x0040, 0x0008);
const PROCEDURE_CODES: (u16, u16) = (0x0032, 0x1064);

fn words(pairs: &[(A, &str)]) -> Words {
    pairs.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
}

/// A door with orders for CT1 and US1, hour by hour.
async fn with_orders(count: u32) -> (Door, Client) {
    let door = Door::open().await;
    for n in 1..=count {
        let (number, hour) = (format!("A{n}"), format!("{n:02}00"));
        let of_order = words(&[
            (A::AccessionNumber, &number),
            (A::PatientId, "BN 1"),
            (A::PatientName, "Nguyễn Văn Đức"),
            (A::PregnancyStatus, "4"),
            (A::ProcedureCodeValue, "18.0220"),
            (A::ProcedureCodingScheme, "99BYT"),
            (A::ProcedureCodeMeaning, "Chụp CLVT sọ não"),
        ]);
        let station = if n.is_multiple_of(2) { "US1" } else { "CT1" };
        let modality = if n.is_multiple_of(2) { "US" } else { "CT" };
        let of_step = [(A::Modality, modality), (A::ScheduledStationAeTitle, station), (A::StartDate, "20261122")];
        let mut of_step = words(&of_step);
        of_step.insert(A::StartTime, hour);
        let order = Order::new(&of_order, &[of_step]).expect("a whole order");
        let folded = words(&[(A::PatientName, "nguyen van duc")]);
        let commit = OrderCommit { order, folded, folded_steps: Vec::new(), put: Put::Create, at_ms: 0 };
        door.index.put_order(&commit).await.expect("the database takes an order");
    }
    let client = Client::associated(door.address).await;
    (door, client)
}

async fn ask_again(door: &Door, options: WorklistOptions) {
    let title = AeTitle::parse("CT1").expect("an AE title");
    let mut peer = door.index.peer(&title).await.expect("an answer").expect("a peer");
    peer.worklist = options;
    door.index.put_peer(&peer).await.expect("the database takes a peer");
}

fn sequence((group, number): (u16, u16), items: &[Vec<u8>]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("short").to_le_bytes();
    let items: Vec<_> = items.iter().map(|item| [&[0xFE, 0xFF, 0x00, 0xE0], &length(item)[..], item].concat()).collect();
    let items = items.concat();
    [&group.to_le_bytes()[..], &number.to_le_bytes(), b"SQ\0\0", &length(&items), &items].concat()
}

/// A request with keys of the order, and keys of its step.
fn request(message_id: u16, of_order: Keys<'_>, of_step: Keys<'_>) -> Vec<u8> {
    let keys = [identifier_of(of_order), sequence(STEPS, &[identifier_of(of_step)])].concat();
    request_of(message_id, &keys)
}

fn request_of(message_id: u16, keys: &[u8]) -> Vec<u8> {
    [command(13, &find_rq_of(WORKLIST_FIND, message_id)), data(13, 2, keys)].concat()
}

fn items(keys: &[Key], (group, number): (u16, u16)) -> &[Vec<Key>] {
    match &keys.iter().find(|key| key.tag == Tag(group, number)).expect("it was asked for").value {
        KeyValue::Items(items) => items,
        KeyValue::Text(text) => panic!("no sequence: {text}"),
    }
}

async fn numbers(client: &mut Client, of_order: Keys<'_>, of_step: Keys<'_>) -> Vec<String> {
    let of_order = [of_order, &[(ACCESSION_NUMBER, *b"SH", "")]].concat();
    client.send(&request(1, &of_order, of_step)).await;
    let (found, last) = answers(client).await;
    assert_eq!(last.number(CommandTag::STATUS), Some(0), "{last:?}");
    found.iter().map(|(_, keys)| text(keys, ACCESSION_NUMBER).expect("it was asked for").trim_end().to_owned()).collect()
}

#[tokio::test]
async fn a_machine_finds_its_steps_and_gets_what_it_asked_for() {
    let (door, mut client) = with_orders(3).await;
    let of_step = [(MODALITY, *b"CS", ""), (STATION, *b"AE", "CT1"), (DATE, *b"DA", "20261122"), (TIME, *b"TM", "")];
    let keys = [
        element(0x0008, 0x0050, *b"SH", ""),
        element(0x0010, 0x0010, *b"PN", ""),
        element(0x0010, 0x0020, *b"LO", ""),
        element(0x0010, 0x21C0, *b"US", ""),
        sequence((0x0008, 0x1110), &[]),
        sequence(PROCEDURE_CODES, &[]),
        sequence(STEPS, &[[identifier_of(&of_step), sequence(PROTOCOL_CODES, &[])].concat()]),
    ];
    client.send(&request_of(1, &keys.concat())).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0), 2));
    let (status, first) = &found[0];
    assert_eq!(*status, 0xFF00);
    for (tag, expected) in [
        ((0x0008, 0x0005), "ISO_IR 192"),
        (ACCESSION_NUMBER, "A1"),
        (NAME, "Nguyễn Văn Đức"),
        ((0x0010, 0x0020), "BN 1"),
        ((0x0010, 0x21C0), "4"),
    ] {
        assert_eq!(text(first, tag).map(str::trim_end), Some(expected));
    }
    assert!(items(first, (0x0008, 0x1110)).is_empty());
    let code = &items(first, PROCEDURE_CODES)[0];
    assert_eq!(text(code, (0x0008, 0x0100)).map(str::trim_end), Some("18.0220"));
    let [step] = items(first, STEPS) else { panic!("one step for an answer") };
    assert_eq!((text(step, MODALITY), text(step, STATION).map(str::trim_end)), (Some("CT"), Some("CT1")));
    assert_eq!((text(step, DATE), text(step, TIME)), (Some("20261122"), Some("010000")));
    assert!(items(step, PROTOCOL_CODES).is_empty());
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn keys_of_the_order_and_of_its_step_narrow_the_worklist() {
    let (door, mut client) = with_orders(4).await;
    for (of_order, of_step, expected) in [
        (&[][..], &[][..], &["A1", "A2", "A3", "A4"][..]),
        (&[(NAME, *b"PN", "NGUYEN*")], &[(STATION, *b"AE", "")], &["A1", "A2", "A3", "A4"]),
        (&[(NAME, *b"PN", "Tran*")], &[], &[]),
        (&[], &[(MODALITY, *b"CS", "US")], &["A2", "A4"]),
        (&[], &[(STATION, *b"AE", "C?1")], &["A1", "A3"]),
        (&[], &[(DATE, *b"DA", "20261123-")], &[]),
        (&[], &[(DATE, *b"DA", "20261122-20261123"), (TIME, *b"TM", "03-02")], &["A3", "A4"]),
        (&[], &[(TIME, *b"TM", "02-03")], &["A2", "A3"]),
        (&[], &[(STATUS, *b"CS", "SCHEDULED")], &["A1", "A2", "A3", "A4"]),
        (&[], &[(STATUS, *b"CS", "STARTED")], &[]),
    ] {
        assert_eq!(numbers(&mut client, of_order, of_step).await, expected, "{of_order:?} {of_step:?}");
    }
    door.index.cancel_order("A1").await.expect("an answer");
    for (number, status) in [("A2", StepStatus::Arrived), ("A3", StepStatus::InProgress), ("A4", StepStatus::Completed)] {
        assert_eq!(door.index.set_step_status(number, "", status).await.expect("an answer"), 1);
    }
    assert_eq!(numbers(&mut client, &[], &[]).await, ["A2"]);
    assert_eq!(numbers(&mut client, &[], &[(STATUS, *b"CS", "STARTED")]).await, ["A3"]);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn names_match_by_their_words_once_that_is_agreed_on() {
    let (door, mut client) = with_orders(1).await;
    let key = [(NAME, *b"PN", "Duc Ngu")];
    assert!(numbers(&mut client, &key, &[]).await.is_empty());
    client.release().await;
    let uid = WORKLIST_FIND.as_bytes();
    let length = u16::try_from(uid.len()).expect("short").to_be_bytes();
    let said = |options: &[u8]| item(0x56, &[&length[..], uid, options].concat());
    let proposal = Request { user_items: said(&[1, 1, 1]), ..Request::default() };
    let (mut client, accepted) = Client::associated_by(door.address, &proposal).await;
    let agreed = said(&[0, 0, 1]);
    assert!(accepted.windows(agreed.len()).any(|window| window == agreed), "fuzzy matching is agreed to, and no more");
    assert_eq!(numbers(&mut client, &key, &[]).await, ["A1"]);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_machine_gets_the_worklist_in_the_form_that_it_can_show() {
    let (door, mut client) = with_orders(3).await;
    let (utf_8, ascii) = (WorklistCharacters::Utf8, WorklistCharacters::Ascii);
    for (characters, names, expected, charset) in [
        (utf_8, WorklistNames::AsOrdered, "Nguyễn Văn Đức", Some("ISO_IR 192")),
        (utf_8, WorklistNames::Parsed, "Nguyễn^Đức^Văn", Some("ISO_IR 192")),
        (ascii, WorklistNames::Whole, "Nguyen Van Duc", None),
        (ascii, WorklistNames::Parsed, "Nguyen^Duc^Van", None),
    ] {
        ask_again(&door, WorklistOptions { characters, names, max_entries: Some(2) }).await;
        client.send(&request(1, &[(NAME, *b"PN", "")], &[])).await;
        let (found, last) = answers(&mut client).await;
        assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0), 2), "no more than it takes");
        assert_eq!(text(&found[0].1, NAME).map(str::trim_end), Some(expected));
        assert_eq!(text(&found[0].1, (0x0008, 0x0005)), charset);
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_and_what_is_not_supported_said() {
    let (door, mut client) = with_orders(1).await;
    for (of_order, of_step, comment) in [
        (&[][..], &[(DATE, *b"DA", "today")][..], "scheduled_procedure_step_start_date: a date is YYYYMMDD"),
        (&[], &[(TIME, *b"TM", "22-06")], "the range ends before it begins"),
        (&[], &[(STATUS, *b"CS", "S*")], "the status of a step has no wild cards"),
        (&[((0x0010, 0x0030), *b"DA", "1980")], &[], "patient_birth_date: a date is YYYYMMDD"),
    ] {
        client.send(&request(3, of_order, of_step)).await;
        let (found, last) = answers(&mut client).await;
        assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0xC001), 0), "{comment}");
        let said = last.text(CommandTag::ERROR_COMMENT).expect("a comment");
        assert!(said.starts_with(comment), "{said}");
    }
    client.send(&request_of(4, &sequence(STEPS, &[Vec::new(), Vec::new()]))).await;
    assert_eq!(answers(&mut client).await.1.number(CommandTag::STATUS), Some(0xA900));
    client.send(&request(5, &[((0x0010, 0x4000), *b"LT", "")], &[])).await;
    let (found, _) = answers(&mut client).await;
    assert_eq!((found[0].0, text(&found[0].1, (0x0010, 0x4000))), (0xFF01, Some("")));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn the_right_to_query_does_not_open_the_worklist() {
    let (door, client) = with_orders(1).await;
    client.release().await;
    let viewer = Request { calling: "VIEWER", ..Request::default() };
    let (mut client, _) = Client::associated_by(door.address, &viewer).await;
    client.send(&request(1, &[], &[])).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0x0124), 0));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_worklist_ends_when_it_is_cancelled() {
    let (door, mut client) = with_orders(2).await;
    client.send(&[request(3, &[], &[]), command(13, &cancel_rq(3))].concat()).await;
    assert_eq!(answers(&mut client).await.1.number(CommandTag::STATUS), Some(0xFE00));
    assert_eq!(numbers(&mut client, &[], &[]).await, ["A1", "A2"]);
    client.release().await;
    door.ended().await;
}
