-- What the queue has to know of accounts. The service role may not read the schema `auth`, so these functions run as
-- their owner.

-- Whether a session was opened by this user and has not been ended since.
create function gantry.is_session_open(p_session_id uuid, p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id = p_session_id and u.id = p_user_id and u.deleted_at is null
      and (s.not_after is null or s.not_after > gantry.clock())
      and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

-- Whether this user could sign in now: schedules of other users do not fire.
create function gantry.is_account_open(p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.users u
    where u.id = p_user_id and u.deleted_at is null and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

create function gantry.email_of(p_user_id uuid) returns text
  language sql stable security definer set search_path = '' as $$
  select email::text from auth.users where id = p_user_id
$$;

-- Whether the bearer of these claims acts as an admin now. The database decides: a token is valid for an hour and says
-- what was true when it was issued. A program that a user has authorised (OAuth, `client_id`) never acts as an admin, and
-- a user with a second factor only after signing in with it. In PL/pgSQL, which keeps a plan for each session: an SQL
-- function is planned at each call, and that was most of the time of a policy.
create function gantry.has_admin_rights(p_claims jsonb) returns boolean
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

-- The same for the caller, for policies. `authenticated` may execute it, but not by name: it has no usage of the schema.
create function gantry.caller_has_admin_rights() returns boolean
  language plpgsql stable security definer set search_path = '' as $$
begin
  return gantry.has_admin_rights(auth.jwt());
end $$;
