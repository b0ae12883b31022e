import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// The packages as they are published, used from outside the workspace as anybody would.

const ROOT = resolve(import.meta.dirname, '..');
const CLIENT = join(ROOT, 'packages/client');
const REACT = join(ROOT, 'packages/react');
const OLD_TYPESCRIPT = 'typescript@5.9.3';

const run = (file: string, args: string[], cwd: string) =>
  promisify(execFile)(file, args, { cwd, timeout: 240_000 }).catch(
    (error: { stdout: string; stderr: string }) => {
      // Compilers and checkers say on their output what they found.
      throw new Error(`${file} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
    },
  );

let directory: string;
const tarballs = { client: '', react: '' };
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'gantry-consumer-')));
  // One after the other: the types of the second are made from the sources of the first.
  tarballs.client = await pack(CLIENT);
  tarballs.react = await pack(REACT);
}, 300_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

async function pack(source: string): Promise<string> {
  const target = await mkdtemp(join(directory, 'packed-'));
  await run('npx', ['--yes', 'pnpm@12.21.0', 'pack', '--pack-destination', target], source);
  const [name = ''] = await readdir(target);
  return join(target, name);
}

/** The version that the workspace uses. */
async function at(name: string, source: string): Promise<string> {
  const { version }: { version: string } = JSON.parse(
    await readFile(join(source, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return `${name}@${version}`;
}

/** A directory with a package.json of its own, and these packages in it. */
async function install(name: string, packages: string[]) {
  const home = join(directory, name);
  await mkdir(home);
  await writeFile(join(home, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], home);
  return {
    home,
    read: (path: string) => readFile(join(home, 'node_modules/@gantry', name, path), 'utf8'),
    /** Adds the examples of the package's README, each as a module of its own. */
    async addExamples(kind: 'ts' | 'tsx'): Promise<string[]> {
      const readme = await this.read('README.md');
      const examples = [...readme.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, 'gms'))];
      const names = examples.map((_, index) => `example-${index + 1}.${kind}`);
      await Promise.all(names.map((file, index) => writeFile(join(home, file), examples[index]?.[1] ?? '')));
      return names;
    },
    /** Checks with the oldest TypeScript that we support, and with ours. */
    async check(files: string[]) {
      for (const bin of [home, CLIENT])
        await run(join(bin, 'node_modules/.bin/tsc'), [...STRICT, ...files], home);
    },
    evaluate: (code: string) => run(process.execPath, ['--input-type=module', '-e', code], home),
  };
}

const STRICT =
  `--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --types node --module nodenext
  --target es2022 --jsx react-jsx --lib es2024,esnext.disposable,dom,dom.asynciterable,dom.iterable`.split(
    /\s+/,
  );

/** The packages that a text imports, of types as well. */
function importsOf(text: string): Set<string | undefined> {
  const statements = text.matchAll(/^(?:import|export) .*?from ['"](.+?)['"]|\bimport\(['"](.+?)['"]\)/gm);
  const modules = [...statements].map(([, inStatement, inType]) => inStatement ?? inType ?? '');
  return new Set(modules.map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/')));
}

describe('@gantry/client', () => {
  let consumer: Awaited<ReturnType<typeof install>>;
  beforeAll(async () => {
    consumer = await install('client', [tarballs.client, OLD_TYPESCRIPT, await at('@types/node', CLIENT)]);
    await cp(join(CLIENT, 'tests/consumer.ts'), join(consumer.home, 'consumer.ts'));
  }, 300_000);

  test('holds the types of the router and nothing of the server', async () => {
    expect(importsOf(await consumer.read('dist/index.d.ts'))).toEqual(new Set(['@trpc/server']));
    expect(importsOf(await consumer.read('dist/index.js'))).toEqual(new Set(['@trpc/client', 'eventsource']));
    expect((await readdir(join(consumer.home, 'node_modules/@gantry/client'))).toSorted()).toEqual(FILES);
  });

  test('is checked strictly, with its declarations and the examples of its README', async () => {
    const examples = await consumer.addExamples('ts');
    expect(examples.length).toBeGreaterThan(3);
    await consumer.check(['consumer.ts', ...examples]);
  });

  test('runs in plain Node', async () => {
    const { stdout } = await consumer.evaluate(
      `import { createGantryClient } from '@gantry/client'; console.log(Object.keys(createGantryClient({ url: 'http://x', getToken: () => null })).join())`,
    );
    expect(stdout.trim()).toBe('jobs,uploads,schedules,services,queue,admin');
  });
});

describe('@gantry/react', () => {
  let consumer: Awaited<ReturnType<typeof install>>;
  beforeAll(async () => {
    const peers = await Promise.all([
      ...['@tanstack/react-query', '@types/node', '@types/react', 'react'].map((name) => at(name, REACT)),
      at('react-dom', join(ROOT, 'apps/web')),
    ]);
    consumer = await install('react', [tarballs.client, tarballs.react, OLD_TYPESCRIPT, ...peers]);
    await cp(join(REACT, 'tests/consumer.tsx'), join(consumer.home, 'consumer.tsx'));
  }, 300_000);

  test('brings nothing along but itself', async () => {
    const peers = ['@gantry/client', '@tanstack/react-query', 'react'];
    expect(importsOf(await consumer.read('dist/index.d.ts'))).toEqual(new Set(peers));
    expect(importsOf(await consumer.read('dist/index.js'))).toEqual(new Set(peers));
    const manifest: { dependencies?: object; peerDependencies: object } = JSON.parse(
      await consumer.read('package.json'),
    );
    expect([manifest.dependencies, Object.keys(manifest.peerDependencies)]).toEqual([undefined, peers]);
    expect((await readdir(join(consumer.home, 'node_modules/@gantry/react'))).toSorted()).toEqual(FILES);
  });

  test('is checked strictly, with its declarations and the examples of its README', async () => {
    const examples = await consumer.addExamples('tsx');
    expect(examples.length).toBeGreaterThan(1);
    await consumer.check(['consumer.tsx', ...examples]);
  });

  test('renders on a server', async () => {
    expect((await consumer.evaluate(RENDER)).stdout).toContain('Loading the job');
  });

  test('renders with React 18 too', async () => {
    const old = await install('react-18', [
      tarballs.client,
      tarballs.react,
      await at('@tanstack/react-query', REACT),
      'react@18.3.1',
      'react-dom@18.3.1',
    ]);
    expect((await old.evaluate(RENDER)).stdout).toContain('Loading the job');
  });

  test('has a style for every class that its README names, and names every class that it gives', async () => {
    const given = classesIn(await consumer.read('dist/index.js'), /"(gantry-[\w-]+)"/g);
    expect(given.size).toBeGreaterThan(5);
    expect(classesIn(await consumer.read('README.md'), /`?\.(gantry-[\w-]+)/g)).toEqual(given);
    const styled = classesIn(await consumer.read('dist/styles.css'), /\.(gantry-[\w-]+)/g);
    expect([...styled].filter((name) => !given.has(name))).toEqual([]);
  });
});

