-- 0015 proofs: what destinations were asked to vouch for (PS3.4 annex J) after they had taken it.
--
-- A forward that is unproven is due at next_ms: to be asked about, or to be settled by the answer to the transaction. The twin in
-- the other engine's folder does the same.

-- The transaction that the destination was asked under last, and how often it was asked.
alter table forwards add column transaction_uid text collate "C";
alter table forwards add column asked integer not null default 0;

-- For the answer to a transaction.
create index forwards_by_transaction on forwards (transaction_uid) where transaction_uid is not null;
