import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { compress } from './vite-plugin-compress.ts';

/** Where the API listens while `vite` serves the pages; in production the API serves both. */
const apiUrl = process.env['GANTRY_API_URL'] ?? 'http://127.0.0.1:3001';

export default defineConfig({
  plugins: [react(), tailwindcss(), compress()],
  server: {
    proxy: { '/api': apiUrl, '/auth': apiUrl },
  },
  build: {
    // light-dark() and oklch() stay as written: every browser that React 19 meets here knows them.
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: true,
  },
});
