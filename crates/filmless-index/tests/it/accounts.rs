//! Accounts, tokens, sessions and settings.

use filmless_index::IndexError;
use filmless_model::account::{Account, AccountName, Role, Token};
use filmless_model::setting::SettingName;
use tokio::task::JoinSet;

use crate::sample::{Fixture, on_each_engine};

on_each_engine! {
    accounts_are_added_once_and_read_back
    a_token_stands_for_its_account_until_it_is_revoked
    a_session_stands_for_its_account_until_it_ends
    a_new_password_ends_the_sessions
    a_session_that_is_used_lives_on_but_an_expired_one_stays_so
    writes_that_fail_take_back_only_themselves
    each_account_has_settings_of_its_own
    settings_of_an_account_are_counted
}

fn name(text: &str) -> AccountName {
    AccountName::parse(text).expect("a name")
}

fn account(text: &str, role: Role) -> Account {
    Account { name: name(text), role, password_hash: format!("$argon2id$v=19${text}"), created_ms: 1_763_676_000_000 }
}

async fn accounts_are_added_once_and_read_back(fixture: Fixture) {
    let index = &fixture.index;
    let (lan, an) = (account("lan", Role::Admin), account("an@bv.vn", Role::Radiologist));
    for account in [&lan, &an] {
        assert!(index.add_account(account).await.expect("added"));
    }
    assert!(!index.add_account(&account("lan", Role::Radiologist)).await.expect("the name is taken"));
    assert!(index.accounts().await.expect("listed") == [an, lan.clone()]);
    assert!(index.account(&name("lan")).await.expect("read") == Some(lan));
    assert!(index.account(&name("nobody")).await.expect("read").is_none());
}

async fn a_token_stands_for_its_account_until_it_is_revoked(fixture: Fixture) {
    let index = &fixture.index;
    let lan = account("lan", Role::Admin);
    index.add_account(&lan).await.expect("added");
    let token = |id: &str, account: &str, created_ms| Token { id: id.to_owned(), account: name(account), created_ms };
    index.add_token(&token("t2", "lan", 2), "digest 2").await.expect("added");
    index.add_token(&token("t1", "lan", 1), "digest 1").await.expect("added");
    let of_nobody = index.add_token(&token("t3", "nobody", 3), "digest 3").await;
    assert!(matches!(of_nobody, Err(IndexError::Constraint(_))), "{of_nobody:?}");
    let twice = index.add_token(&token("t4", "lan", 4), "digest 1").await;
    assert!(matches!(twice, Err(IndexError::Constraint(_))), "{twice:?}");
    assert_eq!(index.tokens().await.expect("listed"), [token("t1", "lan", 1), token("t2", "lan", 2)]);
    assert!(index.account_of_token("digest 1").await.expect("read") == Some(lan));
    assert!(index.remove_token("t1").await.expect("revoked"));
    assert!(!index.remove_token("t1").await.expect("gone already"));
    assert!(!index.remove_token("t\0").await.expect("never there"));
    assert!(index.account_of_token("digest 1").await.expect("read").is_none());
}

async fn a_session_stands_for_its_account_until_it_ends(fixture: Fixture) {
    let index = &fixture.index;
    let lan = account("lan", Role::Radiologist);
    index.add_account(&lan).await.expect("added");
    index.add_session(&lan.name, "digest 1", 1000).await.expect("opened");
    index.add_session(&lan.name, "digest 2", 2000).await.expect("opened");
    let of_nobody = index.add_session(&name("nobody"), "digest 3", 1000).await;
    assert!(matches!(of_nobody, Err(IndexError::Constraint(_))), "{of_nobody:?}");
    assert!(index.account_of_session("digest 1", 999).await.expect("read") == Some(lan.clone()));
    assert!(index.account_of_session("digest 1", 1000).await.expect("read").is_none(), "it has expired");
    assert_eq!(index.remove_expired_sessions(1000).await.expect("removed"), 1);
    assert!(index.account_of_session("digest 1", 0).await.expect("read").is_none());
    assert!(index.remove_session("digest 2").await.expect("ended"));
    assert!(!index.remove_session("digest 2").await.expect("gone already"));
    assert!(index.account_of_session("digest 2", 0).await.expect("read").is_none());
}

