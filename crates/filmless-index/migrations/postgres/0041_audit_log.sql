-- 0041 audit_log: who did what, to whose study, from where, why and when (PS3.15 A.5, Audit Trail Message Format Profile).
--
-- Rows are added and never changed; each has a digest over itself and the one before, so that a row that is changed, removed or
-- put in between is found, whoever did it. The triggers keep mistakes out, not those who may alter tables. The twin in the other
-- engine's folder makes the same table.

create table audit_log (
    sequence bigint primary key,
    entry text not null,
    digest text collate "C" not null,
    at_ms bigint not null,
    act text collate "C" not null,
    actor text collate "C" not null,
    study_instance_uid text collate "C",
    patient_id text collate "C"
);

-- How far the change feed is summed up in the log: who stored how many instances of which study. What was stored before there was
-- a log is not.
create table audited_changes (
    through bigint not null
);
insert into audited_changes (through) select coalesce(max(sequence), 0) from changes;

-- For what an actor did, what was done with a study, and with those of a patient, last first.
create index audit_log_by_actor on audit_log (actor, sequence);
create index audit_log_by_study on audit_log (study_instance_uid, sequence) where study_instance_uid is not null;
create index audit_log_by_patient on audit_log (patient_id, sequence) where patient_id is not null;

create function keep_audit_log() returns trigger
language plpgsql as $$
begin
    raise exception 'the audit log is only added to';
end
$$;
create trigger audit_log_never_changes before update on audit_log for each statement execute function keep_audit_log();
create trigger audit_log_loses_nothing before delete or truncate on audit_log for each statement execute function keep_audit_log();
