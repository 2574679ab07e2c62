-- 0007 performed_steps: Modality Performed Procedure Steps (PS3.4 annex F.7).
--
-- What machines say that they did and made, for the list of performed steps, and to see which of the instances that were
-- made are here. The twin in the other engine's folder makes the same tables.

-- A step, with what is shown of it. performed_series is a JSON array of [series, [[class, instance], …]]. revision is the
-- number of messages that made it what it is: whoever changes it says which one it read.
create table performed_steps (
    step_key integer primary key autoincrement,
    sop_instance_uid text not null,
    state text not null,
    source text not null,
    patient_id text not null,
    issuer_of_patient_id text not null,
    performed_procedure_step_id text not null,
    performed_station_ae_title text not null,
    modality text not null,
    start_date text not null,
    start_time text not null,
    end_date text not null,
    end_time text not null,
    performed_series text not null,
    created_ms integer not null,
    changed_ms integer not null,
    revision integer not null,
    constraint performed_steps_sop_instance_uid unique (sop_instance_uid)
) strict;

-- For the list of a day, and of all days, last first.
create index performed_steps_by_start on performed_steps (start_date, start_time, step_key);

-- What a step was scheduled as. It names studies and orders that may be here, may come or may never.
create table performed_step_schedules (
    step_key integer not null,
    item integer not null,
    study_instance_uid text not null,
    accession_number text not null,
    requested_procedure_id text not null,
    scheduled_procedure_step_id text not null,
    constraint performed_step_schedules_identity primary key (step_key, item),
    constraint performed_step_schedules_step foreign key (step_key) references performed_steps (step_key)
) strict;

-- For the steps of a study.
create index performed_step_schedules_by_study on performed_step_schedules (study_instance_uid);

-- The data sets that created and changed a step, as they came.
create table performed_step_messages (
    step_key integer not null,
    revision integer not null,
    transfer_syntax_uid text not null,
    data_set blob not null,
    constraint performed_step_messages_identity primary key (step_key, revision),
    constraint performed_step_messages_step foreign key (step_key) references performed_steps (step_key)
) strict;
