-- 0016 availability: peers are told that studies are here (PS3.4 annex R).
--
-- The change feed is read as for forwarding: a page of changes, who is to be told of what, and how far the feed was read are one
-- transaction. Nobody is told of what is here already. The twin in the other engine's folder makes the same tables.

alter table peers add column told_of_availability integer not null default 0;

-- One row: the last change whose study peers are told of.
create table availability_progress (
    read_through integer not null
) strict;
insert into availability_progress (read_through) select coalesce(max(sequence), 0) from changes;

-- A study that a peer is told of. New instances of it make revision grow and the row due anew. While it waits, whoever tells
-- the peer has it until next_ms; otherwise next_ms is when it is due, or when it ended.
create table availability_notices (
    notice_key integer primary key autoincrement,
    peer text not null,
    study_instance_uid text not null,
    state text not null,
    revision integer not null default 0,
    attempts integer not null default 0,
    trouble text,
    queued_ms integer not null,
    next_ms integer not null,
    constraint availability_notices_once unique (peer, study_instance_uid)
) strict;

-- For what is due, and for forgetting what ended long ago.
create index availability_notices_by_time on availability_notices (state, next_ms);
