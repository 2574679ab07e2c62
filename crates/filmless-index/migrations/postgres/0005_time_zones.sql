-- 0005 time_zones: which time zones studies are of.
--
-- A search that names its time zone is compared with the dates and times of each study in that of the study, so it asks first
-- which there are. The twin in the other engine's folder does the same.

-- The time zones of all studies, before a search in a time zone.
create index studies_by_time_zone on studies (timezone_offset_from_utc) where timezone_offset_from_utc is not null;
