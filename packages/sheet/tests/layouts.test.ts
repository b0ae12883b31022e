import { describe, expect, test } from 'vitest';

import { A, B, C, codeOf, D, keysOf, linesOf, read, URL_SPEC } from './list-spec.ts';

describe('the key column', () => {
  const found: Record<string, [string, header: string]> = {
    'is not the one whose header only sounds right': [`Container,Box\n40HC,${A}\n20GP,${B}`, 'Box'],
    'is the one with the exact header, of two with numbers': [
      `Old container no,Container no\n${C},${A}\n${D},${B}`,
      'Container no',
    ],
    'is the current one, though no header is exact': [`Previous unit,Unit\n${C},${A}\n${D},${B}`, 'Unit'],
    'is exact even if some of its cells are wrong': [
      `Seen before,Container\n${C},${A}\n${D},TBA\n${D},${B}`,
      'Container',
    ],
    'is exact even if all of its numbers are mistyped': [
      `Seen before,Container\n${C},FLDU4102315\n${D},FLDU4103775`,
      'Container',
    ],
    'may be mostly mistyped or empty': [`Box,Ref\n${A},1\nFLDU4103775,2\nFLDU4110028,3\nTBA,4\n-,5`, 'Box'],
    'has its name from the group above': [
      `Load,Container,,Return,\nRef,Type,No,Type,No\n1,HC,${A},HC,${C}\n2,GP,${B},GP,${D}`,
      'No',
    ],
    'is found without a header': [`x,${A}\ny,${B}`, 'Column 2'],
    'is found below a title, without a header': [`Boxes of today,,\nx,${A},1\ny,${B},2`, 'Column 2'],
  };
  for (const [how, [content, header]] of Object.entries(found)) {
    test(how, async () => {
      const [column] = (await read(content)).columns;
      expect(column?.header).toBe(header);
    });
  }

  test('is told with the others that it could be', async () => {
    const [column] = (await read(`Old container no,Container no\n${C},${A}\n${D},${B}`)).columns;
    expect(column).toMatchObject({
      position: 1,
      alternatives: [{ header: 'Old container no', position: 0 }],
    });
  });
});

describe('lists beside each other are one, line by line', () => {
  const beside: Record<string, [content: string, lines: string[], header: string]> = {
    'under the same header': [
      `No,Container No,,No,container no.\n1,${A},,3,${C}\n2,${B},,,\n,,,4,${D}`,
      [`2 ${A}`, `2 ${C}`, `3 ${B}`, `4 ${D}`],
      'Container No, container no.',
    ],
    'under a header that is numbered, with one number on the right': [
      `Container 1,Size,Container 2\n${A},20,${C}\n${B},40,\nFLDU4123452,20,TBA\n${D},20,`,
      [`2 ${A}`, `2 ${C}`, `3 ${B}`, '4 !CHECK_DIGIT_MISMATCH', '4 !INVALID_CONTAINER_NUMBER', `5 ${D}`],
      'Container 1, Container 2',
    ],
    'in groups': [
      `Import,,Export,\nContainer No,Size,Container No,Size\n${A},20,${C},40\n${B},20,${D},40`,
      [`3 ${A}`, `3 ${C}`, `4 ${B}`, `4 ${D}`],
      'Container No',
    ],
    'with the same number in both': [
      `Container,Yard,Container\n${A},1,${A}\n${B},2,${C}`,
      [`2 ${A}`, `3 ${B}`, `3 ${C}`],
      'Container',
    ],
    'in one line without a header': [
      `${A}, ${B}, ${C}`,
      [`1 ${A}`, `1 ${B}`, `1 ${C}`],
      'Column 1, Column 2, Column 3',
    ],
    'in one line of several, each with its name at the left': [
      `Container,${A},${B}\nSize,40,20\nPort,CGP,SIN`,
      [`1 ${A}`, `1 ${B}`],
      'Column 2, Column 3',
    ],
    'in lines below a title': [
      `Boxes of today\n${A};${B}\n${C};${D}`,
      [`2 ${A}`, `2 ${B}`, `3 ${C}`, `3 ${D}`],
      'Column 1, Column 2',
    ],
  };
  for (const [how, [content, lines, header]] of Object.entries(beside)) {
    test(how, async () => {
      expect(await linesOf(content)).toEqual(lines);
      const [column] = (await read(content)).columns;
      expect(column).toMatchObject({ header, isJoined: false, alternatives: [] });
    });
  }
  test('with its own number in the cells of each row', async () => {
    const { rows } = await read(`Container,Size,Container\n${A},40,${C}`);
    expect(rows.map(({ cells }) => cells)).toEqual([
      [A, '40', ''],
      ['', '40', C],
    ]);
  });
  test('but not with those of the past', async () => {
    const content = `Previous,,Current,\nSize,Container No,Size,Container No\n20,${C},20,${A}\n40,${D},40,${B}`;
    const [column] = (await read(content)).columns;
    expect(column?.positions).toEqual([3]);
  });
});

