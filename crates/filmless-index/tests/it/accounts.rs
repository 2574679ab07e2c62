//! Accounts, tokens, sessions and settings.

use std::net::Ipv4Addr;

use filmless_index::IndexError;
use filmless_model::account::{Account, AccountName, Role, Session, Token};
use filmless_model::actor::{Act, Acts};
use filmless_model::forwarding::Hours;
use filmless_model::setting::SettingName;
use tokio::task::JoinSet;

use crate::sample::{Fixture, on_each_engine};

on_each_engine! {
    accounts_are_added_once_and_read_back
    a_token_stands_for_its_account_until_it_is_revoked
    a_session_stands_for_its_account_until_it_ends
    a_new_password_ends_the_sessions
    an_account_is_blocked_and_let_in_and_its_role_changes
    each_step_of_a_second_factor_is_used_once
    an_account_has_hours
    wrong_passwords_are_counted_for_a_while
    a_session_that_is_used_lives_on_but_an_expired_one_stays_so
    writes_that_fail_take_back_only_themselves
    each_account_has_settings_of_its_own
    settings_of_an_account_are_counted
}

fn name(text: &str) -> AccountName {
    AccountName::parse(text).expect("a name")
}

fn account(text: &str, role: Role) -> Account {
    Account::new(name(text), role, format!("$argon2id$v=19${text}"), 1_763_676_000_000)
}

fn token(id: &str, account: &str, created_ms: i64) -> Token {
    let (id, label) = (id.to_owned(), "OHIF".to_owned());
    Token { id, account: name(account), label, acts: Acts::ALL, created_ms, expires_ms: None }
}

fn session(id: &str, account: &str, expires_ms: i64) -> Session {
    let (id, agent, address) = (id.to_owned(), "Chromium".to_owned(), Ipv4Addr::LOCALHOST.into());
    Session { id, account: name(account), began_ms: 0, expires_ms, address, agent }
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
    let narrow = [Act::Search, Act::View].into_iter().collect();
    let narrow = Token { acts: narrow, expires_ms: Some(3), ..token("t2", "lan", 2) };
    index.add_token(&narrow, "digest 2").await.expect("added");
    index.add_token(&token("t1", "lan", 1), "digest 1").await.expect("added");
    let of_nobody = index.add_token(&token("t3", "nobody", 3), "digest 3").await;
    assert!(matches!(of_nobody, Err(IndexError::Constraint(_))), "{of_nobody:?}");
    let twice = index.add_token(&token("t4", "lan", 4), "digest 1").await;
    assert!(matches!(twice, Err(IndexError::Constraint(_))), "{twice:?}");
    assert_eq!(index.tokens().await.expect("listed"), [token("t1", "lan", 1), narrow.clone()]);
    assert!(index.account_of_token("digest 1").await.expect("read") == Some((lan.clone(), token("t1", "lan", 1))));
    assert!(index.account_of_token("digest 2").await.expect("read") == Some((lan, narrow)));
    assert!(index.remove_token("t1").await.expect("revoked"));
    assert!(!index.remove_token("t1").await.expect("gone already"));
    assert!(!index.remove_token("t\0").await.expect("never there"));
    assert!(index.account_of_token("digest 1").await.expect("read").is_none());
}

async fn a_session_stands_for_its_account_until_it_ends(fixture: Fixture) {
    let index = &fixture.index;
    let lan = account("lan", Role::Radiologist);
    index.add_account(&lan).await.expect("added");
    let (one, two) = (session("s1", "lan", 1000), session("s2", "lan", 2000));
    index.add_session(&one, "digest 1").await.expect("opened");
    index.add_session(&two, "digest 2").await.expect("opened");
    let of_nobody = index.add_session(&session("s3", "nobody", 1000), "digest 3").await;
    assert!(matches!(of_nobody, Err(IndexError::Constraint(_))), "{of_nobody:?}");
    assert!(index.account_of_session("digest 1", 999).await.expect("read") == Some((lan.clone(), one.clone())));
    assert_eq!(index.sessions(999).await.expect("listed"), [two.clone(), one]);
    assert_eq!(index.sessions(1000).await.expect("listed"), [two]);
    assert!(index.account_of_session("digest 1", 1000).await.expect("read").is_none(), "it has expired");
    assert_eq!(index.remove_expired_sessions(1000).await.expect("removed"), 1);
    assert!(index.account_of_session("digest 1", 0).await.expect("read").is_none());
    assert!(index.remove_session("s2").await.expect("ended"));
    assert!(!index.remove_session("s2").await.expect("gone already"));
    assert!(!index.remove_session("s\0").await.expect("never there"));
    assert!(index.account_of_session("digest 2", 0).await.expect("read").is_none());
}

async fn a_new_password_ends_the_sessions(fixture: Fixture) {
    let index = &fixture.index;
    for account in [account("lan", Role::Radiologist), account("an", Role::Radiologist)] {
        index.add_account(&account).await.expect("added");
        let session = session(&format!("of {}", account.name), account.name.as_str(), 1000);
        index.add_session(&session, &format!("digest of {}", account.name)).await.expect("opened");
    }
    assert!(index.set_password(&name("lan"), "$argon2id$new", true).await.expect("set"));
    assert!(!index.set_password(&name("nobody"), "$argon2id$new", true).await.expect("there is none"));
    let lan = index.account(&name("lan")).await.expect("read").expect("there");
    assert_eq!((lan.password_hash.as_str(), lan.must_change_password), ("$argon2id$new", true));
    assert!(index.account_of_session("digest of lan", 0).await.expect("read").is_none());
    assert!(index.account_of_session("digest of an", 0).await.expect("read").is_some());
}

