-- 0043 sign_in: how long accounts and tokens hold, what a token is for, and from where a session was opened. Whoever is signed
-- in signs in again. The twin in the other engine's folder does the same.

alter table accounts add column must_change_password integer not null default 0;
alter table accounts add column is_blocked integer not null default 0;
-- To a day; what was there before counts as used now.
alter table accounts add column used_ms integer not null default 0;
update accounts set used_ms = cast(unixepoch() as integer) * 1000;

alter table tokens add column label text not null default '';
-- Words of acts with commas, or all.
alter table tokens add column acts text not null default 'all';
alter table tokens add column expires_ms integer;

drop table sessions;

-- Sign-ins, by the SHA-256 of the cookie's secret.
create table sessions (
    secret_digest text not null primary key,
    id text not null,
    account text not null,
    began_ms integer not null,
    expires_ms integer not null,
    address text not null,
    agent text not null,
    constraint sessions_id unique (id),
    constraint sessions_account foreign key (account) references accounts (name) on delete cascade
) strict;

-- For ending an account's sessions.
create index sessions_by_account on sessions (account);
-- For ending those that have expired.
create index sessions_by_expiry on sessions (expires_ms);

-- Wrong passwords in succession, by the name that was typed, whether it is an account's or not.
create table wrong_passwords (
    name text not null primary key,
    attempts integer not null,
    last_ms integer not null
) strict;

-- For forgetting old ones.
create index wrong_passwords_by_time on wrong_passwords (last_ms);
