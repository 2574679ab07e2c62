//! What is done with the instances of each peer, as it was written. What it means, the archive knows.

use filmless_model::ae_title::AeTitle;
use sqlx::AnyConnection;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;
use crate::text::kept;

/// Definitions with the peers that they are for; none is for all.
pub(crate) async fn all(connections: &Connections) -> Result<Vec<(Option<AeTitle>, String)>, IndexError> {
    let rows = connections.fetch_all(sqlx::query("select peer, definition from coercion_rules order by peer")).await?;
    let peer = |text: &str| if text.is_empty() { Some(None) } else { AeTitle::parse(text).ok().map(Some) };
    rows.iter().map(|row| Ok((row::parsed(row, 0, peer)?, row::text(row, 1)?))).collect()
}

pub(crate) async fn put(connection: &mut AnyConnection, peer: Option<&AeTitle>, definition: &str) -> Result<(), IndexError> {
    let sql = "insert into coercion_rules (peer, definition) values ($1, $2) \
               on conflict (peer) do update set definition = excluded.definition";
    sqlx::query(sql).bind(key(peer)).bind(kept(definition).into_owned()).execute(connection).await?;
    Ok(())
}

pub(crate) async fn remove(connection: &mut AnyConnection, peer: Option<&AeTitle>) -> Result<bool, IndexError> {
    let removed = sqlx::query("delete from coercion_rules where peer = $1").bind(key(peer)).execute(connection).await?;
    Ok(removed.rows_affected() > 0)
}

fn key(peer: Option<&AeTitle>) -> String {
    peer.map(|peer| peer.as_str().to_owned()).unwrap_or_default()
}
