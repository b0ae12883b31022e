import { Link } from '@tanstack/react-router';

/** The tags of a job; each leads to the jobs that have it. */
export function TagLinks({ tags }: { tags: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <li key={tag} className="min-w-0">
          <Link
            to="/jobs"
            search={{ tag }}
            className="inline-flex h-6 max-w-full items-center rounded-full border border-line px-2 text-xs text-ink-soft hover:bg-hover hover:text-ink"
          >
            <span className="truncate">{tag}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