describe('a number in several columns is joined', () => {
  const joined: Record<string, string> = {
    'of prefix and number': `Owner,Serial\nFLDU,4102314\nfldu,410377-4`,
    'with its check digit apart': `Size,Owner,Serial,CD\n40,FLDU,410231,4\n20,FLDU,410377,4`,
    'of all but the check digit, and that': `Container;Size;Check digit\nFLDU410231;40;4\nFLDU 410377;20;4`,
    'with text between': `Owner,Size,Serial\nFLDU,40HC,4102314\nFLDU,20GP,4103774`,
    'below a header of two lines': `,Container,\nLine,Prefix,Number\nMSC,FLDU,4102314\nMSC,FLDU,4103774`,
  };
  for (const [how, content] of Object.entries(joined)) {
    test(how, async () => expect(await keysOf(content)).toEqual([A, B]));
  }
  test('with leading zeros that a sheet has lost', async () => {
    expect(await keysOf('Prefix,Number\nMSKU,6011672\nCSQU,0\nCSQU,3054383')).toContain('CSQU3054383');
    expect(await keysOf('Prefix,Number\nTEMU,18442\nCSQU,3054383\nMSKU,6011672')).toHaveLength(3);
  });
  test('but not if there is more than one way', async () => {
    await expect(
      read('Prefix,Number,Old number\nFLDU,4102314,4110027\nFLDU,4103774,4123451'),
    ).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringContaining('Put each whole number into one column'),
    });
  });
  test('and not if the check digits are missing', async () => {
    expect(await codeOf('Prefix,Number\nFLDU,410231\nFLDU,410377')).toBe('COLUMN_NOT_FOUND');
  });
});

describe('several numbers in one cell give a row each, with the same line', () => {
  const cells = [
    `${A}, ${B}`,
    `${A};${B};`,
    `${A} / ${B}`,
    `${A}\n${B}`,
    `${A} ${B}`,
    `${A} and ${B}`,
    `${A} & ${B}`,
    `${A}、${B}`,
    'FLDU 410231-4, FLDU 410377-4',
    'FLDU 410231 4 FLDU 410377 4',
    `${A} (40HC), ${B} (20GP)`,
    `1) ${A} 2) ${B}`,
  ];
  for (const cell of cells) {
    test(JSON.stringify(cell), async () => {
      expect(await linesOf(`BL,Containers\nx,"${cell}"\ny,${C}`)).toEqual([`2 ${A}`, `2 ${B}`, `3 ${C}`]);
    });
  }
  test('each with its own number in the cell', async () => {
    const sheet = await read(`BL,Containers\nx,"${A}, ${B}"`);
    expect(sheet.rows.map((row) => row.cells)).toEqual([
      ['x', A],
      ['x', B],
    ]);
  });
  test('a mistyped one among them is a wrong row', async () => {
    expect(await linesOf(`Containers\n"${A}, FLDU41037"`)).toEqual([`2 ${A}`, '2 !INVALID_CONTAINER_NUMBER']);
  });
  test('and they count towards the limit', async () => {
    expect(await codeOf(`Containers\n${`"${Array(300).fill(A).join(' ')}"\n`.repeat(4)}`)).toBe(
      'TOO_MANY_ROWS',
    );
  });
  test('addresses too', async () => {
    const list =
      'URL\n"https://a.example/, https://b.example/?x=1,2"\n"https://c.example/\nhttps://d.example/"';
    expect(await keysOf(list, URL_SPEC)).toEqual([
      'https://a.example/',
      'https://b.example/?x=1,2',
      'https://c.example/',
      'https://d.example/',
    ]);
  });
});

