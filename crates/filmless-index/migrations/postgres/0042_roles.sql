-- 0042 roles: whoever was a reader is a radiologist, who may do the same. The twin in the other engine's folder does the same.

update accounts set role = 'radiologist' where role = 'reader';
