//! The part of the index about who is told that a study is here (PS3.4 annex R): behind the change feed, as forwarding is.
//!
//! A row is of a peer and a study. New instances of the study make it due anew, some time later, under another revision: what
//! was begun under the one before settles nothing any more. Whoever tells the peer has the row until `next_ms`.

use std::sync::Arc;

use async_trait::async_trait;
use filmless_model::ae_title::AeTitle;
use filmless_model::availability::{AvailableStudy, Notice, NoticeState, NoticeSummary};
use filmless_model::change::ChangeKind;
use filmless_model::commitment::Reference;
use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

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
    /// How long after its last new instance a peer is told of a study, in milliseconds.
    pub quiet_ms: i64,
}

/// What became of telling a peer.
#[derive(Debug, Clone, Copy)]
pub struct SettledNotice<'a> {
    /// How far it is.
    pub state: NoticeState,
    /// Why it was in vain, if it was.
    pub trouble: Option<&'a str>,
    /// When it is tried next, or ended, in milliseconds since 1970-01-01T00:00:00Z.
    pub next_ms: i64,
}

/// Who is told of which study. Writes are durable when they return.
#[async_trait]
pub trait AvailabilityIndex: Send + Sync + 'static {
    /// The last change whose study peers are told of.
    async fn availability_read_through(&self) -> Result<i64, IndexError>;

    /// Has the peers that want it, and may retrieve, told of the studies that these changes are new instances of; false if
    /// another process read the changes first, and nothing is kept.
    async fn queue_notices(&self, changes: ReadChanges) -> Result<bool, IndexError>;

    /// Takes the notice that is due the longest, until `next_ms`.
    async fn take_notice(&self, now_ms: i64, next_ms: i64) -> Result<Option<Notice>, IndexError>;

    /// Goes on having a notice until `next_ms`; false if its study has new instances, or it has ended.
    async fn keep_notice(&self, key: i64, revision: i64, next_ms: i64) -> Result<bool, IndexError>;

    /// Keeps what became of it, one attempt later, unless its study has new instances.
    async fn settle_notice(&self, notice: &Notice, settled: SettledNotice<'_>) -> Result<(), IndexError>;

    /// Removes a notice that nobody is to hear of, unless its study has new instances.
    async fn drop_notice(&self, notice: &Notice) -> Result<(), IndexError>;

    /// Has a peer told now that was not told yet; false if there is no such notice.
    async fn retry_notice(&self, key: i64, now_ms: i64) -> Result<bool, IndexError>;

    /// Forgets what ended before `before_ms`, and says how much.
    async fn forget_notices(&self, before_ms: i64) -> Result<u64, IndexError>;

    /// Notices, last due first.
    async fn notices(&self, limit: u32) -> Result<Vec<NoticeSummary>, IndexError>;

    /// What is visible of a study; its step is not looked for.
    async fn available(&self, study: &StudyInstanceUid) -> Result<AvailableStudy, IndexError>;
}

const WAITING: &str = NoticeState::Waiting.as_str();

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
               select p.ae_title, v.study_instance_uid, $1, cast($2 as bigint), max(c.at_ms) + cast($3 as bigint) \
               from changes c join instance_versions v on v.version_key = c.version_key \
               join peers p on p.told_of_availability = 1 and p.may_retrieve = 1 \
               where c.sequence > $4 and c.sequence <= $5 and c.kind = $6 group by p.ae_title, v.study_instance_uid \
               on conflict (peer, study_instance_uid) do update set state = excluded.state, attempts = 0, trouble = null, \
               revision = availability_notices.revision + 1, queued_ms = excluded.queued_ms, next_ms = excluded.next_ms";
    let query = sqlx::query(sql).bind(WAITING).bind(changes.now_ms).bind(changes.quiet_ms);
    let query = query.bind(changes.from).bind(changes.through).bind(ChangeKind::Stored.as_str());
    query.execute(connection).await?;
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

async fn available(connections: &Connections, study: &StudyInstanceUid) -> Result<AvailableStudy, IndexError> {
    let sql = "select se.series_instance_uid, i.sop_class_uid, i.sop_instance_uid from studies st \
               join series se on se.study_key = st.study_key \
               join instances i on i.study_key = se.study_key and i.series_key = se.series_key \
               where st.study_instance_uid = $1 \
               order by se.series_number nulls last, se.series_instance_uid, i.instance_number nulls last, i.sop_instance_uid";
    let mut series: Vec<(SeriesInstanceUid, Vec<Reference>)> = Vec::new();
    for row in connections.fetch_all(sqlx::query(sql).bind(study.as_str().to_owned())).await? {
        let (uid, reference) = (row::uid(&row, 0)?, (row::uid(&row, 1)?, row::uid(&row, 2)?));
        match series.last_mut() {
            Some((last, references)) if *last == uid => references.push(reference),
            _ => series.push((uid, vec![reference])),
        }
    }
    Ok(AvailableStudy { study: study.clone(), series, step: None })
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

    async fn settle_notice(&self, notice: &Notice, settled: SettledNotice<'_>) -> Result<(), IndexError> {
        let (key, revision, state, next_ms) = (notice.key, notice.revision, settled.state.as_str(), settled.next_ms);
        let trouble: Option<Arc<str>> = settled.trouble.map(|trouble| kept(trouble).into());
        self.write(move |connection| {
            let trouble = trouble.clone();
            Box::pin(async move {
                let sql = "update availability_notices set state = $1, attempts = attempts + 1, trouble = $2, next_ms = $3 \
                           where notice_key = $4 and revision = $5 and state = $6";
                let query = sqlx::query(sql).bind(state).bind(trouble.as_deref().map(str::to_owned)).bind(next_ms);
                query.bind(key).bind(revision).bind(WAITING).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    async fn drop_notice(&self, notice: &Notice) -> Result<(), IndexError> {
        let (key, revision) = (notice.key, notice.revision);
        self.write(move |connection| {
            Box::pin(async move {
                let query = sqlx::query("delete from availability_notices where notice_key = $1 and revision = $2");
                query.bind(key).bind(revision).execute(connection).await?;
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

    async fn available(&self, study: &StudyInstanceUid) -> Result<AvailableStudy, IndexError> {
        available(&self.connections, study).await
    }
}
