import type { DocumentContent } from './read-page.ts';

/**
 * What documents say themselves: without menus and footers, and without what the form's page says too, such as a hint how to
 * fill it in. None of that is about the container.
 *
 * @param form the documents of the form's page
 */
export function ownContent(
  documents: readonly DocumentContent[],
  form: readonly DocumentContent[],
): DocumentContent[] {
  const lines = new Set(form.flatMap(({ text }) => linesOf(text)));
  const tables = new Set(form.flatMap((content) => content.tables.map((table) => JSON.stringify(table))));
  const terms = new Set(form.flatMap((content) => content.terms.map((term) => JSON.stringify(term))));
  return documents.map((content) => {
    const around = new Set(linesOf(content.surroundings));
    return {
      ...content,
      text: linesOf(content.text)
        .filter((line) => !around.has(line) && !lines.has(line))
        .join('\n'),
      tables: content.tables.filter((table) => !tables.has(JSON.stringify(table))),
      terms: content.terms.filter((term) => !terms.has(JSON.stringify(term))),
    };
  });
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trim());
}
