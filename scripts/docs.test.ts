import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = globSync(['*.md', 'docs/**/*.md', '{apps,packages}/*/*.md'], {
  cwd: ROOT,
  exclude: (name) => name === 'node_modules',
});

/** What a reader of docs/automations.md writes. */
const TO_BE_WRITTEN = 'packages/automations/src/page-title/page-title.ts';

for (const page of PAGES) {
  const text = readFileSync(resolve(ROOT, page), 'utf8');

  test(`${page} links to files that exist`, () => {
    const targets = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
    const missing = targets.filter((target) => !existsSync(resolve(ROOT, dirname(page), target)));
    expect(missing).toEqual([]);
  });

  test(`${page} names files and folders that exist`, () => {
    const paths = [
      ...text.matchAll(/`((?:apps|packages|supabase|scripts|docs|e2e|bench|examples)\/[^\s`<]+)`/g),
    ];
    const missing = paths
      .map(([, path = '']) => path.replace(/[#:].*$/, ''))
      .filter((path) => path !== TO_BE_WRITTEN && globSync(path, { cwd: ROOT }).length === 0);
    expect(missing).toEqual([]);
  });
}
