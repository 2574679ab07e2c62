//! C-STORE.

use filmless_dimse::command::{CommandSet, CommandTag};

use crate::client::{
    CT, Client, EXPLICIT, IMPLICIT, MR, Request, VERIFICATION, abort, command, data, echo_rq, pdu, store_rq, value,
};
use crate::door::Door;

/// A refusal: name, context, command set, data set, status, Offending Element.
type Refusal = (&'static str, u8, CommandSet, Option<Vec<u8>>, u16, &'static [u8]);

/// An element of Explicit VR Little Endian with a short length.
pub(crate) fn element(group: u16, element: u16, vr: [u8; 2], value: &str) -> Vec<u8> {
    let padded = format!("{value}{}", if value.len() % 2 == 1 { "\0" } else { "" });
    let mut bytes = [group.to_le_bytes(), element.to_le_bytes(), vr].concat();
    bytes.extend_from_slice(&u16::try_from(padded.len()).expect("short").to_le_bytes());
    bytes.extend_from_slice(padded.as_bytes());
    bytes
}

/// A small data set with pixels that nobody looks at.
pub(crate) fn data_set(class: &str, instance: &str, pixel_bytes: u32) -> Vec<u8> {
    let mut bytes = [
        element(0x0008, 0x0016, *b"UI", class),
        element(0x0008, 0x0018, *b"UI", instance),
        element(0x0010, 0x0020, *b"LO", "P1"),
        element(0x0020, 0x000D, *b"UI", "1.2.826.0.1.3680043.10.1.1"),
        element(0x0020, 0x000E, *b"UI", "1.2.826.0.1.3680043.10.1.2"),
        b"\xe0\x7f\x10\0OW\0\0".to_vec(),
        pixel_bytes.to_le_bytes().to_vec(),
    ]
    .concat();
    bytes.resize(bytes.len() + pixel_bytes as usize, 0x5a);
    bytes
}

/// P-DATA-TF PDUs of at most `step` data bytes.
fn data_pdus(context_id: u8, bytes: &[u8], step: usize) -> Vec<u8> {
    let count = bytes.len().div_ceil(step);
    let pdus = bytes.chunks(step).enumerate().map(|(i, piece)| data(context_id, if i + 1 == count { 2 } else { 0 }, piece));
    pdus.collect::<Vec<_>>().concat()
}

/// The data sets of what is served, as the blobs have them.
async fn stored_data_sets(door: &Door) -> Vec<Vec<u8>> {
    let mut data_sets = Vec::new();
    for stored in door.stored().await {
        let mut found = Vec::new();
        find(&door.folder.path().join("blobs"), &stored.version.id.to_string(), &mut found);
        let [path] = found.as_slice() else { panic!("one blob for each version: {found:?}") };
        let bytes = std::fs::read(path).expect("a readable blob");
        assert_eq!(bytes.len() as u64, stored.version.length_bytes);
        let offset = usize::try_from(stored.version.data_set_offset).expect("short");
        data_sets.push(bytes[offset..].to_vec());
    }
    data_sets
}

fn find(folder: &std::path::Path, name: &str, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            find(&path, name, found);
        } else if path.to_string_lossy().contains(name) {
            found.push(path);
        }
    }
}

#[tokio::test]
async fn a_data_set_is_kept_as_it_came_however_it_is_cut() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    let mut expected = Vec::new();
    for (message_id, (pixel_bytes, step)) in
        (1_u16..).zip([(2, 1), (100, 7), (5000, 4096), (600_000, 262_138), (3_000_000, 65_530), (0, 100_000)])
    {
        let instance = format!("1.2.826.0.1.3680043.10.1.3.{message_id}");
        let bytes = data_set(CT, &instance, pixel_bytes);
        client.send(&command(1, &store_rq(message_id, CT, &instance))).await;
        client.send(&data_pdus(1, &bytes, step)).await;
        let response = client.response().await;
        assert_eq!(response.number(CommandTag::STATUS), Some(0), "{response:?}");
        assert_eq!(response.number(CommandTag::COMMAND_FIELD), Some(0x8001));
        assert_eq!(response.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), Some(message_id));
        assert_eq!(response.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some(CT));
        assert_eq!(response.text(CommandTag::AFFECTED_SOP_INSTANCE_UID), Some(instance.as_str()));
        assert!(response.value(CommandTag::ERROR_COMMENT).is_none());
        expected.push(bytes);
    }
    client.release().await;
    assert!(stored_data_sets(&door).await == expected, "byte for byte");
    let stored = door.stored().await;
    assert!(stored.iter().all(|stored| stored.version.source == "dimse:CT1"));
    assert!(stored.iter().all(|stored| stored.version.transfer_syntax.as_str() == EXPLICIT));
    door.ended().await;
}