describe('what is above and below a list is neither header nor row', () => {
  const lists: Record<string, string[]> = {
    [`Yard report,,Page 1 of 2\nContainer,Size,Port\n${A},40,CGP\nYard report,,Page 2 of 2\nContainer,Size,Port\n${B},20,CGP`]:
      [`3 ${A}`, `6 ${B}`],
    [`Yard report\nPage 1 of 2\nContainer\n${A}\nYard report\nPage 2 of 2\nContainer\n${B}`]: [
      `4 ${A}`,
      `8 ${B}`,
    ],
    [`ক্রমিক,কন্টেইনার নং\n১,${A}\n২,${B}\nমোট,২`]: [`2 ${A}`, `3 ${B}`],
    [`序号,集装箱号,箱型\n1,${A},40HQ\n2,${B},20GP\n合计,2,\n制表人：张三`]: [`2 ${A}`, `3 ${B}`],
    [`Stock report,,\nFrom,2026-11-01,\n\nUnit,Line,Size\n${A},X,40\n${B},Y,20`]: [`5 ${A}`, `6 ${B}`],
    [`Container,Weight\n${A},10\n${B},20\n,30`]: [`2 ${A}`, `3 ${B}`],
    [`Container,Weight\n${A},10\nSubtotal,10\n${B},20\nGrand Total,30`]: [`2 ${A}`, `4 ${B}`],
    [`Container,Note\n${A},x\n${B},y\nTOTAL CONTAINERS: 2,`]: [`2 ${A}`, `3 ${B}`],
    [`No,Container\n1,${A}\n2,${B}\nTotal,2`]: [`2 ${A}`, `3 ${B}`],
    [`Container\n${A}\n${B}\nTotal: 12,500`]: [`2 ${A}`, `3 ${B}`],
    [`Container\n${A}\n${B}\nИтого: 2`]: [`2 ${A}`, `3 ${B}`],
    [`Container\n${A}\n${B}\n合计 2`]: [`2 ${A}`, `3 ${B}`],
    [`Container\n${A}\n${B}\n2 containers`]: [`2 ${A}`, `3 ${B}`],
    [`Container,Size\n---------,----\n${A},40\n${B},20\n*** End of report ***,`]: [`3 ${A}`, `4 ${B}`],
    [`Container,Size\n${A},40\nContainer,Size\n${B},20\nPrinted by N. N. on 30.11.2026,`]: [
      `2 ${A}`,
      `4 ${B}`,
    ],
    [`Container,Size,ETA\n,ft,\n${A},40,1.12.\n${B},20,2.12.`]: [`3 ${A}`, `4 ${B}`],
    [`Container,Cargo,,\n,Weight,,Pkgs\n,Gross,Net,\n${A},1,2,3\n${B},4,5,6`]: [`4 ${A}`, `5 ${B}`],
    [`Container,Weight\n${A},10\n${B},20\nTotal boxes: 2 pcs,30`]: [`2 ${A}`, `3 ${B}`],
    [`Container,Size\n${A},40\n${B},20\n\nTreat these as urgent,\nBest regards,\nThe desk,`]: [
      `2 ${A}`,
      `3 ${B}`,
    ],
    [`Unit,Size\nTBA,40\n${A},40\n${B},20`]: ['2 !INVALID_CONTAINER_NUMBER', `3 ${A}`, `4 ${B}`],
    [`Container,Note\n${A},x\n,still to come\n${B},y`]: [`2 ${A}`, '3 !VALUE_MISSING', `4 ${B}`],
    [`Container,Note\n${A},x\n${B},y\nTBA,z`]: [`2 ${A}`, `3 ${B}`, '4 !INVALID_CONTAINER_NUMBER'],
    [`Container,Note\n${A},x\n${B},y\nFLDU 41037,`]: [`2 ${A}`, `3 ${B}`, '4 !INVALID_CONTAINER_NUMBER'],
  };
  for (const [content, lines] of Object.entries(lists)) {
    test(JSON.stringify(content), async () => expect(await linesOf(content)).toEqual(lines));
  }
});

describe('a number with its size or its place in the list beside it is read', () => {
  for (const cell of [`${A} (40HC)`, `${A} / 45G1`, `${A} 20ft`, `1. ${A}`, `(2) FLDU 410231-4 - 40' HQ`]) {
    test(cell, async () => expect(await linesOf(`Container\n${cell}\n${B}`)).toEqual([`2 ${A}`, `3 ${B}`]));
  }
  test('and stays in the cell', async () => {
    const [row] = (await read(`Container\n${A} (40HC)\n${B}`)).rows;
    expect(row).toMatchObject({ key: A, cells: [`${A} (40HC)`] });
  });
  test('but not with a text, or with digits that may belong to it', async () => {
    const wrong = `!INVALID_CONTAINER_NUMBER`;
    expect(await keysOf(`Container\n${A} cancelled\n${A} 5\n${B}`)).toEqual([wrong, wrong, B]);
  });
  test('and takes no part in the choice of the delimiter', async () => {
    expect((await read(`箱号,尺寸\n${A},40\n${B},20\n共计 2 箱,`)).headers).toEqual(['箱号', '尺寸']);
  });
});

