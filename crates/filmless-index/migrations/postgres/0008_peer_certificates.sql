-- 0008 peer_certificates: peers may be bound to the certificate that they show by TLS.
--
-- Empty: any, or none. Otherwise the SHA-256 of the certificate in hexadecimal digits, or CN= and the common name of its
-- subject. The twin in the other engine's folder does the same.

alter table peers add column certificate text collate "C";
