-- The automation job queue. Users read their own rows through the policies in 90_policies.sql. Only the service role
-- writes, and it changes the state of a job through the functions of the private schema `gantry`. These files are
-- applied in the order of their numbers.

create schema gantry;
