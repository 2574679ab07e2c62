-- 0016 availability: peers are told that studies are here (PS3.4 annex R).
--
-- The change feed is read as for forwarding: a page of changes, who is to be told of what, and how far the feed was read are one
-- transaction. Nobody is told of what is here already. The twin in the other engine's folder makes the same tables.

alter table peers add column told_of_availability smallint not null default 0;

-- One row: the last change whose study peers are told of.
create table availability_progress (
    read_through bigint not null
);
insert into availability_progress (read_through) select coalesce(max(sequence), 0) from changes;

-- A study that a peer is told of. New instances of it make revision grow and the row due anew. While it waits, whoever tells
-- the peer has it until next_ms; otherwise next_ms is when it is due, or when it ended.
create table availability_notices (
    notice_key bigint generated always as identity primary key,
    peer text collate "C" not null,
    study_instance_uid text collate "C" not null,
    state text collate "C" not null,
    revision bigint not null default 0,
    attempts bigint not null default 0,
    trouble text collate "C",
    queued_ms bigint not null,
    next_ms bigint not null,
    constraint availability_notices_once unique (peer, study_instance_uid)
);

-- For what is due, and for forgetting what ended long ago.
create index availability_notices_by_time on availability_notices (state, next_ms);
