-- 0010 peer_settings: what may be set for each peer, beside its rights.
--
-- Where it may have instances moved to (null: everywhere; empty: nowhere), the transfer syntaxes that instances are taken and
-- sent in (empty: as the standard has it), the most associations it may have, and what the hospital's books say of the machine.
-- Lists have backslashes between their values. The twin in the other engine's folder does the same.

alter table peers add column move_destinations text;
alter table peers add column accepted_transfer_syntaxes text not null default '';
alter table peers add column offered_transfer_syntaxes text not null default '';
alter table peers add column max_associations integer;
alter table peers add column issuer_of_patient_id text;
alter table peers add column department text;
alter table peers add column machine_code text;
