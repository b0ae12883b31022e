// What can hold a semicolon that ends nothing: a line comment, a quoted word, a string with backslashes, a plain
// string, a dollar-quoted body.
const OPAQUE =
  /--[^\n]*|"(?:[^"]|"")*"|(?<![\w$])[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:[^']|'')*'|(?<![\w$])\$((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?\$\1\$/y;

/**
 * Splits SQL into its statements as the Supabase CLI records them: trimmed, without their semicolons, each with
 * the comments before it.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let at = 0;
  const end = () => {
    const statement = sql.slice(start, at).trim();
    if (statement) statements.push(statement);
  };
  while (at < sql.length) {
    OPAQUE.lastIndex = at;
    const opaque = OPAQUE.exec(sql);
    if (opaque) at += opaque[0].length;
    else if (sql.startsWith('/*', at)) at = endOfComment(sql, at);
    else if (sql[at] === ';') {
      end();
      at += 1;
      start = at;
    } else at += 1;
  }
  end();
  return statements;
}

/**
 * SQL without what makes no difference: comments, blanks except between words, and where statements end. Equal texts do
 * the same; what stands in quotes counts to the letter.
 */
export function canonicalSql(sql: string): string {
  let text = '';
  let isApart = false;
  const add = (part: string) => {
    if (isApart && /[\w$"]$/.test(text) && /^[\w$"]/.test(part)) text += ' ';
    isApart = false;
    text += part;
  };
  for (let at = 0; at < sql.length; ) {
    OPAQUE.lastIndex = at;
    const [opaque = ''] = OPAQUE.exec(sql) ?? [];
    const character = sql[at] ?? '';
    const isComment = opaque.startsWith('--');
    if (isComment || /[\s;]/.test(character)) isApart = true;
    else if (opaque) add(JSON.stringify(opaque));
    else if (!sql.startsWith('/*', at)) add(character);
    if (!opaque && sql.startsWith('/*', at)) {
      isApart = true;
      at = endOfComment(sql, at);
    } else at += opaque.length || 1;
  }
  return text;
}

/** Block comments nest in Postgres. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}
