/** An error as it travels to tRPC clients. */
export type ApiErrorShape = {
  message: string;
  code: number;
  data: { code: string; httpStatus: number; requestId: string; details?: Record<string, unknown> };
};
