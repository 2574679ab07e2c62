-- 0009 commitments: Storage Commitments (PS3.4 annex J).
--
-- What peers want us to vouch for. A row is written before the request is answered, so that a peer hears of the result
-- whatever happens in between. The twin in the other engine's folder makes the same tables.

-- A request and how far it is. referenced is a JSON array of [class, instance], failures one of [place, reason]. Whoever
-- works on it has it until next_ms, and says so by moving that on; who finds it due takes it.
create table commitments (
    commitment_key integer primary key autoincrement,
    transaction_uid text not null,
    peer text not null,
    address text not null,
    referenced text not null,
    instances integer not null,
    state text not null,
    failures text not null,
    failed integer not null,
    attempts integer not null,
    trouble text,
    requested_ms integer not null,
    next_ms integer not null
) strict;

-- For what is due, and for forgetting what ended long ago.
create index commitments_by_time on commitments (state, next_ms);
-- For transactions that are asked for twice.
create index commitments_by_transaction on commitments (transaction_uid);
