import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: 'src/index.ts',
  platform: 'neutral',
  dts: { tsconfig: '../../tsconfig.sdk.json' },
  // The router's types come along; what of the server they do not need is shaken off, and a test looks that it is.
  deps: { neverBundle: [/^(?!@gantry\/)[^./]/], alwaysBundle: [/^@gantry\//] },
  treeshake: { moduleSideEffects: false },
});
