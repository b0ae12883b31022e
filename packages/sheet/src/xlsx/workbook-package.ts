import type { ReadingBudget } from '../reading-budget.ts';
import { damaged, type ZipEntry } from '../zip/read-directory.ts';
import { unpack } from '../zip/unpack.ts';
import { parseXml, type XmlReader } from './parse-xml.ts';

/** A link from one part of a workbook to another. */
export type Relationship = { id: string; kind: string; target: string };

/** The parts of a workbook (ECMA-376, part 2): which is which, the links between them say, never their names. */
export class WorkbookPackage {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #budget: ReadingBudget;

  /** @param entries by their names in lower case */
  constructor(entries: ReadonlyMap<string, ZipEntry>, budget: ReadingBudget) {
    this.entries = entries;
    this.#budget = budget;
  }

  /** Name of the workbook's main part; null if there is none. @throws {SheetError} */
  findWorkbookPart(): string | null {
    const main = this.relationshipsOf('').find(({ kind }) => kind === 'officeDocument');
    // Programs that leave the links of the package out use the usual name.
    const name = main?.target ?? 'xl/workbook.xml';
    return this.entries.has(name) ? name : null;
  }

  /** The links of a part, or of the package for ''. None where there is no such list. @throws {SheetError} */
  relationshipsOf(part: string): Relationship[] {
    const folder = part.slice(0, part.lastIndexOf('/') + 1);
    const list = `${folder}_rels/${part.slice(folder.length)}.rels`;
    const found: Relationship[] = [];
    if (!this.entries.has(list)) return found;
    this.parse(list, {
      open: (name, attributes) => {
        if (name !== 'Relationship') return;
        const { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode } = attributes();
        if (mode === 'External') return;
        found.push({
          id,
          kind: type.slice(type.lastIndexOf('/') + 1),
          target: this.#resolve(folder, target),
        });
      },
    });
    return found;
  }

  /** Parses a part. @throws {SheetError} FILE_MALFORMED when it is not there or broken, FILE_TOO_LARGE */
  parse(part: string, reader: XmlReader): void {
    const entry = this.entries.get(part);
    if (!entry) throw damaged();
    parseXml(unpack(entry, this.#budget), reader);
  }

  /** The part that a target means; one that is written as if from the root, if there is no other. */
  #resolve(folder: string, target: string): string {
    const path = decodePercent(target.replaceAll('\\', '/')).toLowerCase();
    const fromRoot = path.replace(/^\/+/, '');
    if (path !== fromRoot) return withoutDots(fromRoot);
    const relative = withoutDots(folder + path);
    return !this.entries.has(relative) && this.entries.has(fromRoot) ? fromRoot : relative;
  }
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') kept.pop();
    else if (step !== '.' && step !== '') kept.push(step);
  }
  return kept.join('/');
}

function decodePercent(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
