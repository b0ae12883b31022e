import { expect, test } from 'vitest';

import { lookUp, outcome } from './look-up.ts';
import { ANSWER } from './rough-port.ts';

// Not beside other tests of this process: endless dialogs take its turns.
test.for([
  ['runs', 'for (;;);'],
  ['asks', 'for (;;) alert("again")'],
])('a page whose script %s without end costs its row and no other', async ([, script]) => {
  const { rows } = await lookUp([`<script>${script}</script>`, ANSWER], { pageTimeoutMs: 4_000 });
  expect(rows.map(outcome)).toEqual(['SITE_TIMEOUT', 'NCT A-1']);
});
