//! The part of the index about who is told that a study is here, or is not any more (PS3.4 annex R): behind the change feed, as
//! forwarding is.
//!
//! A row is of a peer and a study. New instances of the study make it due anew, some time later, under another revision, and so do
//! deletions if the peer may know of the study: what was begun under the one before settles nothing any more. Whoever tells the
//! peer has the row until `next_ms`.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use filmless_model::ae_title::AeTitle;
use filmless_model::availability::{Availability, AvailableStudy, Notice, NoticeState, NoticeSummary};
use filmless_model::change::ChangeKind;
use filmless_model::uid::SeriesInstanceUid;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::commit::statements::AnyQuery;
use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;
use crate::sql_index::SqlIndex;
use crate::text::kept;

/// Some changes of the feed, after one and up to another.
#[derive(Debug, Clone, Copy)]
pub struct ReadChanges {
    /// After this.
    pub from: i64,
    /// Up to this.
    pub through: i64,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// How long after its last change a peer is told of a study, in milliseconds.
    pub quiet_ms: i64,
}

/// What became of trying to tell a peer in vain.
#[derive(Debug, Clone, Copy)]
pub struct SettledNotice<'a> {
    /// How far it is.
    pub state: NoticeState,
    /// Why it was in vain.
    pub trouble: &'a str,
    /// When it is tried next, or ended, in milliseconds since 1970-01-01T00:00:00Z.
    pub next_ms: i64,
}

/// Who is told of which study. Writes are durable when they return.
#[async_trait]
pub trait AvailabilityIndex: Send + Sync + 'static {
    /// The last change whose study peers are told of.
    async fn availability_read_through(&self) -> Result<i64, IndexError>;

    /// Has the peers that want it, and may retrieve, told of the studies that these changes are new instances of, and those that
    /// were told of a study, of what was deleted of it; false if another process read the changes first, and nothing is kept.
    async fn queue_notices(&self, changes: ReadChanges) -> Result<bool, IndexError>;

    /// Takes the notice that is due the longest, until `next_ms`.
    async fn take_notice(&self, now_ms: i64, next_ms: i64) -> Result<Option<Notice>, IndexError>;

    /// Goes on having a notice until `next_ms`; false if its study has changed, or it has ended.
    async fn keep_notice(&self, key: i64, revision: i64, next_ms: i64) -> Result<bool, IndexError>;

    /// What the peer is to be told: what is visible of the study, and what was deleted of it since the peer was told. Its step is
    /// not looked for. That the peer may know of the study is written down: it may hear of it although we never learn that it did.
    async fn begin_to_tell(&self, notice: &Notice) -> Result<AvailableStudy, IndexError>;

    /// The peer was told, at `now_ms`; the notice is settled unless its study has changed.
    async fn end_to_tell(&self, notice: &Notice, told: &AvailableStudy, now_ms: i64) -> Result<(), IndexError>;

    /// Keeps what became of it, one attempt later, unless its study has changed.
    async fn settle_notice(&self, notice: &Notice, settled: SettledNotice<'_>) -> Result<(), IndexError>;

    /// Removes a notice that nobody is to hear of, and that its peer knows of the study, unless the study has changed.
    async fn drop_notice(&self, notice: &Notice) -> Result<(), IndexError>;

    /// Has a peer told now that was not told yet; false if there is no such notice.
    async fn retry_notice(&self, key: i64, now_ms: i64) -> Result<bool, IndexError>;

    /// Forgets what ended before `before_ms`, and says how much.
    async fn forget_notices(&self, before_ms: i64) -> Result<u64, IndexError>;

    /// Notices, last due first.
    async fn notices(&self, limit: u32) -> Result<Vec<NoticeSummary>, IndexError>;
}

const WAITING: &str = NoticeState::Waiting.as_str();
const FORGET_TOLD: &str = "delete from availability_told where study_instance_uid = $1 and peer = $2";

/// What is read of a notice, in the order of [`notice_of`].
macro_rules! columns {
    () => {
        "notice_key, revision, peer, study_instance_uid, attempts, queued_ms"
    };
}

