-- 0006 orders: what is to be done for whom, at which machine and when; and which peers may ask for it.
--
-- A column of an attribute has its name (filmless_model::order::attribute); `…_folded` holds the text that searches compare
-- with. The twin in the other engine's folder makes the same tables.

-- An order: one requested procedure, under one accession number.
create table orders (
    order_key bigint generated always as identity primary key,
    accession_number text collate "C" not null,
    patient_name text collate "C" not null,
    patient_name_folded text collate "C",
    patient_id text collate "C" not null,
    issuer_of_patient_id text collate "C",
    patient_birth_date text collate "C",
    patient_sex text collate "C",
    patient_size text collate "C",
    patient_weight text collate "C",
    medical_alerts text collate "C",
    allergies text collate "C",
    additional_patient_history text collate "C",
    pregnancy_status text collate "C",
    admission_id text collate "C",
    special_needs text collate "C",
    current_patient_location text collate "C",
    patient_state text collate "C",
    referring_physician_name text collate "C",
    referring_physician_name_folded text collate "C",
    requesting_physician text collate "C",
    requesting_physician_folded text collate "C",
    requesting_service text collate "C",
    placer_order_number_imaging_service_request text collate "C",
    filler_order_number_imaging_service_request text collate "C",
    study_instance_uid text collate "C" not null,
    requested_procedure_id text collate "C",
    requested_procedure_description text collate "C",
    requested_procedure_description_folded text collate "C",
    requested_procedure_priority text collate "C",
    reason_for_the_requested_procedure text collate "C",
    patient_transport_arrangements text collate "C",
    requested_procedure_comments text collate "C",
    confidentiality_constraint_on_patient_data_description text collate "C",
    requested_procedure_code_value text collate "C",
    requested_procedure_coding_scheme_designator text collate "C",
    requested_procedure_code_meaning text collate "C",
    changed_ms bigint not null,
    constraint orders_accession_number unique (accession_number)
);

-- For the machine that says how far it is, and for the order of a study.
create index orders_by_study on orders (study_instance_uid);
-- For worklists and lists of one patient.
create index orders_by_patient on orders (patient_id);
-- For searches by name, whole or with a wild card at the end.
create index orders_by_patient_name on orders (patient_name_folded);

-- A step of an order. Its status is a word of filmless_model::order::StepStatus; scheduled_station_ae_title and
-- scheduled_station_name are JSON arrays, as a step may be scheduled for any of several machines.
create table order_steps (
    step_key bigint generated always as identity primary key,
    order_key bigint not null,
    status text collate "C" not null,
    modality text collate "C" not null,
    requested_contrast_agent text collate "C",
    scheduled_station_ae_title text collate "C" not null,
    scheduled_procedure_step_start_date text collate "C" not null,
    scheduled_procedure_step_start_time text collate "C" not null,
    scheduled_performing_physician_name text collate "C",
    scheduled_performing_physician_name_folded text collate "C",
    scheduled_procedure_step_description text collate "C",
    scheduled_procedure_step_description_folded text collate "C",
    scheduled_procedure_step_id text collate "C" not null,
    scheduled_station_name text collate "C",
    scheduled_procedure_step_location text collate "C",
    pre_medication text collate "C",
    comments_on_the_scheduled_procedure_step text collate "C",
    scheduled_protocol_code_value text collate "C",
    scheduled_protocol_coding_scheme_designator text collate "C",
    scheduled_protocol_code_meaning text collate "C",
    constraint order_steps_id unique (order_key, scheduled_procedure_step_id),
    constraint order_steps_order foreign key (order_key) references orders (order_key)
);

-- For the worklist of a day, in its order.
create index order_steps_by_start on order_steps (scheduled_procedure_step_start_date, scheduled_procedure_step_start_time, step_key);

-- Whether a peer may ask for the worklist, and how it is put to it.
alter table peers add column may_worklist smallint not null default 0;
alter table peers add column worklist_characters text collate "C" not null default 'utf-8';
alter table peers add column worklist_names text collate "C" not null default 'as-ordered';
alter table peers add column worklist_max_entries bigint;