const RENDER = `
  import { createGantryClient } from '@gantry/client';
  import { GantryProvider, QueueStatus } from '@gantry/react';
  import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
  import { createElement } from 'react';
  import { renderToString } from 'react-dom/server';
  const client = createGantryClient({ url: 'http://x', getToken: () => null });
  console.log(renderToString(
    createElement(QueryClientProvider, { client: new QueryClient() },
      createElement(GantryProvider, { client }, createElement(QueueStatus, { jobId: 'a' })))));
`;

const FILES = ['LICENSE', 'README.md', 'dist', 'package.json'];

function classesIn(text: string, pattern: RegExp): Set<string | undefined> {
  return new Set([...text.matchAll(pattern)].map(([, name]) => name));
}

test.for(['client', 'react'] as const)('@gantry/%s is not packed or published by npm', async (name) => {
  const publish = run('npm', ['publish', '--dry-run'], join(ROOT, 'packages', name));
  await expect(publish).rejects.toThrow('Pack and publish with pnpm');
});

test.for(['client', 'react'] as const)('@gantry/%s is packed as npm and TypeScript want it', async (name) => {
  const bin = (tool: string) => join(ROOT, 'node_modules/.bin', tool);
  for (const [tool, args] of [
    ['publint', ['run', tarballs[name], '--strict']],
    ['attw', [tarballs[name], '--profile', 'esm-only']],
  ] as const)
    await expect(run(bin(tool), [...args], directory), tool).resolves.toBeDefined();
});
