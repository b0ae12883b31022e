/** What is wrong with a value, or the value in its one spelling. */
export type Checked =
  | { ok: true; value: string }
  | { ok: false; value: string; code: ProblemCode; message: string };

/** What can be wrong with a value. */
export type ProblemCode =
  | 'INVALID_CONTAINER_NUMBER'
  | 'CHECK_DIGIT_MISMATCH'
  | 'INVALID_URL'
  | 'VALUE_MISSING'
  | 'FORMULA_NOT_STORED'
  | 'CELL_ERROR';
