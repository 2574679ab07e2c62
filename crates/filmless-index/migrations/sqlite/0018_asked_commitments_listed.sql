-- 0018 asked_commitments_listed: a list of what we asked peers to vouch for (PS3.4 annex J).
--
-- What was asked and answered names every instance; a list needs how many, and why. The twin in the other engine's folder does
-- the same.

-- How many instances it is about; how many of them the peer does not vouch for, and its Failure Reasons (0008,1197), each once, as
-- a JSON array, which mean something once it has answered; and why it could not be asked.
alter table asked_commitments add column instances integer not null default 0;
alter table asked_commitments add column refused integer not null default 0;
alter table asked_commitments add column reasons text not null default '[]';
alter table asked_commitments add column trouble text;

update asked_commitments set instances = json_array_length(referenced);
update asked_commitments set
refused = (select count(*) from json_each(referenced) r where r.value ->> 1 not in (select value from json_each(committed))),
reasons = (select json_group_array(distinct f.value ->> 1) from json_each(failed) f)
where answered_ms is not null;

-- For the list, and for what is forgotten.
create index asked_commitments_by_time on asked_commitments (asked_ms);