#[tokio::test]
async fn fragments_of_no_length_and_command_and_data_in_one_pdu_are_taken() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    let bytes = data_set(CT, "1.2.3.4", 10);
    let (head, tail) = bytes.split_at(30);
    let request = store_rq(1, CT, "1.2.3.4").encode();
    let (request_head, request_tail) = request.split_at(11);
    let all = pdu(
        4,
        &[
            value(1, 1, request_head),
            value(1, 1, b""),
            value(1, 3, request_tail),
            value(1, 0, b""),
            value(1, 0, head),
            value(1, 0, b""),
        ]
        .concat(),
    );
    client.send(&all).await;
    client.send(&[data(1, 0, tail), data(1, 2, b"")].concat()).await;
    assert_eq!(client.status(1).await, 0);
    client.release().await;
    assert!(stored_data_sets(&door).await == [bytes]);
    door.ended().await;
}

#[tokio::test]
async fn the_same_instance_again_is_a_success_that_changes_nothing() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    let message = [command(1, &store_rq(1, CT, "1.2.3.4")), data_pdus(1, &data_set(CT, "1.2.3.4", 50), 4096)].concat();
    for _ in 0..3 {
        client.send(&message).await;
        assert_eq!(client.status(1).await, 0);
    }
    client.release().await;
    assert_eq!(door.versions().await.len(), 1);
    door.ended().await;
}

#[tokio::test]
async fn a_refusal_reads_all_that_comes_and_leaves_the_association_as_it_was() {
    let door = Door::open().await;
    let without_data_set = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, CT)
        .with_number(CommandTag::COMMAND_FIELD, 1)
        .with_number(CommandTag::MESSAGE_ID, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
        .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, "1.2.3");
    let without_instance = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, CT)
        .with_number(CommandTag::COMMAND_FIELD, 1)
        .with_number(CommandTag::MESSAGE_ID, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1);
    let good = || data_set(CT, "1.2.3", 300_000);
    let cases: Vec<Refusal> = vec![
        ("class of another context", 3, store_rq(1, CT, "1.2.3"), Some(good()), 0x0122, b"\0\0\x02\0"),
        ("class that is no UID", 1, store_rq(1, "CT", "1.2.3"), Some(good()), 0x0122, b"\0\0\x02\0"),
        ("no class", 1, store_rq(1, "", "1.2.3"), Some(good()), 0x0122, b"\0\0\x02\0"),
        ("no instance", 1, without_instance, Some(good()), 0x0117, b"\0\0\0\x10"),
        ("instance that is a path", 1, store_rq(1, CT, "../../etc/passwd"), Some(good()), 0x0117, b"\0\0\0\x10"),
        ("instance that is too long", 1, store_rq(1, CT, &"1".repeat(65)), Some(good()), 0x0117, b"\0\0\0\x10"),
        ("no data set", 1, without_data_set, None, 0x0212, b"\0\0\0\x08"),
        ("Verification", 5, store_rq(1, VERIFICATION, "1.2.3"), Some(good()), 0x0211, b"\0\0\0\x01"),
        ("another instance", 1, store_rq(1, CT, "1.2.4"), Some(good()), 0xA900, b""),
        ("another class", 1, store_rq(1, CT, "1.2.3"), Some(data_set(MR, "1.2.3", 9)), 0xA900, b""),
        ("no DICOM", 1, store_rq(1, CT, "1.2.3"), Some(b"not a data set at all".to_vec()), 0x0117, b""),
        ("data set cut off", 1, store_rq(1, CT, "1.2.3"), Some(good()[..5000].to_vec()), 0xC000, b""),
    ];
    let mut client = Client::associated(door.address).await;
    for (name, context_id, request, bytes, expected, offending) in cases {
        client.send(&command(context_id, &request)).await;
        if let Some(bytes) = bytes {
            client.send(&data_pdus(context_id, &bytes, 16_000)).await;
        }
        let response = client.response().await;
        let status = response.number(CommandTag::STATUS).expect("a status");
        let kind = if expected == 0xC000 { status & 0xF000 } else { status };
        assert_eq!(kind, expected, "{name}: {status:04X}");
        assert_eq!(response.value(CommandTag::OFFENDING_ELEMENT).map_or(&b""[..], |value| value), offending, "{name}");
        let comment = response.value(CommandTag::ERROR_COMMENT).expect("words for a person");
        assert!((1..=64).contains(&comment.len()), "{name}: {comment:?}");
    }
    client.send(&command(5, &echo_rq(2))).await;
    assert_eq!(client.status(2).await, 0);
    client.release().await;
    assert_eq!(door.versions().await.len(), 0);
    door.ended().await;
}

