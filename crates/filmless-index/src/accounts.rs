//! Accounts, their tokens and their sessions. Secrets are here only as digests.

use filmless_model::account::{Account, AccountName, Role, Token};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;

fn account_of(row: &AnyRow) -> Result<Account, IndexError> {
    Ok(Account {
        name: row::parsed(row, 0, |text| AccountName::parse(text).ok())?,
        role: row::parsed(row, 1, Role::parse)?,
        password_hash: row::text(row, 2)?,
        created_ms: row::number(row, 3)?,
    })
}

pub(crate) async fn accounts(connections: &Connections) -> Result<Vec<Account>, IndexError> {
    let sql = "select name, role, password_hash, created_ms from accounts order by name";
    connections.fetch_all(sqlx::query(sql)).await?.iter().map(account_of).collect()
}

pub(crate) async fn account(connections: &Connections, name: &AccountName) -> Result<Option<Account>, IndexError> {
    let sql = "select name, role, password_hash, created_ms from accounts where name = $1";
    let row = connections.fetch_optional(sqlx::query(sql).bind(name.as_str().to_owned())).await?;
    row.as_ref().map(account_of).transpose()
}

pub(crate) async fn add_account(connection: &mut AnyConnection, account: &Account) -> Result<bool, IndexError> {
    let sql = "insert into accounts (name, role, password_hash, created_ms) values ($1, $2, $3, $4) on conflict do nothing";
    let query = sqlx::query(sql)
        .bind(account.name.as_str().to_owned())
        .bind(account.role.as_str())
        .bind(account.password_hash.clone())
        .bind(account.created_ms);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn set_password(connection: &mut AnyConnection, name: &AccountName, hash: &str) -> Result<bool, IndexError> {
    let query = sqlx::query("update accounts set password_hash = $2 where name = $1").bind(name.as_str().to_owned());
    let found = query.bind(hash.to_owned()).execute(&mut *connection).await?.rows_affected() > 0;
    sqlx::query("delete from sessions where account = $1").bind(name.as_str().to_owned()).execute(connection).await?;
    Ok(found)
}

pub(crate) async fn add_token(connection: &mut AnyConnection, token: &Token, secret_digest: &str) -> Result<(), IndexError> {
    sqlx::query("insert into tokens (id, secret_digest, account, created_ms) values ($1, $2, $3, $4)")
        .bind(token.id.clone())
        .bind(secret_digest.to_owned())
        .bind(token.account.as_str().to_owned())
        .bind(token.created_ms)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn tokens(connections: &Connections) -> Result<Vec<Token>, IndexError> {
    let rows = connections.fetch_all(sqlx::query("select id, account, created_ms from tokens order by created_ms, id")).await?;
    let token = |row| {
        Ok(Token {
            id: row::text(row, 0)?,
            account: row::parsed(row, 1, |text| AccountName::parse(text).ok())?,
            created_ms: row::number(row, 2)?,
        })
    };
    rows.iter().map(token).collect()
}

pub(crate) async fn remove_token(connection: &mut AnyConnection, id: &str) -> Result<bool, IndexError> {
    // A NUL is in no name; Postgres would refuse to compare with it.
    if id.contains('\0') {
        return Ok(false);
    }
    let query = sqlx::query("delete from tokens where id = $1").bind(id.to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn account_of_token(connections: &Connections, secret_digest: &str) -> Result<Option<Account>, IndexError> {
    let sql = "select a.name, a.role, a.password_hash, a.created_ms \
               from tokens t join accounts a on a.name = t.account where t.secret_digest = $1";
    let row = connections.fetch_optional(sqlx::query(sql).bind(secret_digest.to_owned())).await?;
    row.as_ref().map(account_of).transpose()
}

pub(crate) async fn add_session(
    connection: &mut AnyConnection,
    account: &AccountName,
    secret_digest: &str,
    expires_ms: i64,
) -> Result<(), IndexError> {
    sqlx::query("insert into sessions (secret_digest, account, expires_ms) values ($1, $2, $3)")
        .bind(secret_digest.to_owned())
        .bind(account.as_str().to_owned())
        .bind(expires_ms)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn account_of_session(
    connections: &Connections,
    secret_digest: &str,
    now_ms: i64,
) -> Result<Option<Account>, IndexError> {
    let sql = "select a.name, a.role, a.password_hash, a.created_ms \
               from sessions s join accounts a on a.name = s.account where s.secret_digest = $1 and s.expires_ms > $2";
    let row = connections.fetch_optional(sqlx::query(sql).bind(secret_digest.to_owned()).bind(now_ms)).await?;
    row.as_ref().map(account_of).transpose()
}

pub(crate) async fn extend_session(
    connection: &mut AnyConnection,
    secret_digest: &str,
    now_ms: i64,
    expires_ms: i64,
) -> Result<bool, IndexError> {
    let query = sqlx::query("update sessions set expires_ms = $1 where secret_digest = $2 and expires_ms > $3")
        .bind(expires_ms)
        .bind(secret_digest.to_owned())
        .bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn remove_session(connection: &mut AnyConnection, secret_digest: &str) -> Result<bool, IndexError> {
    let query = sqlx::query("delete from sessions where secret_digest = $1").bind(secret_digest.to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn remove_expired_sessions(connection: &mut AnyConnection, now_ms: i64) -> Result<u64, IndexError> {
    let query = sqlx::query("delete from sessions where expires_ms <= $1").bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected())
}
