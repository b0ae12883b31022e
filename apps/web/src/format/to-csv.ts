/** Rows of cells as CSV. A cell that a spreadsheet would run as a formula gets a quote before it. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('');
}

function toCell(text: string): string {
  const shown = /^[=+\-@\t\r\n\0＝＋－＠]/.test(text) ? `'${text}` : text;
  return /["\r\n,;\t]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
