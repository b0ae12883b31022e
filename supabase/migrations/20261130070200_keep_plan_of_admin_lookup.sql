-- The same two functions in PL/pgSQL, which keeps a plan for each session: SQL functions are planned at each call, and
-- that was most of the time of a policy.

create or replace function gantry.has_admin_rights(p_claims jsonb) returns boolean
  language plpgsql stable security definer set search_path = '' as $$
declare
  v_user_id constant uuid := p_claims ->> 'sub';
begin
  return not coalesce(p_claims ? 'client_id', true) and exists (
    select from auth.users u
    where u.id = v_user_id and u.deleted_at is null and u.raw_app_meta_data ->> 'role' = 'admin'
      and (u.banned_until is null or u.banned_until < gantry.clock())
      and (p_claims ->> 'aal' = 'aal2' or not exists (
        select from auth.mfa_factors f where f.user_id = u.id and f.status = 'verified')));
end $$;

create or replace function gantry.caller_has_admin_rights() returns boolean
  language plpgsql stable security definer set search_path = '' as $$
begin
  return gantry.has_admin_rights(auth.jwt());
end $$;

revoke execute on function gantry.has_admin_rights(jsonb), gantry.caller_has_admin_rights()
  from public, anon, authenticated;
grant execute on function gantry.has_admin_rights(jsonb), gantry.caller_has_admin_rights() to service_role;
grant execute on function gantry.caller_has_admin_rights() to authenticated;
