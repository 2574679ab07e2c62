-- 0002 deletions: what was deleted, by whom, and how far it is destroyed.
--
-- Deleting takes instances out of the tables that are searched, at once; their kept copies stay, so that they can be
-- restored, until a job destroys them. The twin in the other engine's folder makes the same tables.

-- One act of deletion: of a study, a series of it, or an instance of that.
create table deletions (
    deletion_key integer primary key autoincrement,
    study_instance_uid text not null,
    series_instance_uid text,
    sop_instance_uid text,
    deleted_by text not null,
    at_ms integer not null
) strict;

-- A copy that was deleted. Its state is 'kept' while it can be restored, 'destroying' while its bytes are being
-- removed, and 'destroyed' when nothing is left but the names in instance_versions, to which the feed refers.
create table deleted_versions (
    version_key integer not null primary key,
    deletion_key integer not null,
    state text not null,
    was_served integer not null,
    constraint deleted_versions_version foreign key (version_key) references instance_versions (version_key),
    constraint deleted_versions_deletion foreign key (deletion_key) references deletions (deletion_key)
) strict;

-- For the copies of a deletion, and those that are due to be destroyed.
create index deleted_versions_by_deletion on deleted_versions (deletion_key, state);
