-- The roles of a hosted Supabase database. `postgres` is not a superuser there either, so what hosted Supabase
-- refuses is refused here too. Passwords of the login roles are set by the caller, never in SQL files.

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;

create role postgres login createrole createdb replication bypassrls;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_signal_backend to postgres;

create role supabase_auth_admin login noinherit;
create role supabase_storage_admin login noinherit;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_storage_admin set search_path = storage;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';

alter role postgres set search_path = "$user", public, extensions;
alter database postgres owner to postgres;

create schema extensions;
grant usage on schema extensions to public;
grant all on schema extensions to postgres;
create extension if not exists pgcrypto with schema extensions;

grant all on schema public to postgres with grant option;
grant usage on schema public to anon, authenticated, service_role;
