/** A refusal in the words of Supabase Auth: supabase-js reads `error_code` and `msg`. */
export class AuthError extends Error {
  override name = 'AuthError';
  readonly status: number;
  readonly errorCode: string;
  /** Seconds after which it is worth trying again, for a refusal that passes. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, errorCode: string, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