async fn an_account_is_blocked_and_let_in_and_its_role_changes(fixture: Fixture) {
    let index = &fixture.index;
    index.add_account(&account("lan", Role::Radiologist)).await.expect("added");
    index.add_session(&session("s", "lan", 1000), "digest").await.expect("opened");
    let read = async || index.account(&name("lan")).await.expect("read").expect("there");
    assert!(index.set_role(&name("lan"), Role::Auditor).await.expect("set"));
    assert!(index.account_of_session("digest", 0).await.expect("read").is_some_and(|(lan, _)| lan.role == Role::Auditor));
    assert!(index.block_account(&name("lan")).await.expect("blocked"));
    assert!(read().await.is_blocked);
    assert!(index.account_of_session("digest", 0).await.expect("read").is_none(), "its sessions have ended");
    assert!(index.let_account_in(&name("lan"), 1_763_676_000_001).await.expect("let in"));
    let lan = read().await;
    assert_eq!((lan.is_blocked, lan.used_ms), (false, 1_763_676_000_001));
    index.note_use(&name("lan"), 1_763_676_000_002).await.expect("noted");
    index.note_use(&name("lan"), 1_763_676_000_001).await.expect("late, and nothing changes");
    assert_eq!(read().await.used_ms, 1_763_676_000_002);
    for changed in [
        index.set_role(&name("nobody"), Role::Admin).await,
        index.block_account(&name("nobody")).await,
        index.let_account_in(&name("nobody"), 0).await,
    ] {
        assert!(!changed.expect("there is none"));
    }
}

async fn each_step_of_a_second_factor_is_used_once(fixture: Fixture) {
    let index = &fixture.index;
    index.add_account(&account("lan", Role::Admin)).await.expect("added");
    let read = async || index.account(&name("lan")).await.expect("read").expect("there");
    assert!(index.set_second_factor(&name("lan"), Some("GEZDGNBV"), 10).await.expect("set"));
    assert_eq!(read().await.second_factor.as_deref(), Some("GEZDGNBV"));
    for (step, is_new) in [(10, false), (11, true), (11, false), (9, false), (13, true)] {
        assert_eq!(index.use_second_factor(&name("lan"), step).await.expect("asked"), is_new, "{step}");
    }
    assert!(index.set_second_factor(&name("lan"), None, 0).await.expect("taken away"));
    assert_eq!(read().await.second_factor, None);
    assert!(!index.set_second_factor(&name("nobody"), None, 0).await.expect("there is none"));
}

async fn an_account_has_hours(fixture: Fixture) {
    let index = &fixture.index;
    index.add_account(&account("lan", Role::Technologist)).await.expect("added");
    for hours in [Hours::parse("07:00-17:00+0700"), None] {
        assert!(index.set_hours(&name("lan"), hours).await.expect("set"));
        assert_eq!(index.account(&name("lan")).await.expect("read").expect("there").hours, hours);
    }
    assert!(!index.set_hours(&name("nobody"), None).await.expect("there is none"));
}

async fn wrong_passwords_are_counted_for_a_while(fixture: Fixture) {
    let index = &fixture.index;
    // A name that was typed need not be an account's.
    let (lan, an) = (name("lan"), name("an"));
    for (name, now_ms) in [(&lan, 100), (&an, 150), (&lan, 200)] {
        index.note_wrong_password(name, now_ms, 0).await.expect("noted");
    }
    assert_eq!(index.wrong_passwords(&lan, 200).await.expect("read"), 2);
    assert_eq!(index.wrong_passwords(&lan, 201).await.expect("read"), 0, "the last was too long ago");
    index.note_wrong_password(&lan, 300, 250).await.expect("noted");
    assert_eq!(index.wrong_passwords(&lan, 250).await.expect("read"), 1, "those before are forgotten");
    assert_eq!(index.wrong_passwords(&an, 0).await.expect("read"), 0, "of all names");
    index.forget_wrong_passwords(&lan).await.expect("forgotten");
    assert_eq!(index.wrong_passwords(&lan, 0).await.expect("read"), 0);
}

async fn a_session_that_is_used_lives_on_but_an_expired_one_stays_so(fixture: Fixture) {
    let index = &fixture.index;
    let lan = account("lan", Role::Radiologist);
    index.add_account(&lan).await.expect("added");
    index.add_session(&session("s", "lan", 1000), "digest").await.expect("opened");
    assert!(index.extend_session("s", 999, 2000).await.expect("moved"));
    assert!(index.account_of_session("digest", 1500).await.expect("read") == Some((lan, session("s", "lan", 2000))));
    assert!(!index.extend_session("s", 2000, 3000).await.expect("it has expired"));
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
            let token = token(&format!("t{n}"), "lan", n);
            // Two tokens of each secret: the second breaks a constraint, next to writes that do not.
            index.add_token(&token, &format!("digest {}", n / 2)).await.is_ok()
        });
    }
    let added = tasks.join_all().await;
    assert_eq!(added.iter().filter(|added| **added).count(), 16);
    assert_eq!(fixture.index.tokens().await.expect("listed").len(), 16);
    for n in 0..16 {
        let of_token = fixture.index.account_of_token(&format!("digest {n}")).await.expect("read");
        assert!(of_token.is_some_and(|(account, _)| account == lan));
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
