//! The part of the index about the study list: its pages, and what each account has read and keeps of it. What is an account's
//! is read and written under its name alone.

use std::sync::Arc;

use async_trait::async_trait;
use filmless_model::account::AccountName;
use filmless_model::study_list::{ListChoices, ListedStudy, SavedFilter, StudyListQuery};
use filmless_model::uid::StudyInstanceUid;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;
use crate::search::study_list;
use crate::sql_index::SqlIndex;

/// The most values that a choice has.
const MOST_CHOICES: u32 = 200;

/// The most filters of an account.
pub const MOST_FILTERS: u32 = 50;

/// The study list. Writes are durable when they return.
#[async_trait]
pub trait StudyListIndex: Send + Sync + 'static {
    /// A page of the list. Keys of names and descriptions arrive folded.
    async fn list_studies(&self, query: &StudyListQuery) -> Result<Vec<ListedStudy>, IndexError>;

    /// What there is to choose from.
    async fn list_choices(&self) -> Result<ListChoices, IndexError>;

    /// Notes that an account has read a study as it is now; false if there is no such study.
    async fn mark_read(&self, reader: &AccountName, study: &StudyInstanceUid, now_ms: i64) -> Result<bool, IndexError>;

    /// An account has not read a study; false if there is no such study.
    async fn mark_unread(&self, reader: &AccountName, study: &StudyInstanceUid) -> Result<bool, IndexError>;

    /// The filters of an account, by name.
    async fn saved_filters(&self, account: &AccountName) -> Result<Vec<SavedFilter>, IndexError>;

    /// Keeps a filter in place of the one of its name; false if the account has [`MOST_FILTERS`] others.
    async fn put_saved_filter(&self, account: &AccountName, filter: &SavedFilter) -> Result<bool, IndexError>;

    /// Removes a filter; false if there is none of that name.
    async fn remove_saved_filter(&self, account: &AccountName, name: &str) -> Result<bool, IndexError>;
}

/// The values of a column of `series`, each found behind the one before in the SQL index that begins with it.
async fn choices(connections: &Connections, column: &'static str) -> Result<Vec<String>, IndexError> {
    let sql = format!(
        "with recursive v (value) as (select min(se.{column}) from series se where se.{column} > '' union all \
         select (select min(se.{column}) from series se where se.{column} > v.value) from v where v.value is not null) \
         select value from v where value is not null limit {MOST_CHOICES}"
    );
    // Safe: a fixed text around a column of ours.
    connections.fetch_all(sqlx::query(AssertSqlSafe(sql))).await?.iter().map(|row| row::text(row, 0)).collect()
}

async fn mark_read(
    connection: &mut AnyConnection,
    reader: &AccountName,
    study: &StudyInstanceUid,
    now_ms: i64,
) -> Result<bool, IndexError> {
    let sql = "insert into study_reads (study_key, account, instances, read_ms) \
               select st.study_key, a.name, (select count(*) from instances c where c.study_key = st.study_key), cast($3 as bigint) \
               from studies st join accounts a on a.name = $2 where st.study_instance_uid = $1 \
               on conflict (study_key, account) do update set instances = excluded.instances, read_ms = excluded.read_ms";
    let query = sqlx::query(sql).bind(study.as_str().to_owned()).bind(reader.as_str().to_owned()).bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

async fn mark_unread(connection: &mut AnyConnection, reader: &AccountName, study: &StudyInstanceUid) -> Result<bool, IndexError> {
    let found = sqlx::query("select study_key from studies where study_instance_uid = $1").bind(study.as_str().to_owned());
    let Some(found) = found.fetch_optional(&mut *connection).await? else { return Ok(false) };
    let query = sqlx::query("delete from study_reads where study_key = $1 and account = $2");
    query.bind(row::number(&found, 0)?).bind(reader.as_str().to_owned()).execute(connection).await?;
    Ok(true)
}

async fn put_filter(connection: &mut AnyConnection, account: &AccountName, filter: &SavedFilter) -> Result<bool, IndexError> {
    let account = account.as_str();
    let others = sqlx::query("select count(*) from saved_filters where account = $1 and name <> $2");
    let others = others.bind(account.to_owned()).bind(filter.name.clone()).fetch_one(&mut *connection).await?;
    if row::unsigned(&others, 0)? >= u64::from(MOST_FILTERS) {
        return Ok(false);
    }
    if filter.opens {
        let query = sqlx::query("update saved_filters set opens = 0 where account = $1 and opens = 1");
        query.bind(account.to_owned()).execute(&mut *connection).await?;
    }
    let sql = "insert into saved_filters (account, name, definition, opens) values ($1, $2, $3, $4) \
               on conflict (account, name) do update set definition = excluded.definition, opens = excluded.opens";
    let query = sqlx::query(sql).bind(account.to_owned()).bind(filter.name.clone()).bind(filter.definition.clone());
    query.bind(i16::from(filter.opens)).execute(connection).await?;
    Ok(true)
}

#[async_trait]
impl StudyListIndex for SqlIndex {
    async fn list_studies(&self, query: &StudyListQuery) -> Result<Vec<ListedStudy>, IndexError> {
        study_list::search(&self.connections, query).await
    }

    async fn list_choices(&self) -> Result<ListChoices, IndexError> {
        Ok(ListChoices {
            body_parts: choices(&self.connections, "body_part_examined").await?,
            institutions: choices(&self.connections, "institution_name").await?,
        })
    }

    async fn mark_read(&self, reader: &AccountName, study: &StudyInstanceUid, now_ms: i64) -> Result<bool, IndexError> {
        let of = Arc::new((reader.clone(), study.clone()));
        self.write(move |connection| {
            let of = of.clone();
            Box::pin(async move { mark_read(connection, &of.0, &of.1, now_ms).await })
        })
        .await
    }

    async fn mark_unread(&self, reader: &AccountName, study: &StudyInstanceUid) -> Result<bool, IndexError> {
        let of = Arc::new((reader.clone(), study.clone()));
        self.write(move |connection| {
            let of = of.clone();
            Box::pin(async move { mark_unread(connection, &of.0, &of.1).await })
        })
        .await
    }

    async fn saved_filters(&self, account: &AccountName) -> Result<Vec<SavedFilter>, IndexError> {
        let sql = "select name, definition, opens from saved_filters where account = $1 order by name";
        let rows = self.connections.fetch_all(sqlx::query(sql).bind(account.as_str().to_owned())).await?;
        let filter =
            |row| Ok(SavedFilter { name: row::text(row, 0)?, definition: row::text(row, 1)?, opens: row::flag(row, 2)? });
        rows.iter().map(filter).collect()
    }

    async fn put_saved_filter(&self, account: &AccountName, filter: &SavedFilter) -> Result<bool, IndexError> {
        let put = Arc::new((account.clone(), filter.clone()));
        self.write(move |connection| {
            let put = put.clone();
            Box::pin(async move { put_filter(connection, &put.0, &put.1).await })
        })
        .await
    }

    async fn remove_saved_filter(&self, account: &AccountName, name: &str) -> Result<bool, IndexError> {
        let of = Arc::new((account.clone(), name.to_owned()));
        self.write(move |connection| {
            let of = of.clone();
            Box::pin(async move {
                let query = sqlx::query("delete from saved_filters where account = $1 and name = $2");
                let query = query.bind(of.0.as_str().to_owned()).bind(of.1.clone());
                Ok(query.execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }
}
