/** A refusal in the words of Supabase Auth: supabase-js reads `error_code` and `msg`. */
export class AuthError extends Error {
  override name = 'AuthError';
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}
