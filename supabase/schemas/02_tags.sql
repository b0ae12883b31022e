-- 1 to 10 tags of 1 to 40 characters.
create function gantry.are_tags(p_tags text[]) returns boolean
  language sql immutable set search_path = '' as $$
  select cardinality(p_tags) between 1 and 10 and array_ndims(p_tags) = 1
    and not exists (select from unnest(p_tags) t (tag) where t.tag is null or length(t.tag) not between 1 and 40)
$$;
