//! What people who read set for themselves, as it was written. What it means, the viewer knows.

use filmless_model::account::AccountName;
use filmless_model::setting::SettingName;
use sqlx::AnyConnection;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;

pub(crate) async fn all(connections: &Connections, account: &AccountName) -> Result<Vec<(SettingName, String)>, IndexError> {
    let query = sqlx::query("select name, value from account_settings where account = $1 order by name");
    let rows = connections.fetch_all(query.bind(account.as_str().to_owned())).await?;
    rows.iter().map(|row| Ok((row::parsed(row, 0, |text| SettingName::parse(text).ok())?, row::text(row, 1)?))).collect()
}

/// False if the account has `most` others already.
pub(crate) async fn put(
    connection: &mut AnyConnection,
    account: &AccountName,
    name: &SettingName,
    value: &str,
    most: u32,
) -> Result<bool, IndexError> {
    let sql = "insert into account_settings (account, name, value) select $1, $2, $3 \
               where (select count(*) from account_settings where account = $1 and name <> $2) < $4 \
               on conflict (account, name) do update set value = excluded.value";
    let query = sqlx::query(sql)
        .bind(account.as_str().to_owned())
        .bind(name.as_str().to_owned())
        .bind(value.to_owned())
        .bind(i64::from(most));
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn remove(
    connection: &mut AnyConnection,
    account: &AccountName,
    name: &SettingName,
) -> Result<bool, IndexError> {
    let query = sqlx::query("delete from account_settings where account = $1 and name = $2");
    let query = query.bind(account.as_str().to_owned()).bind(name.as_str().to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}
