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
  ['the password field was not found', 'the password field was not found'],
  ['a token', 'a token'],
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
  ['https://x.test/?container=CRSU1274363', 'https://x.test/?container=CRSU1274363'],
] as const)('in the URL %s', ([url, expected]) => {
  expect(new Redactor().url(url)).toBe(expected);
});

test('of headers that carry credentials the names stay, and of cookies theirs', () => {
  const headers = new Redactor().headers([
    ['Authorization', 'Basic am9lOm9wZW4='],
    ['Cookie', 'sid=abc; theme=dark'],
    ['set-cookie', 'sid=abc; Path=/; HttpOnly\nb=c'],
    ['X-Api-Key', 'abc'],
    ['Location', '/next?token=abc'],
    ['Accept', 'text/html'],
  ]);
  expect(headers.map(({ value }) => value)).toEqual([
    'Basic REDACTED',
    'sid=REDACTED; theme=REDACTED',
    'sid=REDACTED; Path=/; HttpOnly\nb=REDACTED',
    'REDACTED',
    '/next?token=REDACTED',
    'text/html',
  ]);
});

test.for([
  ['<input type="password" value="abc">', '<input type="password" value="REDACTED">'],
  ['<input value="a &amp; b" name="user_password">', '<input value="REDACTED" name="user_password">'],
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
  ['{"password":"cut o', 'application/json', '{"password":"REDACTED"'],
] as const)('in the body %s', ([body, type, expected]) => {
  expect(new Redactor().body(body, type)).toBe(expected);
});

test('a secret that was seen once is taken out everywhere, however it is written', () => {
  const redactor = new Redactor();
  redactor.json({ portal: { user: 'joe', password: 'open "sesame" & go' } });
  expect(redactor.text('it is open "sesame" & go!')).toBe('it is REDACTED!');
  expect(redactor.text(String.raw`it is open \"sesame\" & go!`)).toBe('it is REDACTED!');
  expect(redactor.url('https://x.test/open%20%22sesame%22%20%26%20go')).toBe('https://x.test/REDACTED');
  expect(redactor.html('<p title="open &quot;sesame&quot; &amp; go">')).toBe('<p title="REDACTED">');
});

test('what is too short to be told from other text is taken out only where it is named', () => {
  const redactor = new Redactor();
  redactor.json({ pin: '12' });
  expect(redactor.text('12 rows, pin=12')).toBe('12 rows, pin=12');
  expect(redactor.url('https://x.test/?pin=12')).toBe('https://x.test/?pin=REDACTED');
});

test.for(['<input "', 'password="', "password='", 'token=', '"token":"', 'eyJaaaaaaaa', 'Bearer ', 'a://'])(
  'a page of nothing but %s is done with',
  (piece) => {
    expect(new Redactor().html(piece.repeat(1_000_000 / piece.length)).length).toBeGreaterThan(0);
  },
);
