-- 0019 study_list: the study list in any order, page after page, and what each account has read and keeps of it.
--
-- A page begins behind a row, so each order needs an SQL index of what studies are ordered by, with the key that tells those
-- apart which are level. The expressions are those of src/search/study_list.rs, word by word. The twin in the other engine's
-- folder does the same.

-- For the list by date, the order in which it opens.
create index studies_in_order_of_date on studies ((coalesce(study_date, '') || ' ' || coalesce(study_time, '')), study_key);
-- For the list by what its other columns show.
create index studies_in_order_of_patient_name on studies ((coalesce(patient_name_folded, '')), study_key);
create index studies_in_order_of_birth_date on studies ((coalesce(patient_birth_date, '')), study_key);
create index studies_in_order_of_sex on studies ((coalesce(patient_sex, '')), study_key);
create index studies_in_order_of_accession_number on studies ((coalesce(accession_number, '')), study_key);
create index studies_in_order_of_description on studies ((coalesce(study_description_folded, '')), study_key);

-- For the other studies of a patient, counted without reading the rows, and for the list by Patient ID.
drop index studies_by_patient;
create index studies_by_patient on studies (patient_key, study_key);

-- For the body parts and institutions that there are, and for studies of one of them.
create index series_by_body_part on series (body_part_examined, study_key);
create index series_by_institution on series (institution_name, study_key);

-- For what machines are at.
create index performed_steps_by_change on performed_steps (changed_ms);

-- A study that an account has read, and how many instances it had then.
create table study_reads (
    study_key integer not null,
    account text not null,
    instances integer not null,
    read_ms integer not null,
    constraint study_reads_identity primary key (study_key, account),
    constraint study_reads_study foreign key (study_key) references studies (study_key) on delete cascade,
    constraint study_reads_account foreign key (account) references accounts (name) on delete cascade
) strict;

-- A filter of the list that an account keeps, as JSON that the viewer's API understands, and whether the list opens with it.
create table saved_filters (
    account text not null,
    name text not null,
    definition text not null,
    opens integer not null,
    constraint saved_filters_identity primary key (account, name),
    constraint saved_filters_account foreign key (account) references accounts (name) on delete cascade
) strict;
