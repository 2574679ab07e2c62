-- 0001 archive: the tables of the first archive.
--
-- Patients, studies, series and instances with the attributes that searches use; every kept copy of an instance's
-- bytes; the change feed and the conflict list; peers and their inbox; accounts, tokens and sessions.
-- The twin in the other engine's folder makes the same tables, columns and SQL indexes. schema.md explains them.
-- `…_key` is a number of ours, `…_id` and `…_uid` are DICOM's. Times are milliseconds since 1970-01-01T00:00:00Z,
-- dates `YYYYMMDD`, times of day `HHMMSS[.FFFFFF]`, flags 0 or 1.
-- AUTOINCREMENT where a key may be remembered for a moment outside a transaction: it never becomes another row's.
-- Tables are STRICT, so that a value of the wrong type is refused here as it is by Postgres.

-- Who a study belongs to. Only the key: names stand with each study, as it came.
create table patients (
    patient_key integer primary key autoincrement,
    patient_id text not null,
    issuer_of_patient_id text not null,
    constraint patients_identity unique (patient_id, issuer_of_patient_id)
) strict;

-- A study, with the patient's name, birth date and sex as the study's first instance has them.
create table studies (
    study_key integer primary key autoincrement,
    patient_key integer not null,
    study_instance_uid text not null,
    patient_name text,
    patient_name_folded text,
    patient_birth_date text,
    patient_sex text,
    study_date text,
    study_time text,
    accession_number text,
    referring_physician_name text,
    referring_physician_name_folded text,
    timezone_offset_from_utc text,
    study_description text,
    study_description_folded text,
    study_id text,
    constraint studies_study_instance_uid unique (study_instance_uid),
    constraint studies_patient foreign key (patient_key) references patients (patient_key)
) strict;

-- For searches by Patient ID, and for the foreign key.
create index studies_by_patient on studies (patient_key);
-- For the study list: newest first, and date ranges.
create index studies_by_date on studies (study_date desc, study_time desc, study_instance_uid);
-- For searches by name, whole or with a wild card at the end.
create index studies_by_patient_name on studies (patient_name_folded);
-- For searches by Accession Number.
create index studies_by_accession_number on studies (accession_number);

-- A series, as its first instance has it.
create table series (
    series_key integer primary key autoincrement,
    study_key integer not null,
    series_instance_uid text not null,
    modality text,
    series_date text,
    series_time text,
    manufacturer text,
    institution_name text,
    station_name text,
    series_description text,
    series_description_folded text,
    body_part_examined text,
    series_number integer,
    laterality text,
    performed_procedure_step_start_date text,
    performed_procedure_step_start_time text,
    scheduled_procedure_step_id text,
    requested_procedure_id text,
    constraint series_series_instance_uid unique (series_instance_uid),
    -- Lets instances refer to series and study together, so that their study_key is always their series'.
    constraint series_of_study unique (study_key, series_key),
    constraint series_study foreign key (study_key) references studies (study_key)
) strict;

-- For Modalities in Study and Number of Study Related Series, without reading the rows.
create index series_by_modality on series (study_key, modality);

-- One kept copy of an instance's bytes, served or not. Rows are only ever added.
create table instance_versions (
    version_key integer primary key,
    version_id text not null,
    study_instance_uid text not null,
    series_instance_uid text not null,
    sop_instance_uid text not null,
    digest blob not null,
    length_bytes integer not null,
    transfer_syntax_uid text not null,
    data_set_offset integer not null,
    frames blob not null,
    source text not null,
    stored_ms integer not null,
    -- For the check of the bytes, which goes through all versions by name.
    constraint instance_versions_version_id unique (version_id),
    -- The same bytes are kept once, whoever sends them at the same time.
    constraint instance_versions_bytes unique (sop_instance_uid, digest)
) strict;

-- The header of each version as zstd-compressed DICOM JSON. Apart from the version, which searches read often.
create table instance_headers (
    version_key integer not null primary key,
    dicom_json blob not null,
    constraint instance_headers_version foreign key (version_key) references instance_versions (version_key)
) strict;

-- A visible instance with its served version, and the attributes of that version.
create table instances (
    instance_key integer primary key,
    study_key integer not null,
    series_key integer not null,
    version_key integer not null,
    sop_instance_uid text not null,
    sop_class_uid text not null,
    first_source text not null,
    content_date text,
    content_time text,
    instance_number integer,
    number_of_frames integer,
    rows integer,
    columns integer,
    bits_allocated integer,
    constraint instances_sop_instance_uid unique (sop_instance_uid),
    constraint instances_series foreign key (study_key, series_key) references series (study_key, series_key),
    constraint instances_version foreign key (version_key) references instance_versions (version_key)
) strict;

-- For the instances of a study or a series and for counting them without reading the rows.
create index instances_by_series on instances (study_key, series_key);

-- What happened, in order.
create table changes (
    sequence integer primary key autoincrement,
    kind text not null,
    version_key integer not null,
    at_ms integer not null,
    constraint changes_version foreign key (version_key) references instance_versions (version_key)
) strict;

-- Versions that disagree with what the archive held when they came.
create table conflicts (
    conflict_key integer primary key,
    kind text not null,
    later_version_key integer not null,
    earlier_version_key integer,
    at_ms integer not null,
    constraint conflicts_later foreign key (later_version_key) references instance_versions (version_key),
    constraint conflicts_earlier foreign key (earlier_version_key) references instance_versions (version_key)
) strict;

-- DICOM nodes that may call.
create table peers (
    ae_title text not null primary key,
    address text,
    port integer,
    may_store integer not null,
    may_query integer not null,
    may_retrieve integer not null,
    may_replace integer not null
) strict;

-- Associations that were turned away, one row for each caller. abstract_syntaxes is a JSON array.
create table inbox (
    inbox_key integer primary key,
    calling_ae_title text not null,
    called_ae_title text not null,
    address text not null,
    reason text not null,
    abstract_syntaxes text not null,
    first_ms integer not null,
    last_ms integer not null,
    times integer not null,
    constraint inbox_caller unique (calling_ae_title, called_ae_title, address)
) strict;

-- For the list, last seen first, and for dropping the oldest.
create index inbox_by_time on inbox (last_ms, inbox_key);

-- People and programs that sign in.
create table accounts (
    name text not null primary key,
    role text not null,
    password_hash text not null,
    created_ms integer not null
) strict;

-- Long-lived secrets of accounts, as their SHA-256.
create table tokens (
    id text not null primary key,
    secret_digest text not null,
    account text not null,
    created_ms integer not null,
    constraint tokens_secret_digest unique (secret_digest),
    constraint tokens_account foreign key (account) references accounts (name) on delete cascade
) strict;

-- For the foreign key.
create index tokens_by_account on tokens (account);

-- Sign-ins, by the SHA-256 of the cookie's secret.
create table sessions (
    secret_digest text not null primary key,
    account text not null,
    expires_ms integer not null,
    constraint sessions_account foreign key (account) references accounts (name) on delete cascade
) strict;

-- For ending an account's sessions.
create index sessions_by_account on sessions (account);
-- For ending those that have expired.
create index sessions_by_expiry on sessions (expires_ms);