fn notice_of(row: &AnyRow) -> Result<Notice, IndexError> {
    Ok(Notice {
        key: row::number(row, 0)?,
        revision: row::number(row, 1)?,
        peer: row::parsed(row, 2, |text| AeTitle::parse(text).ok())?,
        study: row::uid(row, 3)?,
        attempts: u32::try_from(row::unsigned(row, 4)?).unwrap_or(u32::MAX),
        queued_ms: row::number(row, 5)?,
    })
}

async fn queue(connection: &mut AnyConnection, changes: ReadChanges) -> Result<bool, IndexError> {
    let mark = sqlx::query("update availability_progress set read_through = $1 where read_through = $2");
    if mark.bind(changes.through).bind(changes.from).execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let sql = "insert into availability_notices (peer, study_instance_uid, state, queued_ms, next_ms) \
               select told.peer, told.study_instance_uid, $1, cast($2 as bigint), max(told.at_ms) + cast($3 as bigint) from \
               (select p.ae_title as peer, v.study_instance_uid, c.at_ms \
               from changes c join instance_versions v on v.version_key = c.version_key \
               join peers p on p.told_of_availability = 1 and p.may_retrieve = 1 \
               where c.sequence > $4 and c.sequence <= $5 and c.kind = $6 \
               union all select t.peer, t.study_instance_uid, c.at_ms \
               from changes c join instance_versions v on v.version_key = c.version_key \
               join availability_told t on t.study_instance_uid = v.study_instance_uid \
               where c.sequence > $4 and c.sequence <= $5 and c.kind = $7) as told \
               group by told.peer, told.study_instance_uid \
               on conflict (peer, study_instance_uid) do update set state = excluded.state, attempts = 0, trouble = null, \
               revision = availability_notices.revision + 1, queued_ms = excluded.queued_ms, next_ms = excluded.next_ms";
    let query = sqlx::query(sql).bind(WAITING).bind(changes.now_ms).bind(changes.quiet_ms);
    let query = query.bind(changes.from).bind(changes.through).bind(ChangeKind::Stored.as_str());
    query.bind(ChangeKind::Deleted.as_str()).execute(connection).await?;
    Ok(true)
}

/// Whether a notice is due. Asked often, so it is only read.
async fn is_due(connections: &Connections, now_ms: i64) -> Result<bool, IndexError> {
    let sql = "select notice_key from availability_notices where state = $1 and next_ms <= $2 limit 1";
    Ok(connections.fetch_optional(sqlx::query(sql).bind(WAITING).bind(now_ms)).await?.is_some())
}

async fn take(connection: &mut AnyConnection, now_ms: i64, next_ms: i64) -> Result<Option<Notice>, IndexError> {
    let sql = concat!(
        "update availability_notices set next_ms = $1 where notice_key = (select notice_key from availability_notices \
         where state = $2 and next_ms <= $3 order by next_ms, notice_key limit 1) and next_ms <= $3 returning ",
        columns!()
    );
    let query = sqlx::query(sql).bind(next_ms).bind(WAITING).bind(now_ms);
    query.fetch_optional(connection).await?.as_ref().map(notice_of).transpose()
}

