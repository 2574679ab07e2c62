-- 0014 coercions: what is shown of an instance in place of what its machine sent (PS3.4 section B.4.1.3).
--
-- The twin in the other engine's folder does the same.

-- Empty for most. Otherwise JSON: how texts are read that declare no character set, and coerced attributes with their values.
alter table instance_versions add column coercion text collate "C";

-- What is done with the instances of a peer, or of all peers where that is empty: JSON of a character set and rules.
create table coercion_rules (
    peer text collate "C" not null,
    definition text not null,
    constraint coercion_rules_pk primary key (peer)
);