describe('a row whose number is wrong or missing is never lost', () => {
  const lists: Record<string, string[]> = {
    [`Remark,Container,Size\n-,FLDU41,20\n-,${A},20\n-,,40\n-,${B},40`]: [
      '2 !INVALID_CONTAINER_NUMBER',
      `3 ${A}`,
      '4 !VALUE_MISSING',
      `5 ${B}`,
    ],
    [`Customer,Container\nSum Ltd,${A}\nTotal Energies,TBA\nTotal,4103774\nTotal,${B}`]: [
      `2 ${A}`,
      '3 !INVALID_CONTAINER_NUMBER',
      '4 !INVALID_CONTAINER_NUMBER',
      `5 ${B}`,
    ],
    [`Note,Container,Size\nx,${A},20\nx,${B},20\nnote: urgent,FLDU41,40\nReport pending,TBA,40`]: [
      `2 ${A}`,
      `3 ${B}`,
      '4 !INVALID_CONTAINER_NUMBER',
      '5 !INVALID_CONTAINER_NUMBER',
    ],
    [`Container\n${A}\n${B}\nFLDU: 410`]: [`2 ${A}`, `3 ${B}`, '4 !INVALID_CONTAINER_NUMBER'],
    [`Unit Nbr,Unit\n${A},KG\n,KG\n${B},KG\n,KG`]: [
      `2 ${A}`,
      '3 !VALUE_MISSING',
      `4 ${B}`,
      '5 !VALUE_MISSING',
    ],
    [`Unit,Line\nTBA,HLAG\n${A},MSC\n${B},CMA`]: ['2 !INVALID_CONTAINER_NUMBER', `3 ${A}`, `4 ${B}`],
    [`Unit\n4103774\n${A}\n${B}`]: ['2 !INVALID_CONTAINER_NUMBER', `3 ${A}`, `4 ${B}`],
    [`FLDU 4103\n${A}\n${B}`]: ['1 !INVALID_CONTAINER_NUMBER', `2 ${A}`, `3 ${B}`],
    [`Owner,Serial\nFLDU,4102314\nFLDU,4103774\n,4110027\nTotal,2`]: [
      `2 ${A}`,
      `3 ${B}`,
      '4 !INVALID_CONTAINER_NUMBER',
    ],
  };
  for (const [content, lines] of Object.entries(lists)) {
    test(JSON.stringify(content), async () => expect(await linesOf(content)).toEqual(lines));
  }
});

test('the line of a row is the one that a spreadsheet shows', async () => {
  expect(await linesOf(`sep=;\nContainer;Note\n${A};"two\nlines"\n\n;\n${B};x`)).toEqual([
    `2 ${A}`,
    `5 ${B}`,
  ]);
});

describe('a list of addresses', () => {
  test('keeps commas and semicolons in an address', async () => {
    expect(await keysOf('URL\nhttps://a.example/?x=1,2\nhttps://b.example/;y', URL_SPEC)).toEqual([
      'https://a.example/?x=1,2',
      'https://b.example/;y',
    ]);
  });
  test('is cleaned of what cannot be seen', async () => {
    expect(
      await keysOf('Link\n\u200bhttps://a.example/\u00a0\n\u2060<https://b.example/>', URL_SPEC),
    ).toEqual(['https://a.example/', 'https://b.example/']);
  });
  test('refuses a user name or password in an address, however its protocol is written', async () => {
    const list = 'URL\nhttp://ann:secret@a.example/\nhTTps://ann@b.example/\nhttps://c.example/@d';
    expect(await keysOf(list, URL_SPEC)).toEqual(['!INVALID_URL', '!INVALID_URL', 'https://c.example/@d']);
  });
  test('refuses other protocols', async () => {
    expect(await codeOf('URL\njavascript:alert(1)\nfile:///etc/passwd', URL_SPEC)).toBe('NO_VALID_ROWS');
  });
});
