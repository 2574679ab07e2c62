-- 0001 archive: the tables of the first archive.
--
-- Patients, studies, series and instances with the attributes that searches use; every kept copy of an instance's
-- bytes; the change feed and the conflict list; peers and their inbox; accounts, tokens and sessions.
-- The twin in the other engine's folder makes the same tables, columns and SQL indexes. schema.md explains them.
-- `…_key` is a number of ours, `…_id` and `…_uid` are DICOM's. Times are milliseconds since 1970-01-01T00:00:00Z,
-- dates `YYYYMMDD`, times of day `HHMMSS[.FFFFFF]`, flags 0 or 1.
-- Texts compare byte by byte (collate "C"), as they do in SQLite: one order of answers on both engines, and
-- prefixes are found by SQL index.

-- Who a study belongs to. Only the key: names stand with each study, as it came.
create table patients (
    patient_key bigint generated always as identity primary key,
    patient_id text collate "C" not null,
    issuer_of_patient_id text collate "C" not null,
    constraint patients_identity unique (patient_id, issuer_of_patient_id)
);

-- A study, with the patient's name, birth date and sex as the study's first instance has them.
create table studies (
    study_key bigint generated always as identity primary key,
    patient_key bigint not null,
    study_instance_uid text collate "C" not null,
    patient_name text collate "C",
    patient_name_folded text collate "C",
    patient_birth_date text collate "C",
    patient_sex text collate "C",
    study_date text collate "C",
    study_time text collate "C",
    accession_number text collate "C",
    referring_physician_name text collate "C",
    referring_physician_name_folded text collate "C",
    timezone_offset_from_utc text collate "C",
    study_description text collate "C",
    study_description_folded text collate "C",
    study_id text collate "C",
    constraint studies_study_instance_uid unique (study_instance_uid),
    constraint studies_patient foreign key (patient_key) references patients (patient_key)
);

-- For searches by Patient ID, and for the foreign key.
create index studies_by_patient on studies (patient_key);
-- For the study list: newest first, and date ranges.
create index studies_by_date on studies (study_date desc nulls last, study_time desc nulls last, study_instance_uid);
-- For searches by name, whole or with a wild card at the end.
create index studies_by_patient_name on studies (patient_name_folded);
-- For searches by Accession Number.
create index studies_by_accession_number on studies (accession_number);

-- A series, as its first instance has it.
create table series (
    series_key bigint generated always as identity primary key,
    study_key bigint not null,
    series_instance_uid text collate "C" not null,
    modality text collate "C",
    series_date text collate "C",
    series_time text collate "C",
    manufacturer text collate "C",
    institution_name text collate "C",
    station_name text collate "C",
    series_description text collate "C",
    series_description_folded text collate "C",
    body_part_examined text collate "C",
    series_number bigint,
    laterality text collate "C",
    performed_procedure_step_start_date text collate "C",
    performed_procedure_step_start_time text collate "C",
    scheduled_procedure_step_id text collate "C",
    requested_procedure_id text collate "C",
    constraint series_series_instance_uid unique (series_instance_uid),
    -- Lets instances refer to series and study together, so that their study_key is always their series'.
    constraint series_of_study unique (study_key, series_key),
    constraint series_study foreign key (study_key) references studies (study_key)
);

-- For Modalities in Study and Number of Study Related Series, without reading the rows.
create index series_by_modality on series (study_key, modality);

-- One kept copy of an instance's bytes, served or not. Rows are only ever added.
create table instance_versions (
    version_key bigint generated always as identity primary key,
    version_id text collate "C" not null,
    study_instance_uid text collate "C" not null,
    series_instance_uid text collate "C" not null,
    sop_instance_uid text collate "C" not null,
    digest bytea not null,
    length_bytes bigint not null,
    transfer_syntax_uid text collate "C" not null,
    data_set_offset bigint not null,
    frames bytea not null,
    source text collate "C" not null,
    stored_ms bigint not null,
    -- For the check of the bytes, which goes through all versions by name.
    constraint instance_versions_version_id unique (version_id),
    -- The same bytes are kept once, whoever sends them at the same time.
    constraint instance_versions_bytes unique (sop_instance_uid, digest)
);

