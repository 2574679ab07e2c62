-- 0040 exports: who took pictures out of the archive, on paper, as files or over the clipboard (PS3.15 A.5.3.4, Data Export).
--
-- A row is written before anything leaves, and never changed or removed. It names its study by UID alone, as it outlives it. The
-- twin in the other engine's folder makes the same table.

create table exports (
    export_key bigint generated always as identity primary key,
    code text collate "C" not null,
    exported_by text collate "C" not null,
    address text collate "C" not null,
    study_instance_uid text collate "C" not null,
    format text collate "C" not null,
    images bigint not null,
    instances text not null,
    with_identity smallint not null,
    at_ms bigint not null,
    constraint exports_code unique (code)
);

-- For the exports of a study, last first.
create index exports_by_study on exports (study_instance_uid, export_key);
