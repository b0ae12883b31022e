import type pg from 'pg';

// Comments inside a function's body change nothing.
const CATALOG = String.raw`
with spaces as (
  select oid, nspname, nspacl, nspowner from pg_namespace where nspname in ('gantry', 'public')
), tables as (
  select c.*, format('%I.%I', s.nspname, c.relname) as full_name from pg_class c join spaces s on s.oid = c.relnamespace
), rights (object, acl) as (
  select 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)) from spaces
  union all
  select 'table ' || full_name,
    coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
  from tables where relkind in ('r', 'v', 'm', 'p', 'S')
  union all
  select format('column %s.%s', t.full_name, a.attname), a.attacl
  from tables t join pg_attribute a on a.attrelid = t.oid where a.attacl is not null
  union all
  select 'function ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p join spaces s on s.oid = p.pronamespace
  union all
  select format('default for %s of %s in %s', defaclobjtype, defaclrole::regrole, defaclnamespace::regnamespace), defaclacl
  from pg_default_acl
)
select 'rights on ' || object as object, (select string_agg(a::text, ' ' order by a::text) from unnest(acl) a) as definition
from rights
union all
select 'table ' || full_name, format('kind %s, persistence %s, owner %s, row security %s/%s, options %s',
  relkind, relpersistence, relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions)
from tables where relkind in ('r', 'v', 'm', 'p', 'S')
union all
select format('column %s.%s', t.full_name, a.attname), format('number %s, type %s, not null %s, identity %s, generated %s, default %s',
  (select count(*) from pg_attribute b where b.attrelid = t.oid and b.attnum between 1 and a.attnum and not b.attisdropped),
  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum where t.relkind in ('r', 'v', 'm', 'p')
union all
select format('constraint %s.%s', t.full_name, c.conname), pg_get_constraintdef(c.oid)
from pg_constraint c join tables t on t.oid = c.conrelid
union all
select 'index ' || indexname, indexdef from pg_indexes where schemaname in ('gantry', 'public')
union all
select format('trigger %s.%s', t.full_name, g.tgname), g.tgenabled::text || ' ' || pg_get_triggerdef(g.oid)
from pg_trigger g join tables t on t.oid = g.tgrelid where not g.tgisinternal
union all
select format('policy %s.%s', tablename, policyname), concat_ws('|', permissive, roles, cmd, qual, with_check)
from pg_policies where schemaname in ('gantry', 'public')
union all
select 'function ' || p.oid::regprocedure,
  p.proowner::regrole || ' ' || regexp_replace(pg_get_functiondef(p.oid), '^[ ]*--.*\n', '', 'gn')
from pg_proc p join spaces s on s.oid = p.pronamespace where p.prokind <> 'a'
union all
select 'type ' || t.oid::regtype, format('%s %s %s', t.typtype, t.typbasetype::regtype,
  (select string_agg(enumlabel, ' ' order by enumsortorder) from pg_enum where enumtypid = t.oid))
from pg_type t join spaces s on s.oid = t.typnamespace
where t.typtype in ('d', 'e', 'r') or t.typtype = 'c' and (select relkind from pg_class where oid = t.typrelid) = 'c'
union all
select format('sequence %s.%s', schemaname, sequencename), (to_jsonb(s) - 'last_value')::text
from pg_sequences s where schemaname in ('gantry', 'public')
union all
select 'rows of queues', (select jsonb_agg(to_jsonb(q) - 'created_at' - 'updated_at')::text from public.automation_queues q)
union all
select 'rows of figures', (select jsonb_agg(to_jsonb(f))::text from gantry.job_figures f)
union all
select 'rows of buckets', (select jsonb_agg(jsonb_build_array(b.id, b.name, b.public))::text from storage.buckets b)`;

/** What a database consists of, one definition for each object: all but comments. */
export async function readCatalog(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ object: string; definition: string }>(CATALOG);
  return Object.fromEntries(rows.map(({ object, definition }) => [object, definition]));
}
