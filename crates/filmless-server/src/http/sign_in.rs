//! The check of names and passwords, for the web and for users that call by DICOM: how often, and how many at once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use filmless_archive::clock::now_ms;
use filmless_dimse::users::{UserRefusal, Users};
use filmless_index::IndexError;
use filmless_model::account::{Account, AccountName};
use filmless_model::actor::{Actor, User};
use filmless_model::audit::{AuditEvent, AuditedAct, Outcome};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::config::SignInConfig;
use crate::http::App;
use crate::http::client::Client;
use crate::http::rate_limit::RateLimit;
use crate::secrets;

/// Attempts per address count this many times those per account and address: a ward shares one address.
const ATTEMPTS_PER_NETWORK: u32 = 10;
const PERIOD: Duration = Duration::from_mins(1);
/// How long a sign-in waits for its turn to be checked.
const TURN_PATIENCE: Duration = Duration::from_secs(10);
/// Sign-ins that wait for their turn, per one that is checked.
const WAITING_PER_CHECK: usize = 8;

/// Guards the check of passwords.
pub struct SignIn {
    by_account: RateLimit<(IpAddr, String)>,
    by_network: RateLimit<IpAddr>,
    checks: Arc<Semaphore>,
    waiting: Semaphore,
}

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum Refusal {
    /// Too often wrong; the next attempt may be made after this time.
    TooManyAttempts(Duration),
    /// No such account, or another password.
    Wrong,
    /// Too many sign-ins at once.
    Busy,
    /// The check stopped.
    Fault,
    /// The database does not answer.
    Unavailable(IndexError),
}

impl SignIn {
    /// As the settings say.
    pub fn new(config: &SignInConfig) -> Self {
        let checks = usize::try_from(config.max_concurrent).unwrap_or(1).max(1);
        Self {
            by_account: RateLimit::new(config.attempts_per_minute, PERIOD),
            by_network: RateLimit::new(config.attempts_per_minute.saturating_mul(ATTEMPTS_PER_NETWORK), PERIOD),
            checks: Arc::new(Semaphore::new(checks)),
            waiting: Semaphore::new(checks * WAITING_PER_CHECK),
        }
    }

    /// Whose name this is, if the password is right. Without a password the account is only looked up, and attempts count alike.
    /// What is refused is written to the audit log.
    pub async fn check(&self, app: &App, client: Client, name: &str, password: Option<&str>) -> Result<Account, Refusal> {
        let name = AccountName::parse(name).ok();
        let key = (client.network(), name.as_ref().map(ToString::to_string).unwrap_or_default());
        let now = Instant::now();
        let limited = self.by_network.take(key.0, now).and_then(|()| self.by_account.take(key.clone(), now));
        if let Err(wait) = limited {
            metrics::counter!("filmless_sign_ins_total", "outcome" => "limited").increment(1);
            tracing::warn!(client.address = %client.address, "too many attempts to sign in");
            refused(app, client, None, "too many attempts");
            return Err(Refusal::TooManyAttempts(wait));
        }
        let known = match &name {
            Some(name) => app.index.account(name).await.map_err(Refusal::Unavailable)?,
            None => None,
        };
        let fits = match password {
            Some(password) => {
                let hash = known.as_ref().map(|account| account.password_hash.clone());
                self.verify(password.to_owned(), hash).await?
            }
            None => known.is_some(),
        };
        let (Some(account), true) = (known.clone(), fits) else {
            metrics::counter!("filmless_sign_ins_total", "outcome" => "refused").increment(1);
            tracing::warn!(client.address = %client.address, "wrong account or password");
            refused(app, client, known.as_ref(), "wrong account or password");
            return Err(Refusal::Wrong);
        };
        self.by_account.give_back(&key);
        self.by_network.give_back(&key.0);
        metrics::counter!("filmless_sign_ins_total", "outcome" => "accepted").increment(1);
        Ok(account)
    }

    /// Whether the password fits the hash; takes its turn and leaves the async threads.
    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let turn = tokio::time::timeout(TURN_PATIENCE, self.checks.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Refusal::Busy)?.map_err(|_| Refusal::Busy)?;
        let verified = tokio::task::spawn_blocking(move || {
            let fits = secrets::verify_password(&password, hash.as_deref());
            drop(turn);
            fits
        });
        verified.await.map_err(|_| Refusal::Fault)
    }
}

/// Notes a refused sign-in. A name that is no account's may be a password that was typed in the wrong field.
fn refused(app: &App, client: Client, account: Option<&Account>, why: &str) {
    let actor = account.map_or_else(|| "unknown".to_owned(), |account| account.name.to_string());
    let event = AuditEvent::of(&Actor::Operator, AuditedAct::SignIn, now_ms()).with_detail(why);
    app.archive.note(AuditEvent { actor, address: Some(client.address), outcome: Outcome::Refused, ..event });
}

impl Users for App {
    fn check<'a>(
        &'a self,
        address: IpAddr,
        username: &'a str,
        passcode: Option<&'a str>,
    ) -> BoxFuture<'a, Result<User, UserRefusal>> {
        Box::pin(async move {
            let client = Client { address, local: false };
            match self.sign_in.check(self, client, username, passcode).await {
                Ok(Account { name, role, .. }) => Ok(User { name, role }),
                Err(Refusal::Wrong) => Err(UserRefusal::Wrong),
                Err(Refusal::TooManyAttempts(_)) => Err(UserRefusal::TooManyAttempts),
                Err(Refusal::Busy | Refusal::Fault) => Err(UserRefusal::Unavailable),
                Err(Refusal::Unavailable(error)) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "cannot look up an account");
                    Err(UserRefusal::Unavailable)
                }
            }
        })
    }
}
