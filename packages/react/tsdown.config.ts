import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: 'src/index.ts',
  platform: 'neutral',
  dts: { tsconfig: '../../tsconfig.sdk.json' },
  deps: { neverBundle: [/^[^./]/] },
  copy: 'src/styles.css',
});
