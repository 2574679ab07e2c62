//! Peers and the inbox of those that were turned away.

use std::net::IpAddr;

use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::machine::{LongString, Machine, MachineCode};
use filmless_model::peer::{InboxEntry, MoveDestinations, Peer, PeerRights, WorklistCharacters, WorklistNames, WorklistOptions};
use filmless_model::uid::TransferSyntaxUid;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::index::INBOX_LIMIT;
use crate::row;
use crate::text::kept;

/// What is read of a peer, in the order of [`peer_of`].
macro_rules! columns {
    () => {
        "ae_title, address, port, may_store, may_query, may_retrieve, may_replace, may_worklist, worklist_characters, \
         worklist_names, worklist_max_entries, certificate, move_destinations, accepted_transfer_syntaxes, \
         offered_transfer_syntaxes, max_associations, issuer_of_patient_id, department, machine_code, called_by_tls, \
         told_of_availability"
    };
}

fn peer_of(row: &AnyRow) -> Result<Peer, IndexError> {
    let port = row::optional_number(row, 2)?.map(u16::try_from).transpose();
    let max_entries = row::optional_number(row, 10)?.map(u32::try_from).transpose();
    let max_associations = row::optional_number(row, 15)?.map(u32::try_from).transpose();
    let move_destinations = row::optional(row, 12, |text| list(text, |title| AeTitle::parse(title).ok()))?;
    let transfer_syntaxes = |column| row::optional(row, column, |text| list(text, |uid| TransferSyntaxUid::parse(uid).ok()));
    Ok(Peer {
        ae_title: row::parsed(row, 0, |text| AeTitle::parse(text).ok())?,
        address: row::optional_text(row, 1)?,
        port: port.map_err(|_| IndexError::Corrupt("column port holds what it should not".to_owned()))?,
        tls: row::flag(row, 19)?,
        instance_availability: row::flag(row, 20)?,
        rights: PeerRights {
            store: row::flag(row, 3)?,
            query: row::flag(row, 4)?,
            retrieve: row::flag(row, 5)?,
            replace: row::flag(row, 6)?,
            worklist: row::flag(row, 7)?,
        },
        worklist: WorklistOptions {
            characters: row::parsed(row, 8, WorklistCharacters::parse)?,
            names: row::parsed(row, 9, WorklistNames::parse)?,
            max_entries: max_entries
                .map_err(|_| IndexError::Corrupt("column worklist_max_entries holds what it should not".to_owned()))?,
        },
        certificate: row::optional(row, 11, CertificateBinding::parse)?,
        move_destinations: move_destinations.map_or(MoveDestinations::All, MoveDestinations::Only),
        accepted_transfer_syntaxes: transfer_syntaxes(13)?.unwrap_or_default(),
        offered_transfer_syntaxes: transfer_syntaxes(14)?.unwrap_or_default(),
        max_associations: max_associations
            .map_err(|_| IndexError::Corrupt("column max_associations holds what it should not".to_owned()))?,
        machine: Machine {
            issuer_of_patient_id: row::optional(row, 16, LongString::parse)?,
            department: row::optional(row, 17, LongString::parse)?,
            code: row::optional(row, 18, MachineCode::parse)?,
        },
    })
}

/// Reads values with backslashes between, which none of them has.
fn list<T>(text: &str, parse: impl FnMut(&str) -> Option<T>) -> Option<Vec<T>> {
    if text.is_empty() { Some(Vec::new()) } else { text.split('\\').map(parse).collect() }
}

/// Writes such a list.
fn listed<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\\")
}

pub(crate) async fn peers(connections: &Connections) -> Result<Vec<Peer>, IndexError> {
    let sql = concat!("select ", columns!(), " from peers order by ae_title");
    connections.fetch_all(sqlx::query(sql)).await?.iter().map(peer_of).collect()
}

pub(crate) async fn peer(connections: &Connections, ae_title: &AeTitle) -> Result<Option<Peer>, IndexError> {
    let sql = concat!("select ", columns!(), " from peers where ae_title = $1");
    let row = connections.fetch_optional(sqlx::query(sql).bind(ae_title.as_str().to_owned())).await?;
    row.as_ref().map(peer_of).transpose()
}

