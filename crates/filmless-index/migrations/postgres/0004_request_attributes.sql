-- 0004 request_attributes: every item of the Request Attributes Sequence, not the first alone.
--
-- A series may be made for several requests, and a search names one of them. What the columns had is kept as the one item it
-- was. The twin in the other engine's folder does the same.

-- An item of the Request Attributes Sequence of a series, as its first instance has it.
create table request_attributes (
    series_key bigint not null,
    item bigint not null,
    scheduled_procedure_step_id text collate "C",
    requested_procedure_id text collate "C",
    constraint request_attributes_identity primary key (series_key, item),
    constraint request_attributes_series foreign key (series_key) references series (series_key) on delete cascade
);

insert into request_attributes (series_key, item, scheduled_procedure_step_id, requested_procedure_id)
select series_key, 0, scheduled_procedure_step_id, requested_procedure_id from series
where scheduled_procedure_step_id is not null or requested_procedure_id is not null;

alter table series drop column scheduled_procedure_step_id;
alter table series drop column requested_procedure_id;
