import { expect, test } from 'vitest';

import { Redactor } from './redactor.ts';

test.for([
  ['password=hunter2000 sent', 'password=REDACTED sent'],
  ['{"apiKey": "abc def", "page": 2}', '{"apiKey": "REDACTED", "page": 2}'],
  ['{\\"client_secret\\":\\"abc def\\"}', '{\\"client_secret\\":\\"REDACTED\\"}'],
  ['access_token: abc.def', 'access_token: REDACTED'],
  ['sent Authorization: Bearer abc.def-ghi', 'sent Authorization: Bearer REDACTED'],
  ['got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln back', 'got REDACTED back'],
  ['opens https://joe:open-sesame@example.com/a', 'opens https://REDACTED@example.com/a'],
  ['{"password": "cut o\nnext', '{"password": "REDACTED"\nnext'],
  ['the token is s3cr3t-value', 'the token is REDACTED'],
  ['token s3cr3t-value-of-many-letters', 'token REDACTED'],
  ['token => s3cr3t', 'token => REDACTED'],
  ['"password":\n        "abc"', '"password":\n        "REDACTED"'],
  ["localStorage.setItem('token', 's3cr3t-value')", "localStorage.setItem('token', 'REDACTED')"],
  ['Set-Cookie: sid=abc; Path=/\nnext', 'Set-Cookie: REDACTED\nnext'],
  ['sid=s3cr3t-value; path=/', 'sid=REDACTED; path=/'],
  ['.password-field, .form-group2 { }', '.password-field, .form-group2 { }'],
  ['class="password form-control-lg2 col-md-12"', 'class="password form-control-lg2 col-md-12"'],
  ['token expired at 2026-01-01T00:00:00Z', 'token expired at 2026-01-01T00:00:00Z'],
  ['the password field was not found', 'the password field was not found'],
  ['a token', 'a token'],
  ['{"token": "", "page": "2"}', '{"token": "", "page": "2"}'],
  ['/sign-in?next=%2Fa%3Ftoken%3Dabcdef%26b%3D2', '/sign-in?next=%2Fa%3Ftoken%3DREDACTED%26b%3D2'],
] as const)('in the text %s', ([text, expected]) => {
  expect(new Redactor().text(text)).toBe(expected);
});

test.for([
  [
    'https://x.test/a?q=1&api_key=abc#access_token=def&b=2',
    'https://x.test/a?q=1&api_key=REDACTED#access_token=REDACTED&b=2',
  ],
  ['https://x.test/?pass%77ord=a%20b', 'https://x.test/?pass%77ord=REDACTED'],
  ['https://x.test/?next=%2Fa%3Ftoken%3Dabcdef', 'https://x.test/?next=%2Fa%3Ftoken%3DREDACTED'],
  ['https://x.test/?next=%252Fa%253Ftoken%253Dabcdef', 'https://x.test/?next=%252Fa%253Ftoken%253DREDACTED'],
  ['https://x.test/reset-password/0123456789abcdefghij/a', 'https://x.test/reset-password/REDACTED/a'],
  ['https://x.test/api/tokens/12345', 'https://x.test/api/tokens/12345'],
  ['https://x.test/?container=CRSU1274363', 'https://x.test/?container=CRSU1274363'],
] as const)('in the URL %s', ([url, expected]) => {
  expect(new Redactor().url(url)).toBe(expected);
});

test('of headers that carry credentials the names stay, and of cookies theirs', () => {
  const headers = new Redactor().headers([
    ['Authorization', 'Basic am9lOm9wZW4='],
    ['Cookie', 'sid=abc; theme=dark'],
    ['set-cookie', 'sid=abc; Path=/; HttpOnly\nb=c'],
    ['Cookie', 'abc; sid=abc=='],
    ['set-cookie', 'abc; Path=/'],
    ['X-Api-Key', 'abc'],
    ['Ocp-Apim-Subscription-Key', 'abc'],
    ['Location', '/next?token=abc'],
    ['Accept', 'text/html'],
  ]);
  expect(headers.map(({ value }) => value)).toEqual([
    'Basic REDACTED',
    'sid=REDACTED; theme=REDACTED',
    'sid=REDACTED; Path=/; HttpOnly\nb=REDACTED',
    'REDACTED; sid=REDACTED',
    'REDACTED; Path=/',
    'REDACTED',
    'REDACTED',
    '/next?token=REDACTED',
    'text/html',
  ]);
});