async fn a_new_password_ends_the_sessions(fixture: Fixture) {
    let index = &fixture.index;
    for account in [account("lan", Role::Radiologist), account("an", Role::Radiologist)] {
        index.add_account(&account).await.expect("added");
        index.add_session(&account.name, &format!("digest of {}", account.name), 1000).await.expect("opened");
    }
    assert!(index.set_password(&name("lan"), "$argon2id$new").await.expect("set"));
    assert!(!index.set_password(&name("nobody"), "$argon2id$new").await.expect("there is none"));
    assert_eq!(index.account(&name("lan")).await.expect("read").expect("there").password_hash, "$argon2id$new");
    assert!(index.account_of_session("digest of lan", 0).await.expect("read").is_none());
    assert!(index.account_of_session("digest of an", 0).await.expect("read").is_some());
}

async fn a_session_that_is_used_lives_on_but_an_expired_one_stays_so(fixture: Fixture) {
    let index = &fixture.index;
    let lan = account("lan", Role::Radiologist);
    index.add_account(&lan).await.expect("added");
    index.add_session(&lan.name, "digest", 1000).await.expect("opened");
    assert!(index.extend_session("digest", 999, 2000).await.expect("moved"));
    assert!(index.account_of_session("digest", 1500).await.expect("read") == Some(lan));
    assert!(!index.extend_session("digest", 2000, 3000).await.expect("it has expired"));
    assert!(index.account_of_session("digest", 2000).await.expect("read").is_none());
    assert!(!index.extend_session("another", 0, 3000).await.expect("there is none"));
}

async fn writes_that_fail_take_back_only_themselves(fixture: Fixture) {
    let lan = account("lan", Role::Admin);
    fixture.index.add_account(&lan).await.expect("added");
    let mut tasks = JoinSet::new();
    for n in 0..32 {
        let index = fixture.index.clone();
        tasks.spawn(async move {
            let token = Token { id: format!("t{n}"), account: name("lan"), created_ms: n };
            // Two tokens of each secret: the second breaks a constraint, next to writes that do not.
            index.add_token(&token, &format!("digest {}", n / 2)).await.is_ok()
        });
    }
    let added = tasks.join_all().await;
    assert_eq!(added.iter().filter(|added| **added).count(), 16);
    assert_eq!(fixture.index.tokens().await.expect("listed").len(), 16);
    for n in 0..16 {
        assert!(fixture.index.account_of_token(&format!("digest {n}")).await.expect("read").as_ref() == Some(&lan));
    }
}

async fn each_account_has_settings_of_its_own(fixture: Fixture) {
    let index = &fixture.index;
    let [lan, an] = ["lan", "an"].map(|text| account(text, Role::Radiologist));
    for account in [&lan, &an] {
        index.add_account(account).await.expect("added");
    }
    let [keys, theme] = ["keys", "theme"].map(|text| SettingName::parse(text).expect("a name"));
    for (account, name, value) in
        [(&lan, &theme, "{}"), (&lan, &theme, "{\"is\":\"light\"}"), (&lan, &keys, "{}"), (&an, &keys, "[]")]
    {
        assert!(index.put_setting(&account.name, name, value, 2).await.expect("kept"));
    }
    let of_lan = [(keys.clone(), "{}".to_owned()), (theme.clone(), "{\"is\":\"light\"}".to_owned())];
    assert_eq!(index.settings(&lan.name).await.expect("read"), of_lan);
    assert_eq!(index.settings(&an.name).await.expect("read"), [(keys.clone(), "[]".to_owned())]);
    assert!(index.settings(&name("nobody")).await.expect("read").is_empty());
    let of_nobody = index.put_setting(&name("nobody"), &keys, "{}", 2).await;
    assert!(matches!(of_nobody, Err(IndexError::Constraint(_))), "{of_nobody:?}");
    assert!(index.remove_setting(&lan.name, &keys).await.expect("forgotten"));
    assert!(!index.remove_setting(&lan.name, &keys).await.expect("gone already"));
    assert_eq!(index.settings(&an.name).await.expect("read").len(), 1, "those of others stay");
}

async fn settings_of_an_account_are_counted(fixture: Fixture) {
    let index = &fixture.index;
    let lan = account("lan", Role::Radiologist);
    index.add_account(&lan).await.expect("added");
    let [one, two, three] = ["1", "2", "3"].map(|text| SettingName::parse(text).expect("a name"));
    assert!(index.put_setting(&lan.name, &one, "{}", 2).await.expect("kept"));
    assert!(index.put_setting(&lan.name, &two, "{}", 2).await.expect("kept"));
    assert!(!index.put_setting(&lan.name, &three, "{}", 2).await.expect("too many"));
    assert!(index.put_setting(&lan.name, &two, "[1]", 2).await.expect("one that is there can be changed"));
    assert_eq!(index.settings(&lan.name).await.expect("read")[1].1, "[1]");
}
