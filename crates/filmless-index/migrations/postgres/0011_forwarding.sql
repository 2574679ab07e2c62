-- 0011 forwarding: where instances go by themselves, and how far each is on its way.
--
-- Rules are read behind the change feed, as further attributes are: a page of changes, what they put on their way, and how far
-- the feed was read are one transaction, so nothing is missed and nothing put on its way twice. The twin in the other engine's
-- folder makes the same tables.

-- A destination. settings is filmless_model::forwarding::Destination as JSON. After trouble nothing is sent until next_ms.
create table destinations (
    destination_key bigint generated always as identity primary key,
    name text collate "C" not null,
    settings text collate "C" not null,
    failures bigint not null default 0,
    trouble text collate "C",
    next_ms bigint not null default 0,
    constraint destinations_name unique (name)
);

-- A rule. settings is filmless_model::forwarding::Rule as JSON.
create table forwarding_rules (
    name text collate "C" not null primary key,
    settings text collate "C" not null
);

-- One row: the last change that rules were held against.
create table forwarding_progress (
    routed_through bigint not null
);
insert into forwarding_progress (routed_through) values (0);

-- A version on its way to a destination, once. While it waits, whoever sends it has put its number into taken_by and has it
-- until next_ms; otherwise next_ms is when it is due, or when it ended.
create table forwards (
    forward_key bigint generated always as identity primary key,
    destination_key bigint not null,
    version_key bigint not null,
    state text collate "C" not null,
    attempts bigint not null default 0,
    trouble text collate "C",
    taken_by bigint not null default 0,
    queued_ms bigint not null,
    next_ms bigint not null,
    constraint forwards_once unique (destination_key, version_key),
    constraint forwards_destination foreign key (destination_key) references destinations (destination_key),
    constraint forwards_version foreign key (version_key) references instance_versions (version_key)
);

-- For what is due at a destination, for the list of what failed, and for forgetting what was sent long ago.
create index forwards_by_time on forwards (destination_key, state, next_ms, forward_key);