test.for([
  ['<input type="password" value="abc">', '<input type="password" value="REDACTED">'],
  ['<input value="a &amp; b" name="user_password">', '<input value="REDACTED" name="user_password">'],
  [
    '<input autocomplete="one-time-code" value="123">',
    '<input autocomplete="one-time-code" value="REDACTED">',
  ],
  ['<input placeholder="Your password" value="abc">', '<input placeholder="Your password" value="REDACTED">'],
  ['<meta name="csrf-token" content="abc">', '<meta name="csrf-token" content="REDACTED">'],
  ['<textarea name="secret">abc</textarea>', '<textarea name="secret">REDACTED</textarea>'],
  ['<script>let config = {authToken:"abc"}</script>', '<script>let config = {authToken:"REDACTED"}</script>'],
  [
    '<a data-x="{&quot;token&quot;:&quot;abc&quot;}">',
    '<a data-x="{&quot;token&quot;:&quot;REDACTED&quot;}">',
  ],
  ['<a href="/x?page=2&amp;sig=abc">', '<a href="/x?page=2&amp;sig=REDACTED">'],
  ['<input name="container" value="CRSU1274363">', '<input name="container" value="CRSU1274363">'],
] as const)('in the page %s', ([html, expected]) => {
  expect(new Redactor().html(html)).toBe(expected);
});

test.for([
  ['user=joe&password=open+sesame', 'application/x-www-form-urlencoded', 'user=joe&password=REDACTED'],
  ['{"user":"joe","credentials":{"a":["b"]}}', 'application/json', '{"user":"joe","credentials":"REDACTED"}'],
  [
    '{"fields":[{"name":"csrf_token","value":"abc"}]}',
    'application/json',
    '{"fields":[{"name":"csrf_token","value":"REDACTED"}]}',
  ],
  ['[["theme","dark"],["token","abc"]]', 'application/json', '[["theme","dark"],["token","REDACTED"]]'],
  ['{"key":"password","value":"abc"}', 'application/json', '{"key":"REDACTED","value":"REDACTED"}'],
  [
    '<w:Password Type="#PasswordText">abc</w:Password>',
    'text/xml',
    '<w:Password Type="#PasswordText">REDACTED</w:Password>',
  ],
  ['<Token><![CDATA[abc]]></Token>', 'application/soap+xml', '<Token><![CDATA[REDACTED]]></Token>'],
  ['<input type=password value=abc>', 'text/html', '<input type=password value="REDACTED">'],
  ["<input name='csrf_token' value='a\"b'>", 'text/html', '<input name=\'csrf_token\' value="REDACTED">'],
  ['{"password":"cut o', 'application/json', '{"password":"REDACTED"'],
] as const)('in the body %s', ([body, type, expected]) => {
  expect(new Redactor().body(body, type)).toBe(expected);
});

test('a secret that was seen once is taken out everywhere, however it is written', () => {
  const redactor = new Redactor();
  redactor.json({ portal: { user: 'joe', password: 'open "sesame" & go' } });
  expect(redactor.body('p=open+%22sesame%22+%26+go', 'application/x-www-form-urlencoded')).toBe('p=REDACTED');
  expect(redactor.text('it is open "sesame" & go!')).toBe('it is REDACTED!');
  expect(redactor.text(String.raw`it is open \"sesame\" & go!`)).toBe('it is REDACTED!');
  expect(redactor.url('https://x.test/open%20%22sesame%22%20%26%20go')).toBe('https://x.test/REDACTED');
  expect(redactor.html('<p title="open &quot;sesame&quot; &amp; go">')).toBe('<p title="REDACTED">');
});