pub(crate) async fn put_peer(connection: &mut AnyConnection, peer: &Peer) -> Result<(), IndexError> {
    let sql = concat!(
        "insert into peers (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
         on conflict (ae_title) do update set address = excluded.address, port = excluded.port, \
         may_store = excluded.may_store, may_query = excluded.may_query, may_retrieve = excluded.may_retrieve, \
         may_replace = excluded.may_replace, may_worklist = excluded.may_worklist, \
         worklist_characters = excluded.worklist_characters, worklist_names = excluded.worklist_names, \
         worklist_max_entries = excluded.worklist_max_entries, certificate = excluded.certificate, \
         move_destinations = excluded.move_destinations, \
         accepted_transfer_syntaxes = excluded.accepted_transfer_syntaxes, \
         offered_transfer_syntaxes = excluded.offered_transfer_syntaxes, max_associations = excluded.max_associations, \
         issuer_of_patient_id = excluded.issuer_of_patient_id, department = excluded.department, \
         machine_code = excluded.machine_code, called_by_tls = excluded.called_by_tls, \
         told_of_availability = excluded.told_of_availability"
    );
    let move_destinations = match &peer.move_destinations {
        MoveDestinations::All => None,
        MoveDestinations::Only(destinations) => Some(listed(destinations)),
    };
    sqlx::query(sql)
        .bind(peer.ae_title.as_str().to_owned())
        .bind(peer.address.as_deref().map(|address| kept(address).into_owned()))
        .bind(peer.port.map(i64::from))
        .bind(i16::from(peer.rights.store))
        .bind(i16::from(peer.rights.query))
        .bind(i16::from(peer.rights.retrieve))
        .bind(i16::from(peer.rights.replace))
        .bind(i16::from(peer.rights.worklist))
        .bind(peer.worklist.characters.as_str())
        .bind(peer.worklist.names.as_str())
        .bind(peer.worklist.max_entries.map(i64::from))
        .bind(peer.certificate.as_ref().map(ToString::to_string))
        .bind(move_destinations)
        .bind(listed(&peer.accepted_transfer_syntaxes))
        .bind(listed(&peer.offered_transfer_syntaxes))
        .bind(peer.max_associations.map(i64::from))
        .bind(peer.machine.issuer_of_patient_id.as_ref().map(ToString::to_string))
        .bind(peer.machine.department.as_ref().map(ToString::to_string))
        .bind(peer.machine.code.as_ref().map(ToString::to_string))
        .bind(i16::from(peer.tls))
        .bind(i16::from(peer.instance_availability))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn remove_peer(connection: &mut AnyConnection, ae_title: &AeTitle) -> Result<bool, IndexError> {
    let query = sqlx::query("delete from peers where ae_title = $1").bind(ae_title.as_str().to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn remember(connection: &mut AnyConnection, entry: &InboxEntry) -> Result<(), IndexError> {
    let sql = "insert into inbox (calling_ae_title, called_ae_title, address, reason, abstract_syntaxes, first_ms, last_ms, times) \
               values ($1, $2, $3, $4, $5, $6, $7, $8) \
               on conflict (calling_ae_title, called_ae_title, address) do update set reason = excluded.reason, \
               abstract_syntaxes = excluded.abstract_syntaxes, last_ms = excluded.last_ms, times = inbox.times + excluded.times";
    let syntaxes: Vec<_> = entry.abstract_syntaxes.iter().map(|syntax| kept(syntax).into_owned()).collect();
    sqlx::query(sql)
        .bind(kept(&entry.calling_ae_title).into_owned())
        .bind(kept(&entry.called_ae_title).into_owned())
        .bind(entry.address.to_string())
        .bind(kept(&entry.reason).into_owned())
        .bind(serde_json::Value::from(syntaxes).to_string())
        .bind(entry.first_ms)
        .bind(entry.last_ms)
        .bind(entry.count)
        .execute(&mut *connection)
        .await?;
    let sql = "delete from inbox where inbox_key in \
               (select inbox_key from inbox order by last_ms desc, inbox_key desc limit $1 offset $2)";
    let limit = i64::from(INBOX_LIMIT);
    sqlx::query(sql).bind(limit).bind(limit).execute(connection).await?;
    Ok(())
}

pub(crate) async fn inbox(connections: &Connections, limit: u32) -> Result<Vec<InboxEntry>, IndexError> {
    let sql = "select calling_ae_title, called_ae_title, address, reason, abstract_syntaxes, first_ms, last_ms, times \
               from inbox order by last_ms desc, inbox_key desc limit $1";
    let rows = connections.fetch_all(sqlx::query(sql).bind(i64::from(limit))).await?;
    let entry = |row| {
        Ok(InboxEntry {
            calling_ae_title: row::text(row, 0)?,
            called_ae_title: row::text(row, 1)?,
            address: row::parsed(row, 2, |text| text.parse().ok())?,
            reason: row::text(row, 3)?,
            abstract_syntaxes: row::parsed(row, 4, |text| serde_json::from_str(text).ok())?,
            first_ms: row::number(row, 5)?,
            last_ms: row::number(row, 6)?,
            count: row::number(row, 7)?,
        })
    };
    rows.iter().map(entry).collect()
}

pub(crate) async fn forget(
    connection: &mut AnyConnection,
    calling_ae_title: &str,
    called_ae_title: &str,
    address: IpAddr,
) -> Result<bool, IndexError> {
    let sql = "delete from inbox where calling_ae_title = $1 and called_ae_title = $2 and address = $3";
    let query = sqlx::query(sql).bind(kept(calling_ae_title).into_owned()).bind(kept(called_ae_title).into_owned());
    Ok(query.bind(address.to_string()).execute(connection).await?.rows_affected() > 0)
}