async fn keep(connection: &mut AnyConnection, key: i64, revision: i64, next_ms: i64) -> Result<bool, IndexError> {
    let sql = "update availability_notices set next_ms = $1 where notice_key = $2 and revision = $3 and state = $4";
    let query = sqlx::query(sql).bind(next_ms).bind(key).bind(revision).bind(WAITING);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

async fn list(connections: &Connections, limit: u32) -> Result<Vec<NoticeSummary>, IndexError> {
    let sql = concat!(
        "select ",
        columns!(),
        ", state, trouble, next_ms from availability_notices order by next_ms desc, notice_key desc limit $1"
    );
    let summary = |row: &AnyRow| {
        Ok(NoticeSummary {
            notice: notice_of(row)?,
            state: row::parsed(row, 6, NoticeState::parse)?,
            trouble: row::optional_text(row, 7)?,
            at_ms: row::number(row, 8)?,
        })
    };
    connections.fetch_all(sqlx::query(sql).bind(i64::from(limit))).await?.iter().map(summary).collect()
}

/// Notes that a peer may know of a study, if that is not known.
async fn begin(connection: &mut AnyConnection, notice: &Notice) -> Result<(), IndexError> {
    let sql = "insert into availability_told (study_instance_uid, peer, deletion_key) \
               values ($1, $2, (select coalesce(max(deletion_key), 0) from deletions)) \
               on conflict (study_instance_uid, peer) do nothing";
    of_told(sql, notice).execute(connection).await?;
    Ok(())
}

/// A statement whose first two placeholders are bound to a study and a peer.
fn of_told(sql: &'static str, notice: &Notice) -> AnyQuery {
    sqlx::query(sql).bind(notice.study.as_str().to_owned()).bind(notice.peer.as_str().to_owned())
}

/// What is visible and what was deleted are read by one statement: between two, something could go and be seen by neither.
async fn available(connections: &Connections, notice: &Notice) -> Result<AvailableStudy, IndexError> {
    let sql = "select found.series_instance_uid, found.sop_class_uid, found.sop_instance_uid, found.is_here, \
               (select coalesce(max(deletion_key), 0) from deletions) from \
               (select se.series_instance_uid, i.sop_class_uid, i.sop_instance_uid, 1 as is_here, \
               se.series_number, i.instance_number from studies st \
               join series se on se.study_key = st.study_key \
               join instances i on i.study_key = se.study_key and i.series_key = se.series_key \
               where st.study_instance_uid = $1 \
               union select v.series_instance_uid, d.sop_class_uid, v.sop_instance_uid, 0, null, null \
               from availability_told t join deletions x on x.study_instance_uid = t.study_instance_uid \
               and x.deletion_key > t.deletion_key join deleted_versions d on d.deletion_key = x.deletion_key \
               join instance_versions v on v.version_key = d.version_key \
               where t.study_instance_uid = $1 and t.peer = $2 and d.was_served = 1 \
               and not exists (select 1 from instances i where i.sop_instance_uid = v.sop_instance_uid)) as found \
               order by found.is_here desc, found.series_number nulls last, found.series_instance_uid, \
               found.instance_number nulls last, found.sop_instance_uid";
    let mut available = AvailableStudy { study: notice.study.clone(), series: Vec::new(), last_deletion: 0, step: None };
    let mut places: HashMap<SeriesInstanceUid, usize> = HashMap::new();
    for row in connections.fetch_all(of_told(sql, notice)).await? {
        let (series, reference) = (row::uid::<SeriesInstanceUid>(&row, 0)?, (row::uid(&row, 1)?, row::uid(&row, 2)?));
        let availability = if row::flag(&row, 3)? { Availability::Online } else { Availability::Unavailable };
        available.last_deletion = row::number(&row, 4)?;
        let place = *places.entry(series.clone()).or_insert(available.series.len());
        if place == available.series.len() {
            available.series.push((series, Vec::new()));
        }
        available.series[place].1.push((reference, availability));
    }
    Ok(available)
}

/// Keeps what became of a notice, one attempt later, unless its study has changed.
async fn settle(
    connection: &mut AnyConnection,
    (key, revision): (i64, i64),
    state: NoticeState,
    trouble: Option<&str>,
    next_ms: i64,
) -> Result<(), IndexError> {
    let sql = "update availability_notices set state = $1, attempts = attempts + 1, trouble = $2, next_ms = $3 \
               where notice_key = $4 and revision = $5 and state = $6";
    let query = sqlx::query(sql).bind(state.as_str()).bind(trouble.map(str::to_owned)).bind(next_ms);
    query.bind(key).bind(revision).bind(WAITING).execute(connection).await?;
    Ok(())
}

/// The peer was told; of a study that is gone there is nothing more to tell it.
async fn end(connection: &mut AnyConnection, notice: &Notice, told: (i64, bool), now_ms: i64) -> Result<(), IndexError> {
    let (last_deletion, is_here) = told;
    let query = if is_here {
        let sql = "update availability_told set deletion_key = $3 where study_instance_uid = $1 and peer = $2";
        of_told(sql, notice).bind(last_deletion)
    } else {
        of_told(FORGET_TOLD, notice)
    };
    query.execute(&mut *connection).await?;
    settle(connection, (notice.key, notice.revision), NoticeState::Told, None, now_ms).await
}

#[async_trait]
impl AvailabilityIndex for SqlIndex {
    async fn availability_read_through(&self) -> Result<i64, IndexError> {
        let row = self.connections.fetch_one(sqlx::query("select read_through from availability_progress")).await?;
        row::number(&row, 0)
    }

    async fn queue_notices(&self, changes: ReadChanges) -> Result<bool, IndexError> {
        self.write(move |connection| Box::pin(queue(connection, changes))).await
    }

    async fn take_notice(&self, now_ms: i64, next_ms: i64) -> Result<Option<Notice>, IndexError> {
        if !is_due(&self.connections, now_ms).await? {
            return Ok(None);
        }
        self.write(move |connection| Box::pin(take(connection, now_ms, next_ms))).await
    }

    async fn keep_notice(&self, key: i64, revision: i64, next_ms: i64) -> Result<bool, IndexError> {
        self.write(move |connection| Box::pin(keep(connection, key, revision, next_ms))).await
    }

    async fn begin_to_tell(&self, notice: &Notice) -> Result<AvailableStudy, IndexError> {
        let of: Arc<Notice> = notice.clone().into();
        self.write(move |connection| {
            let of = of.clone();
            Box::pin(async move { begin(connection, &of).await })
        })
        .await?;
        available(&self.connections, notice).await
    }

    async fn end_to_tell(&self, notice: &Notice, told: &AvailableStudy, now_ms: i64) -> Result<(), IndexError> {
        let (of, told): (Arc<Notice>, _) = (notice.clone().into(), (told.last_deletion, told.is_here()));
        self.write(move |connection| {
            let of = of.clone();
            Box::pin(async move { end(connection, &of, told, now_ms).await })
        })
        .await
    }

    async fn settle_notice(&self, notice: &Notice, settled: SettledNotice<'_>) -> Result<(), IndexError> {
        let (of, state, next_ms) = ((notice.key, notice.revision), settled.state, settled.next_ms);
        let trouble: Arc<str> = kept(settled.trouble).into();
        self.write(move |connection| {
            let trouble = trouble.clone();
            Box::pin(async move { settle(connection, of, state, Some(&trouble), next_ms).await })
        })
        .await
    }

    async fn drop_notice(&self, notice: &Notice) -> Result<(), IndexError> {
        let of: Arc<Notice> = notice.clone().into();
        self.write(move |connection| {
            let of = of.clone();
            Box::pin(async move {
                let query = sqlx::query("delete from availability_notices where notice_key = $1 and revision = $2");
                let dropped = query.bind(of.key).bind(of.revision).execute(&mut *connection).await?;
                if dropped.rows_affected() > 0 {
                    of_told(FORGET_TOLD, &of).execute(connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn retry_notice(&self, key: i64, now_ms: i64) -> Result<bool, IndexError> {
        self.write(move |connection| {
            Box::pin(async move {
                let sql = "update availability_notices set state = $1, attempts = 0, revision = revision + 1, queued_ms = $2, \
                           next_ms = $2 where notice_key = $3 and state <> $4";
                let query = sqlx::query(sql).bind(WAITING).bind(now_ms).bind(key).bind(NoticeState::Told.as_str());
                Ok(query.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }

    async fn forget_notices(&self, before_ms: i64) -> Result<u64, IndexError> {
        self.write(move |connection| {
            Box::pin(async move {
                let query = sqlx::query("delete from availability_notices where state <> $1 and next_ms < $2");
                Ok(query.bind(WAITING).bind(before_ms).execute(connection).await?.rows_affected())
            })
        })
        .await
    }

    async fn notices(&self, limit: u32) -> Result<Vec<NoticeSummary>, IndexError> {
        list(&self.connections, limit).await
    }
}