#[tokio::test]
async fn a_data_set_that_is_not_in_its_contexts_transfer_syntax_is_never_mislabelled() {
    let door = Door::open().await;
    let contexts = vec![(1, CT, vec![IMPLICIT]), (3, CT, vec![EXPLICIT])];
    let (mut client, _) = Client::associated_by(door.address, &Request { contexts, ..Request::default() }).await;
    // Explicit VR in a context of Implicit VR: there is no doubt what it is.
    client.send(&command(1, &store_rq(1, CT, "1.2.3"))).await;
    client.send(&data_pdus(1, &data_set(CT, "1.2.3", 300), 100)).await;
    assert_eq!(client.status(1).await, 0);
    // Compressed in a context of Explicit VR: nobody says how.
    let mut compressed = data_set(CT, "1.2.4", 0);
    compressed.truncate(compressed.len() - 4);
    compressed.extend_from_slice(b"\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
    client.send(&command(3, &store_rq(2, CT, "1.2.4"))).await;
    client.send(&data_pdus(3, &compressed, 100)).await;
    let response = client.response().await;
    assert_eq!(response.number(CommandTag::STATUS), Some(0xC000));
    let comment = response.text(CommandTag::ERROR_COMMENT);
    assert_eq!(comment, Some("cannot understand: Pixel Data is compressed, unlike its label"));
    client.release().await;
    let stored = door.stored().await;
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].address.instance.as_str(), stored[0].version.transfer_syntax.as_str()), ("1.2.3", EXPLICIT));
    door.ended().await;
}

#[tokio::test]
async fn a_peer_that_may_not_store_is_told_so_for_each_instance() {
    let door = Door::open().await;
    let (mut client, _) = Client::associated_by(door.address, &Request { calling: "VIEWER", ..Request::default() }).await;
    client.send(&command(1, &store_rq(1, CT, "1.2.3"))).await;
    client.send(&data_pdus(1, &data_set(CT, "1.2.3", 500_000), 16_000)).await;
    assert_eq!(client.status(1).await, 0x0124);
    client.send(&command(5, &echo_rq(2))).await;
    assert_eq!(client.status(2).await, 0);
    client.release().await;
    assert_eq!(door.versions().await.len(), 0);
    door.ended().await;
}

#[tokio::test]
async fn a_database_that_fails_is_out_of_resources_and_keeps_no_row() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    door.lose_database().await;
    client.send(&command(1, &store_rq(1, CT, "1.2.3"))).await;
    client.send(&data_pdus(1, &data_set(CT, "1.2.3", 500), 16_000)).await;
    let status = client.status(1).await;
    assert_eq!(status & 0xFF00, 0xA700, "{status:04X}");
    client.release().await;
    assert_eq!(door.versions().await.len(), 0);
    door.ended().await;
}

#[tokio::test]
async fn associations_at_once_do_not_mix() {
    let door = Door::open().await;
    let address = door.address;
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..8_u16 {
        senders.spawn(async move {
            let mut client = Client::associated(address).await;
            for message_id in 0..10_u16 {
                let instance = format!("1.2.3.{sender}.{message_id}");
                let bytes = data_set(CT, &instance, 10_000 * u32::from(sender));
                client.send(&command(1, &store_rq(message_id, CT, &instance))).await;
                client.send(&data_pdus(1, &bytes, 1000 + usize::from(sender) * 1000)).await;
                assert_eq!(client.status(message_id).await, 0);
            }
            client.release().await;
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.expect("all are stored");
    }
    let stored = door.stored().await;
    assert_eq!(stored.len(), 80);
    for (stored, bytes) in stored.iter().zip(stored_data_sets(&door).await) {
        let instance = stored.address.instance.as_str();
        let sender: u32 = instance.split('.').nth(3).and_then(|text| text.parse().ok()).expect("as it was sent");
        assert!(bytes == data_set(CT, instance, 10_000 * sender), "{instance}");
    }
    door.ended().await;
}

#[tokio::test]
async fn a_data_set_that_breaks_off_is_not_kept() {
    let door = Door::open().await;
    let bytes = data_set(CT, "1.2.3", 3_000_000);
    let mut client = Client::associated(door.address).await;
    client.send(&command(1, &store_rq(1, CT, "1.2.3"))).await;
    client.send(&data_pdus(1, &bytes, 16_000)[..2_500_000]).await;
    drop(client);

    let mut client = Client::associated(door.address).await;
    client.send(&command(1, &store_rq(1, CT, "1.2.3"))).await;
    let pdus = data_pdus(1, &bytes, 16_000);
    client.send(&pdus[..16_012 * 150]).await;
    client.send(&abort(0)).await;
    assert_eq!(client.rest().await, b"");
    door.still_serves().await;
    assert_eq!(door.versions().await.len(), 0);
    door.ended().await;
}
