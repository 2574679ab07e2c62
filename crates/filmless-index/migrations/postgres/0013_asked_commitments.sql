-- 0013 asked_commitments: what we asked peers to vouch for (PS3.4 annex J).
--
-- A row is written before the peer is asked, so that its answer finds it whenever and over whichever association that comes.
-- The twin in the other engine's folder makes the same table.

-- referenced is a JSON array of [class, instance]; committed one of instances, and failed one of [instance, reason], both
-- null until the peer has answered.
create table asked_commitments (
    transaction_uid text collate "C" primary key,
    peer text collate "C" not null,
    referenced text not null,
    asked_ms bigint not null,
    committed text,
    failed text,
    answered_ms bigint
);
