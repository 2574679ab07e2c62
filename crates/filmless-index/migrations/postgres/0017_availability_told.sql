-- 0017 availability_told: peers are told what is here no more (PS3.4 annex R).
--
-- Whoever was told that a study is here is told as well what of it was deleted, whenever that happens: notices are forgotten, so
-- what peers know has a table of its own. The twin in the other engine's folder makes the same.

-- A deletion knows the SOP Class of what it made invisible, also when nothing else of it is left.
alter table deleted_versions add column sop_class_uid text collate "C";

-- A peer that was told of a study, or may have been, and the last deletion that it knows of. Written before it is told; removed
-- when it was told that nothing of the study is here.
create table availability_told (
    study_instance_uid text collate "C" not null,
    peer text collate "C" not null,
    deletion_key bigint not null,
    constraint availability_told_once primary key (study_instance_uid, peer)
);
insert into availability_told (study_instance_uid, peer, deletion_key)
select study_instance_uid, peer, (select coalesce(max(deletion_key), 0) from deletions) from availability_notices
where state = 'told' or attempts > 0;

-- For the deletions of a study that a peer is told of.
create index deletions_by_study on deletions (study_instance_uid, deletion_key);
