-- 0044 second_factor: what an account shows besides its password, and the hours in which it may be used. The twin in the other
-- engine's folder does the same.

-- The secret of a TOTP generator, in Base 32.
alter table accounts add column second_factor text collate "C";
-- The last half minute whose digits were accepted.
alter table accounts add column second_factor_step bigint not null default 0;
-- As 07:00-17:00+0700.
alter table accounts add column hours text collate "C";
