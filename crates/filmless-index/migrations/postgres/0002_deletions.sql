-- 0002 deletions: what was deleted, by whom, and how far it is destroyed.
--
-- Deleting takes instances out of the tables that are searched, at once; their kept copies stay, so that they can be
-- restored, until a job destroys them. The twin in the other engine's folder makes the same tables.

-- One act of deletion: of a study, a series of it, or an instance of that.
create table deletions (
    deletion_key bigint generated always as identity primary key,
    study_instance_uid text collate "C" not null,
    series_instance_uid text collate "C",
    sop_instance_uid text collate "C",
    deleted_by text collate "C" not null,
    at_ms bigint not null
);

-- A copy that was deleted. Its state is 'kept' while it can be restored, 'destroying' while its bytes are being
-- removed, and 'destroyed' when nothing is left but the names in instance_versions, to which the feed refers.
create table deleted_versions (
    version_key bigint not null primary key,
    deletion_key bigint not null,
    state text collate "C" not null,
    was_served smallint not null,
    constraint deleted_versions_version foreign key (version_key) references instance_versions (version_key),
    constraint deleted_versions_deletion foreign key (deletion_key) references deletions (deletion_key)
);

-- For the copies of a deletion, and those that are due to be destroyed.
create index deleted_versions_by_deletion on deleted_versions (deletion_key, state);
