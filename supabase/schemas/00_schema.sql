-- The automation job queue. Users read their own rows through the policies in 90_policies.sql. The service role
-- changes jobs and what belongs to them only through the functions of the private schema `gantry`. These files are
-- applied in the order of their numbers.

create schema gantry;
