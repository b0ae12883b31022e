import { describe, expect, test } from 'vitest';

import { readConfig } from '../src/config.ts';

describe('CORS_ORIGINS', () => {
  test('are origins as browsers send them', () => {
    expect(readConfig({ CORS_ORIGINS: ' https://a.example, http://localhost:5173,' }).corsOrigins).toEqual([
      'https://a.example',
      'http://localhost:5173',
    ]);
  });

  // None of these is ever equal to what a browser sends: it would be refused without a word.
  for (const wrong of [
    'a.example',
    'https://a.example/',
    'https://a.example/app',
    'HTTPS://A.example',
    '*',
    'null',
  ])
    test(`"${wrong}" stops the start, and the line names the variable`, () => {
      expect(() => readConfig({ CORS_ORIGINS: `https://b.example,${wrong}` })).toThrow(
        /^CORS_ORIGINS: .*origin/,
      );
    });
});
