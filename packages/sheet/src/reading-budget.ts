import { LIMITS } from './limits.ts';
import { SheetError } from './sheet-error.ts';

/** What may still be read of a file: one for all its sheets. */
export class ReadingBudget {
  #cells: number = LIMITS.cells;
  #bytes: number;

  /** @param fileSize bytes of the file as it came */
  constructor(fileSize: number) {
    const bySize = Math.max(LIMITS.unsuspiciousBytes, fileSize * LIMITS.unpackedRatio);
    this.#bytes = Math.min(LIMITS.unpackedBytes, bySize);
  }

  /** Counts cells that are about to be kept. @throws {SheetError} FILE_TOO_LARGE */
  takeCells(count: number): void {
    this.#cells -= count;
    if (this.#cells < 0) {
      throw new SheetError(
        'FILE_TOO_LARGE',
        'The file has too many cells. Remove the columns and sheets that are not needed, or split it.',
      );
    }
  }

  /** Counts bytes that were unpacked. @throws {SheetError} FILE_TOO_LARGE */
  takeBytes(count: number): void {
    this.#bytes -= count;
    if (this.#bytes < 0) {
      throw new SheetError(
        'FILE_TOO_LARGE',
        'The workbook is too large when it is unpacked. Copy the list to a workbook of its own, or split it.',
      );
    }
  }
}