-- The header of each version as zstd-compressed DICOM JSON. Apart from the version, which searches read often.
create table instance_headers (
    version_key bigint not null primary key,
    dicom_json bytea not null,
    constraint instance_headers_version foreign key (version_key) references instance_versions (version_key)
);

-- A visible instance with its served version, and the attributes of that version.
create table instances (
    instance_key bigint generated always as identity primary key,
    study_key bigint not null,
    series_key bigint not null,
    version_key bigint not null,
    sop_instance_uid text collate "C" not null,
    sop_class_uid text collate "C" not null,
    first_source text collate "C" not null,
    content_date text collate "C",
    content_time text collate "C",
    instance_number bigint,
    number_of_frames bigint,
    rows bigint,
    columns bigint,
    bits_allocated bigint,
    constraint instances_sop_instance_uid unique (sop_instance_uid),
    constraint instances_series foreign key (study_key, series_key) references series (study_key, series_key),
    constraint instances_version foreign key (version_key) references instance_versions (version_key)
);

-- For the instances of a study or a series and for counting them without reading the rows.
create index instances_by_series on instances (study_key, series_key);

-- What happened, in order.
create table changes (
    sequence bigint generated always as identity primary key,
    kind text collate "C" not null,
    version_key bigint not null,
    at_ms bigint not null,
    constraint changes_version foreign key (version_key) references instance_versions (version_key)
);

-- Appends a change. Identity numbers are taken in one order and become visible in another when transactions commit
-- side by side; a reader of the feed would miss rows. So whoever appends takes a lock that is held until the commit:
-- numbers become visible in order. It must be the last thing a transaction waits for.
create function append_change(change_kind text, changed_version_key bigint, changed_ms bigint) returns bigint
language plpgsql as $$
declare
    appended bigint;
begin
    perform pg_advisory_xact_lock(7364123301);
    insert into changes (kind, version_key, at_ms)
    values (change_kind, changed_version_key, changed_ms)
    returning sequence into appended;
    return appended;
end
$$;

-- Versions that disagree with what the archive held when they came.
create table conflicts (
    conflict_key bigint generated always as identity primary key,
    kind text collate "C" not null,
    later_version_key bigint not null,
    earlier_version_key bigint,
    at_ms bigint not null,
    constraint conflicts_later foreign key (later_version_key) references instance_versions (version_key),
    constraint conflicts_earlier foreign key (earlier_version_key) references instance_versions (version_key)
);

-- DICOM nodes that may call.
create table peers (
    ae_title text collate "C" not null primary key,
    address text collate "C",
    port bigint,
    may_store smallint not null,
    may_query smallint not null,
    may_retrieve smallint not null,
    may_replace smallint not null
);

-- Associations that were turned away, one row for each caller. abstract_syntaxes is a JSON array.
create table inbox (
    inbox_key bigint generated always as identity primary key,
    calling_ae_title text collate "C" not null,
    called_ae_title text collate "C" not null,
    address text collate "C" not null,
    reason text collate "C" not null,
    abstract_syntaxes text collate "C" not null,
    first_ms bigint not null,
    last_ms bigint not null,
    times bigint not null,
    constraint inbox_caller unique (calling_ae_title, called_ae_title, address)
);

-- For the list, last seen first, and for dropping the oldest.
create index inbox_by_time on inbox (last_ms, inbox_key);

-- People and programs that sign in.
create table accounts (
    name text collate "C" not null primary key,
    role text collate "C" not null,
    password_hash text collate "C" not null,
    created_ms bigint not null
);

-- Long-lived secrets of accounts, as their SHA-256.
create table tokens (
    id text collate "C" not null primary key,
    secret_digest text collate "C" not null,
    account text collate "C" not null,
    created_ms bigint not null,
    constraint tokens_secret_digest unique (secret_digest),
    constraint tokens_account foreign key (account) references accounts (name) on delete cascade
);

-- For the foreign key.
create index tokens_by_account on tokens (account);

-- Sign-ins, by the SHA-256 of the cookie's secret.
create table sessions (
    secret_digest text collate "C" not null primary key,
    account text collate "C" not null,
    expires_ms bigint not null,
    constraint sessions_account foreign key (account) references accounts (name) on delete cascade
);

-- For ending an account's sessions.
create index sessions_by_account on sessions (account);
-- For ending those that have expired.
create index sessions_by_expiry on sessions (expires_ms);
