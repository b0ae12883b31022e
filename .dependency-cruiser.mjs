// `pnpm lint`: who may import whom. ARCHITECTURE.md shows the same as a list.

/** Packages that the sources of a package may import; types count. */
const MAY_IMPORT = {
  'apps/api': ['backend', 'contract', 'core', 'embedded', 'file-names', 'sheet'],
  'apps/worker': ['automations', 'backend', 'chrome', 'contract', 'core', 'embedded', 'sheet'],
  'apps/web': ['client', 'react', 'sheet'],
  'packages/react': ['client'],
  'packages/client': ['contract'],
  'packages/automations': ['chrome', 'contract', 'sheet'],
  'packages/core': ['contract'],
  'packages/chrome': ['file-names'],
  'packages/backend': [],
  'packages/contract': [],
  'packages/embedded': [],
  'packages/file-names': [],
  'packages/sheet': [],
};
const TESTS = '/tests/|\\.test\\.tsx?$|/src/testing(/|\\.ts$)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-cycle-of-folders',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(apps|packages)/[^/]+/src/' },
      to: { circular: true },
    },
    ...Object.entries(MAY_IMPORT).map(([home, names]) => ({
      name: `layers-of-${home.replace('/', '-')}`,
      severity: 'error',
      from: { path: `^${home}/`, pathNot: TESTS },
      to: {
        path: '^(apps|packages|bench|e2e|scripts)/',
        // The SDK knows the router by its type alone.
        pathNot: [
          `^${home}/`,
          ...names.map((name) => `^packages/${name}/`),
          ...(home === 'packages/client' ? ['^apps/api/src/index\\.ts$'] : []),
        ],
      },
    })),
    {
      name: 'types-of-the-router-only',
      severity: 'error',
      from: { path: '^packages/client/', pathNot: TESTS },
      to: { path: '^apps/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'by-name-not-by-path',
      comment: 'Sources reach another package by its name, so its index says what is public.',
      severity: 'error',
      from: { path: '^((?:apps|packages)/[^/]+)/', pathNot: TESTS },
      to: { path: '^(apps|packages)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'tests-of-packages-need-no-app',
      comment: 'Except the tests of the SDK, which call the real API.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/client/' },
      to: { path: '^apps/' },
    },
    {
      name: 'nothing-needs-the-tools',
      severity: 'error',
      from: { path: '^(apps|packages)/' },
      to: { path: '^(bench|e2e|scripts)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.gantry)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
