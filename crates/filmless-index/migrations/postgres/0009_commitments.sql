-- 0009 commitments: Storage Commitments (PS3.4 annex J).
--
-- What peers want us to vouch for. A row is written before the request is answered, so that a peer hears of the result
-- whatever happens in between. The twin in the other engine's folder makes the same tables.

-- A request and how far it is. referenced is a JSON array of [class, instance], failures one of [place, reason]. Whoever
-- works on it has it until next_ms, and says so by moving that on; who finds it due takes it.
create table commitments (
    commitment_key bigint generated always as identity primary key,
    transaction_uid text collate "C" not null,
    peer text collate "C" not null,
    address text collate "C" not null,
    referenced text collate "C" not null,
    instances bigint not null,
    state text collate "C" not null,
    failures text collate "C" not null,
    failed bigint not null,
    attempts bigint not null,
    trouble text collate "C",
    requested_ms bigint not null,
    next_ms bigint not null
);

-- For what is due, and for forgetting what ended long ago.
create index commitments_by_time on commitments (state, next_ms);
-- For transactions that are asked for twice.
create index commitments_by_transaction on commitments (transaction_uid);
