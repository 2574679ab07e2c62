-- 0030 account_settings: what people who read set for themselves.
--
-- A row for each setting: keys and mouse, the theme, a hanging protocol of one's own. Values are JSON that the viewer
-- understands. The twin in the other engine's folder does the same.

create table account_settings (
    account text not null,
    name text not null,
    value text not null,
    constraint account_settings_pk primary key (account, name),
    constraint account_settings_account foreign key (account) references accounts (name) on delete cascade
) strict;
