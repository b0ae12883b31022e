import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: 'src/index.ts',
  platform: 'neutral',
  dts: { tsconfig: '../../tsconfig.sdk.json' },
  deps: { neverBundle: [/^[^./]/] },
  // TypeScript 6 and newer refuse to import a style sheet that nobody declares.
  copy: ['src/styles.css', 'src/styles.d.css.ts'],
  // Frameworks that render components on the server must know that these are for the browser as well.
  banner: { js: "'use client';" },
});