test('a secret is known in Base64 too, and as PHP, Rails and others write it', () => {
  const redactor = new Redactor();
  redactor.json({ password: "ä/<it's 1>" });
  for (const user of ['', 'j', 'jo', 'joe:']) {
    const sent = Buffer.from(`${user}ä/<it's 1>`).toString('base64');
    expect(redactor.text(`sent ${sent} back`)).toContain('REDACTED');
  }
  for (const spelling of [
    String.raw`\u00e4\/<it's 1>`,
    String.raw`\u00e4/\u003cit's 1\u003e`,
    'ä/&lt;it&#39;s 1&gt;',
    "%c3%a4%2f%3cit's%201%3e",
  ])
    expect(redactor.text(`a ${spelling} b`)).toBe('a REDACTED b');
});

test.for([
  ['Bearer s3cr3t-value', 's3cr3t-value'],
  [`Basic ${Buffer.from('joe:open-sesame').toString('base64')}`, 'open-sesame'],
] as const)('what %s in a text gives away is taken out elsewhere too', ([credential, secret]) => {
  const redactor = new Redactor();
  redactor.text(`sent ${credential}`);
  expect(redactor.text(`it was ${secret}!`)).toBe('it was REDACTED!');
});

test.for([
  [
    'a field of a page',
    (redactor: Redactor) => redactor.html('<input type="password" value="a &amp; b 123">'),
  ],
  ['an address', (redactor: Redactor) => redactor.text('https://joe:a & b 123@x.test'.replaceAll(' ', '_'))],
] as const)('what %s gives away is taken out as it is', ([, show]) => {
  const redactor = new Redactor();
  show(redactor);
  expect(redactor.text('<a & b 123> <a_&_b_123>')).toContain('<REDACTED>');
});

test('of a value that is very long nothing is left either', () => {
  const redactor = new Redactor();
  redactor.json({ token: 'x'.repeat(9_000) });
  expect(redactor.text(`it is ${'x'.repeat(9_000)}, again`)).toBe('it is REDACTED, again');
  expect(new Redactor().text(`{"token": "${'x'.repeat(9_000)}"}`)).toBe('{"token": "REDACTED"}');
  expect(new Redactor().text(`token=${'x'.repeat(9_000)} sent`)).toBe('token=REDACTED sent');
});

test.for([
  '.password-field:disabled { } <input disabled>',
  '<meta name="x" data-token="" class="a"><p class="b">',
  'let texts = {password: "Password"}; <label>Password</label>',
] as const)('words that follow a name stay where they stand elsewhere: %s', (page) => {
  const [, rest = ''] = /(<(?:input disabled|p class="b"|label).*)$/.exec(page) ?? [];
  expect(rest).not.toBe('');
  const redactor = new Redactor();
  redactor.html(page);
  expect(redactor.html(page)).toContain(rest);
});

test('what is too short to be told from other text is taken out only where it is named', () => {
  const redactor = new Redactor();
  redactor.json({ pin: '12' });
  expect(redactor.text('12 rows, pin=12')).toBe('12 rows, pin=12');
  expect(redactor.url('https://x.test/?pin=12')).toBe('https://x.test/?pin=REDACTED');
});

test('a body that is nested without end is cleaned as text', () => {
  const body = `${'['.repeat(30_000)}{"token":"abc"}${']'.repeat(30_000)}`;
  expect(new Redactor().body(body, 'application/json')).toContain('[{"token":"REDACTED"}]');
});

test('a page that names many long values, and looks like all of them, is done with', () => {
  const redactor = new Redactor();
  for (let i = 0; i < 199; i += 1) redactor.json({ token: `${'a'.repeat(i)}b` });
  expect(redactor.html('a'.repeat(1_000_000))).toHaveLength(1_000_000);
});

const NO_SIGNATURE = `${'-eyJ'.repeat(1_000)}.${'a'.repeat(4_000)} `;

test.for([
  '<input "',
  'password="',
  "password='",
  'token=',
  '"token":"',
  'eyJaaaaaaaa',
  NO_SIGNATURE,
  'Bearer ',
  'a://',
  'token ',
  'token/',
  "token','",
  'token is ',
  '<token ',
  '<a:token>',
  'cookie: ',
  `token ${'a'.repeat(59)}`,
])('a page of nothing but %.20s is done with', (piece) => {
  expect(new Redactor().html(piece.repeat(1_000_000 / piece.length)).length).toBeGreaterThan(0);
});
