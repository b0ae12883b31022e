/** A line with something in it. */
export type GridRow = {
  /** Number that a spreadsheet shows beside the line. */
  line: number;
  /** Texts of the cells up to the last one that is not blank. */
  cells: string[];
  /** Positions of formulas whose values the file does not have; null for none. */
  unstored: ReadonlySet<number> | null;
  /** Whether the user, or a filter, has hidden the line. */
  isHidden?: boolean;
};

/** A sheet as it was read. */
export type Grid = {
  /** The lines that are not blank, in order. */
  rows: GridRow[];
  /** Whether it has more rows than were read. */
  isCut: boolean;
  /** Positions of the columns that the user has hidden. */
  hidden: ReadonlySet<number>;
};
