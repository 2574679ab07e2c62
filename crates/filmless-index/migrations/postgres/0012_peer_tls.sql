-- 0012 peer_tls: peers may be called by TLS.
--
-- Those that are there already are called as before. The twin in the other engine's folder does the same.

alter table peers add column called_by_tls smallint not null default 0;
