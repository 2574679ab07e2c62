//! Accounts, their tokens and their sessions. Secrets are here only as digests.

use filmless_model::account::{Account, AccountName, Role, Session, Token};
use filmless_model::actor::Acts;
use filmless_model::forwarding::Hours;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;
use crate::text::kept;

/// What is read of an account, in the order of [`account_of`].
const ACCOUNT: &str = "a.name, a.role, a.password_hash, a.must_change_password, a.is_blocked, a.created_ms, a.used_ms, \
                       a.second_factor, a.hours";
/// What is read of a token, in the order of [`token_of`].
const TOKEN: &str = "t.id, t.account, t.label, t.acts, t.created_ms, t.expires_ms";
/// What is read of a session, in the order of [`session_of`].
const SESSION: &str = "s.id, s.account, s.began_ms, s.expires_ms, s.address, s.agent";
/// How many columns an account has.
const ACCOUNT_WIDTH: usize = 9;

fn account_of(row: &AnyRow) -> Result<Account, IndexError> {
    Ok(Account {
        name: row::parsed(row, 0, |text| AccountName::parse(text).ok())?,
        role: row::parsed(row, 1, Role::parse)?,
        password_hash: row::text(row, 2)?,
        must_change_password: row::flag(row, 3)?,
        is_blocked: row::flag(row, 4)?,
        created_ms: row::number(row, 5)?,
        used_ms: row::number(row, 6)?,
        second_factor: row::optional_text(row, 7)?,
        hours: row::optional(row, 8, Hours::parse)?,
    })
}

fn token_of(row: &AnyRow, first: usize) -> Result<Token, IndexError> {
    Ok(Token {
        id: row::text(row, first)?,
        account: row::parsed(row, first + 1, |text| AccountName::parse(text).ok())?,
        label: row::text(row, first + 2)?,
        acts: row::parsed(row, first + 3, Acts::parse)?,
        created_ms: row::number(row, first + 4)?,
        expires_ms: row::optional_number(row, first + 5)?,
    })
}

fn session_of(row: &AnyRow, first: usize) -> Result<Session, IndexError> {
    Ok(Session {
        id: row::text(row, first)?,
        account: row::parsed(row, first + 1, |text| AccountName::parse(text).ok())?,
        began_ms: row::number(row, first + 2)?,
        expires_ms: row::number(row, first + 3)?,
        address: row::parsed(row, first + 4, |text| text.parse().ok())?,
        agent: row::text(row, first + 5)?,
    })
}

pub(crate) async fn accounts(connections: &Connections) -> Result<Vec<Account>, IndexError> {
    let sql = format!("select {ACCOUNT} from accounts a order by a.name");
    connections.fetch_all(sqlx::query(AssertSqlSafe(sql))).await?.iter().map(account_of).collect()
}

pub(crate) async fn account(connections: &Connections, name: &AccountName) -> Result<Option<Account>, IndexError> {
    let sql = format!("select {ACCOUNT} from accounts a where a.name = $1");
    let row = connections.fetch_optional(sqlx::query(AssertSqlSafe(sql)).bind(name.as_str().to_owned())).await?;
    row.as_ref().map(account_of).transpose()
}

