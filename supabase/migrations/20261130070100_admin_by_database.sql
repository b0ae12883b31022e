-- Who is an admin, the policies look up. A token lives for an hour and believes what was true when it was issued: a
-- demoted admin went on reading everybody's jobs through PostgREST and SQL.

-- Whether the bearer of these claims acts as an admin now. A program that a user has let in (OAuth, `client_id`) never
-- does, and a user with a second factor only after signing in with it.
create function gantry.has_admin_rights(p_claims jsonb) returns boolean
  language sql stable security definer set search_path = '' as $$
  select coalesce(not p_claims ? 'client_id' and exists (
    select from auth.users u
    where u.id = (p_claims ->> 'sub')::uuid and u.deleted_at is null and u.raw_app_meta_data ->> 'role' = 'admin'
      and (u.banned_until is null or u.banned_until < gantry.clock())
      and (p_claims ->> 'aal' = 'aal2' or not exists (
        select from auth.mfa_factors f where f.user_id = u.id and f.status = 'verified'))), false)
$$;
drop function gantry.is_admin(uuid);

-- The same of the caller, for policies. `authenticated` may execute it, but not name it: it has no usage of the schema.
create function gantry.caller_has_admin_rights() returns boolean
  language sql stable security definer set search_path = '' as $$
  select gantry.has_admin_rights(auth.jwt())
$$;

-- In brackets each function is called once for a query, not once for a row.
alter policy "own jobs, or all for an admin" on public.automation_jobs
  using (user_id = (select auth.uid()) or (select gantry.caller_has_admin_rights()));
alter policy "own uploads, or all for an admin" on public.automation_uploads
  using (user_id = (select auth.uid()) or (select gantry.caller_has_admin_rights()));
alter policy "own schedules, or all for an admin" on public.automation_schedules
  using (user_id = (select auth.uid()) or (select gantry.caller_has_admin_rights()));
alter policy "services on offer, or all for an admin" on public.automation_services
  using (is_enabled or (select gantry.caller_has_admin_rights()));
alter policy "admins only" on public.automation_queues using ((select gantry.caller_has_admin_rights()));
alter policy "admins only" on public.automation_workers using ((select gantry.caller_has_admin_rights()));

revoke execute on function gantry.has_admin_rights(jsonb), gantry.caller_has_admin_rights()
  from public, anon, authenticated;
grant execute on function gantry.has_admin_rights(jsonb), gantry.caller_has_admin_rights() to service_role;
grant execute on function gantry.caller_has_admin_rights() to authenticated;
