/** Lines of cells, with the number that a person sees beside each line. */
export type Grid = { line: number; cells: string[] }[];

/** Longer cells are no data but a mistake, or an attack. */
export const MAX_CELL_LENGTH = 10_000;
export const MAX_COLUMNS = 1_000;
