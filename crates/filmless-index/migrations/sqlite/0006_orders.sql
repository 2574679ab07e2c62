-- 0006 orders: what is to be done for whom, at which machine and when; and which peers may ask for it.
--
-- A column of an attribute has its name (filmless_model::order::attribute); `…_folded` holds the text that searches compare
-- with. The twin in the other engine's folder makes the same tables.

-- An order: one requested procedure, under one accession number.
create table orders (
    order_key integer primary key autoincrement,
    accession_number text not null,
    patient_name text not null,
    patient_name_folded text,
    patient_id text not null,
    issuer_of_patient_id text,
    patient_birth_date text,
    patient_sex text,
    patient_size text,
    patient_weight text,
    medical_alerts text,
    allergies text,
    additional_patient_history text,
    pregnancy_status text,
    admission_id text,
    special_needs text,
    current_patient_location text,
    patient_state text,
    referring_physician_name text,
    referring_physician_name_folded text,
    requesting_physician text,
    requesting_physician_folded text,
    requesting_service text,
    placer_order_number_imaging_service_request text,
    filler_order_number_imaging_service_request text,
    study_instance_uid text not null,
    requested_procedure_id text,
    requested_procedure_description text,
    requested_procedure_description_folded text,
    requested_procedure_priority text,
    reason_for_the_requested_procedure text,
    patient_transport_arrangements text,
    requested_procedure_comments text,
    confidentiality_constraint_on_patient_data_description text,
    requested_procedure_code_value text,
    requested_procedure_coding_scheme_designator text,
    requested_procedure_code_meaning text,
    changed_ms integer not null,
    constraint orders_accession_number unique (accession_number)
) strict;

-- For the machine that says how far it is, and for the order of a study.
create index orders_by_study on orders (study_instance_uid);
-- For worklists and lists of one patient.
create index orders_by_patient on orders (patient_id);
-- For searches by name, whole or with a wild card at the end.
create index orders_by_patient_name on orders (patient_name_folded);

-- A step of an order. Its status is a word of filmless_model::order::StepStatus; scheduled_station_ae_title and
-- scheduled_station_name are JSON arrays, as a step may be scheduled for any of several machines.
create table order_steps (
    step_key integer primary key autoincrement,
    order_key integer not null,
    status text not null,
    modality text not null,
    requested_contrast_agent text,
    scheduled_station_ae_title text not null,
    scheduled_procedure_step_start_date text not null,
    scheduled_procedure_step_start_time text not null,
    scheduled_performing_physician_name text,
    scheduled_performing_physician_name_folded text,
    scheduled_procedure_step_description text,
    scheduled_procedure_step_description_folded text,
    scheduled_procedure_step_id text not null,
    scheduled_station_name text,
    scheduled_procedure_step_location text,
    pre_medication text,
    comments_on_the_scheduled_procedure_step text,
    scheduled_protocol_code_value text,
    scheduled_protocol_coding_scheme_designator text,
    scheduled_protocol_code_meaning text,
    constraint order_steps_id unique (order_key, scheduled_procedure_step_id),
    constraint order_steps_order foreign key (order_key) references orders (order_key)
) strict;

-- For the worklist of a day, in its order.
create index order_steps_by_start on order_steps (scheduled_procedure_step_start_date, scheduled_procedure_step_start_time, step_key);

-- Whether a peer may ask for the worklist, and how it is put to it.
alter table peers add column may_worklist integer not null default 0;
alter table peers add column worklist_characters text not null default 'utf-8';
alter table peers add column worklist_names text not null default 'as-ordered';
alter table peers add column worklist_max_entries integer;