pub(crate) async fn add_account(connection: &mut AnyConnection, account: &Account) -> Result<bool, IndexError> {
    let sql = "insert into accounts (name, role, password_hash, must_change_password, is_blocked, created_ms, used_ms) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
    let query = sqlx::query(sql)
        .bind(account.name.as_str().to_owned())
        .bind(account.role.as_str())
        .bind(account.password_hash.clone())
        .bind(i32::from(account.must_change_password))
        .bind(i32::from(account.is_blocked))
        .bind(account.created_ms)
        .bind(account.used_ms);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn set_password(
    connection: &mut AnyConnection,
    name: &AccountName,
    hash: &str,
    must_change: bool,
) -> Result<bool, IndexError> {
    let sql = "update accounts set password_hash = $2, must_change_password = $3 where name = $1";
    let query = sqlx::query(sql).bind(name.as_str().to_owned()).bind(hash.to_owned()).bind(i32::from(must_change));
    let found = query.execute(&mut *connection).await?.rows_affected() > 0;
    end_sessions(connection, name).await?;
    Ok(found)
}

pub(crate) async fn set_role(connection: &mut AnyConnection, name: &AccountName, role: Role) -> Result<bool, IndexError> {
    let query = sqlx::query("update accounts set role = $2 where name = $1").bind(name.as_str().to_owned()).bind(role.as_str());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn set_hours(
    connection: &mut AnyConnection,
    name: &AccountName,
    hours: Option<Hours>,
) -> Result<bool, IndexError> {
    let query = sqlx::query("update accounts set hours = $2 where name = $1").bind(name.as_str().to_owned());
    Ok(query.bind(hours.map(|hours| hours.to_string())).execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn set_second_factor(
    connection: &mut AnyConnection,
    name: &AccountName,
    secret: Option<&str>,
    step: i64,
) -> Result<bool, IndexError> {
    let query = sqlx::query("update accounts set second_factor = $2, second_factor_step = $3 where name = $1");
    let query = query.bind(name.as_str().to_owned()).bind(secret.map(str::to_owned)).bind(step);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn use_second_factor(connection: &mut AnyConnection, name: &AccountName, step: i64) -> Result<bool, IndexError> {
    let query = sqlx::query("update accounts set second_factor_step = $2 where name = $1 and second_factor_step < $2");
    Ok(query.bind(name.as_str().to_owned()).bind(step).execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn block(connection: &mut AnyConnection, name: &AccountName) -> Result<bool, IndexError> {
    let query = sqlx::query("update accounts set is_blocked = 1 where name = $1").bind(name.as_str().to_owned());
    let found = query.execute(&mut *connection).await?.rows_affected() > 0;
    end_sessions(connection, name).await?;
    Ok(found)
}

pub(crate) async fn let_in(connection: &mut AnyConnection, name: &AccountName, now_ms: i64) -> Result<bool, IndexError> {
    forget_wrong_passwords(&mut *connection, name).await?;
    let query = sqlx::query("update accounts set is_blocked = 0, used_ms = $2 where name = $1");
    let query = query.bind(name.as_str().to_owned()).bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn note_use(connection: &mut AnyConnection, name: &AccountName, now_ms: i64) -> Result<(), IndexError> {
    let query = sqlx::query("update accounts set used_ms = $2 where name = $1 and used_ms < $2");
    query.bind(name.as_str().to_owned()).bind(now_ms).execute(connection).await?;
    Ok(())
}

pub(crate) async fn wrong_passwords(connections: &Connections, name: &AccountName, since_ms: i64) -> Result<u64, IndexError> {
    let sql = "select attempts from wrong_passwords where name = $1 and last_ms >= $2";
    let row = connections.fetch_optional(sqlx::query(sql).bind(name.as_str().to_owned()).bind(since_ms)).await?;
    row.as_ref().map_or(Ok(0), |row| row::unsigned(row, 0))
}

pub(crate) async fn note_wrong_password(
    connection: &mut AnyConnection,
    name: &AccountName,
    now_ms: i64,
    since_ms: i64,
) -> Result<(), IndexError> {
    sqlx::query("delete from wrong_passwords where last_ms < $1").bind(since_ms).execute(&mut *connection).await?;
    let sql = "insert into wrong_passwords (name, attempts, last_ms) values ($1, 1, $2) \
               on conflict (name) do update set attempts = wrong_passwords.attempts + 1, last_ms = excluded.last_ms";
    sqlx::query(sql).bind(name.as_str().to_owned()).bind(now_ms).execute(connection).await?;
    Ok(())
}

pub(crate) async fn forget_wrong_passwords(connection: &mut AnyConnection, name: &AccountName) -> Result<(), IndexError> {
    let query = sqlx::query("delete from wrong_passwords where name = $1").bind(name.as_str().to_owned());
    query.execute(connection).await?;
    Ok(())
}

pub(crate) async fn add_token(connection: &mut AnyConnection, token: &Token, secret_digest: &str) -> Result<(), IndexError> {
    let sql = "insert into tokens (id, secret_digest, account, label, acts, created_ms, expires_ms) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(sql)
        .bind(token.id.clone())
        .bind(secret_digest.to_owned())
        .bind(token.account.as_str().to_owned())
        .bind(kept(&token.label).into_owned())
        .bind(token.acts.to_words())
        .bind(token.created_ms)
        .bind(token.expires_ms)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn tokens(connections: &Connections) -> Result<Vec<Token>, IndexError> {
    let sql = format!("select {TOKEN} from tokens t order by t.created_ms, t.id");
    let rows = connections.fetch_all(sqlx::query(AssertSqlSafe(sql))).await?;
    rows.iter().map(|row| token_of(row, 0)).collect()
}

pub(crate) async fn remove_token(connection: &mut AnyConnection, id: &str) -> Result<bool, IndexError> {
    // A NUL is in no name; Postgres would refuse to compare with it.
    if id.contains('\0') {
        return Ok(false);
    }
    let query = sqlx::query("delete from tokens where id = $1").bind(id.to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn account_of_token(
    connections: &Connections,
    secret_digest: &str,
) -> Result<Option<(Account, Token)>, IndexError> {
    let sql = format!("select {ACCOUNT}, {TOKEN} from tokens t join accounts a on a.name = t.account where t.secret_digest = $1");
    let row = connections.fetch_optional(sqlx::query(AssertSqlSafe(sql)).bind(secret_digest.to_owned())).await?;
    row.as_ref().map(|row| Ok((account_of(row)?, token_of(row, ACCOUNT_WIDTH)?))).transpose()
}

pub(crate) async fn add_session(
    connection: &mut AnyConnection,
    session: &Session,
    secret_digest: &str,
) -> Result<(), IndexError> {
    let sql = "insert into sessions (secret_digest, id, account, began_ms, expires_ms, address, agent) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(sql)
        .bind(secret_digest.to_owned())
        .bind(session.id.clone())
        .bind(session.account.as_str().to_owned())
        .bind(session.began_ms)
        .bind(session.expires_ms)
        .bind(session.address.to_string())
        .bind(kept(&session.agent).into_owned())
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn sessions(connections: &Connections, now_ms: i64) -> Result<Vec<Session>, IndexError> {
    let sql = format!("select {SESSION} from sessions s where s.expires_ms > $1 order by s.began_ms desc, s.id desc");
    let rows = connections.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(now_ms)).await?;
    rows.iter().map(|row| session_of(row, 0)).collect()
}

pub(crate) async fn account_of_session(
    connections: &Connections,
    secret_digest: &str,
    now_ms: i64,
) -> Result<Option<(Account, Session)>, IndexError> {
    let sql = format!(
        "select {ACCOUNT}, {SESSION} from sessions s join accounts a on a.name = s.account \
         where s.secret_digest = $1 and s.expires_ms > $2"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(secret_digest.to_owned()).bind(now_ms);
    let row = connections.fetch_optional(query).await?;
    row.as_ref().map(|row| Ok((account_of(row)?, session_of(row, ACCOUNT_WIDTH)?))).transpose()
}

pub(crate) async fn extend_session(
    connection: &mut AnyConnection,
    id: &str,
    now_ms: i64,
    expires_ms: i64,
) -> Result<bool, IndexError> {
    let query = sqlx::query("update sessions set expires_ms = $1 where id = $2 and expires_ms > $3")
        .bind(expires_ms)
        .bind(id.to_owned())
        .bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn remove_session(connection: &mut AnyConnection, id: &str) -> Result<bool, IndexError> {
    if id.contains('\0') {
        return Ok(false);
    }
    let query = sqlx::query("delete from sessions where id = $1").bind(id.to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

async fn end_sessions(connection: &mut AnyConnection, account: &AccountName) -> Result<(), IndexError> {
    sqlx::query("delete from sessions where account = $1").bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

pub(crate) async fn remove_expired_sessions(connection: &mut AnyConnection, now_ms: i64) -> Result<u64, IndexError> {
    let query = sqlx::query("delete from sessions where expires_ms <= $1").bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected())
}
