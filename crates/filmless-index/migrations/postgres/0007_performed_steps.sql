-- 0007 performed_steps: Modality Performed Procedure Steps (PS3.4 annex F.7).
--
-- What machines say that they did and made, for the list of performed steps, and to see which of the instances that were
-- made are here. The twin in the other engine's folder makes the same tables.

-- A step, with what is shown of it. performed_series is a JSON array of [series, [[class, instance], …]]. revision is the
-- number of messages that made it what it is: whoever changes it says which one it read.
create table performed_steps (
    step_key bigint generated always as identity primary key,
    sop_instance_uid text collate "C" not null,
    state text collate "C" not null,
    source text collate "C" not null,
    patient_id text collate "C" not null,
    issuer_of_patient_id text collate "C" not null,
    performed_procedure_step_id text collate "C" not null,
    performed_station_ae_title text collate "C" not null,
    modality text collate "C" not null,
    start_date text collate "C" not null,
    start_time text collate "C" not null,
    end_date text collate "C" not null,
    end_time text collate "C" not null,
    performed_series text collate "C" not null,
    created_ms bigint not null,
    changed_ms bigint not null,
    revision bigint not null,
    constraint performed_steps_sop_instance_uid unique (sop_instance_uid)
);

-- For the list of a day, and of all days, last first.
create index performed_steps_by_start on performed_steps (start_date, start_time, step_key);

-- What a step was scheduled as. It names studies and orders that may be here, may come or may never.
create table performed_step_schedules (
    step_key bigint not null,
    item bigint not null,
    study_instance_uid text collate "C" not null,
    accession_number text collate "C" not null,
    requested_procedure_id text collate "C" not null,
    scheduled_procedure_step_id text collate "C" not null,
    constraint performed_step_schedules_identity primary key (step_key, item),
    constraint performed_step_schedules_step foreign key (step_key) references performed_steps (step_key)
);

-- For the steps of a study.
create index performed_step_schedules_by_study on performed_step_schedules (study_instance_uid);

-- The data sets that created and changed a step, as they came.
create table performed_step_messages (
    step_key bigint not null,
    revision bigint not null,
    transfer_syntax_uid text collate "C" not null,
    data_set bytea not null,
    constraint performed_step_messages_identity primary key (step_key, revision),
    constraint performed_step_messages_step foreign key (step_key) references performed_steps (step_key)
);
