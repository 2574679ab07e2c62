-- 0041 audit_log: who did what, to whose study, from where, why and when (PS3.15 A.5, Audit Trail Message Format Profile).
--
-- Rows are added and never changed; each has a digest over itself and the one before, so that a row that is changed, removed or
-- put in between is found, whoever did it. The triggers keep mistakes out, not those who may alter tables. The twin in the other
-- engine's folder makes the same table.

create table audit_log (
    sequence integer primary key,
    entry text not null,
    digest text not null,
    at_ms integer not null,
    act text not null,
    actor text not null,
    study_instance_uid text,
    patient_id text
) strict;

-- How far the change feed is summed up in the log: who stored how many instances of which study. What was stored before there was
-- a log is not.
create table audited_changes (
    through integer not null
) strict;
insert into audited_changes (through) select coalesce(max(sequence), 0) from changes;

-- For what an actor did, what was done with a study, and with those of a patient, last first.
create index audit_log_by_actor on audit_log (actor, sequence);
create index audit_log_by_study on audit_log (study_instance_uid, sequence) where study_instance_uid is not null;
create index audit_log_by_patient on audit_log (patient_id, sequence) where patient_id is not null;

create trigger audit_log_never_changes before update on audit_log
begin select raise(abort, 'the audit log is only added to'); end;

create trigger audit_log_loses_nothing before delete on audit_log
begin select raise(abort, 'the audit log is only added to'); end;
