-- 0003 further_attributes: values of attributes that no column keeps.
--
-- An administrator names attributes that searches shall match as well; a job reads their values from the headers, in the
-- order of the change feed, and notes how far it is. The twin in the other engine's folder makes the same tables.

-- An attribute, by its name (filmless_model::further), with whose values they are ('study', 'series' or 'instance') and the
-- last change whose instance has been read. A key is never given again: values whose attribute is gone are rubbish.
create table further_attributes (
    attribute_key integer primary key autoincrement,
    name text not null,
    owner text not null,
    indexed_through integer not null,
    constraint further_attributes_name unique (name)
) strict;

-- A value, in the form that is compared (filmless_dicom::comparable), of the study, series or instance that has this key.
-- item tells the items of a sequence apart; it is 0 outside of sequences.
create table further_values (
    attribute_key integer not null,
    owner_key integer not null,
    item integer not null,
    value text not null,
    -- For what goes with its owner or its attribute.
    constraint further_values_identity primary key (attribute_key, owner_key, item, value)
) strict, without rowid;

-- For searches.
create index further_values_by_value on further_values (attribute_key, value, owner_key, item);
