import { GantryApiError } from '@gantry/client';
import {
  type AuthChangeEvent,
  AuthClient,
  type AuthError,
  isAuthRetryableFetchError,
  type Session,
} from '@supabase/supabase-js';

import type { AppConfig } from './app-config.ts';

/** Who is signed in. */
export type User = { id: string; email: string; isAdmin: boolean };

/** `hasExpired`: there was a session, and it has ended. */
export type SessionState = { user: User } | { user: null; hasExpired: boolean };

/** What became of an attempt to sign in or up; `message` is for people. */
export type SignInOutcome =
  | { outcome: 'signed-in' }
  | { outcome: 'confirm-email' }
  | { outcome: 'refused'; message: string; code: string };

/**
 * The session of this browser, shared by its tabs. Only the sign-in part of supabase-js is bundled:
 * everything else goes through the Gantry API.
 */
export class SessionStore {
  readonly #auth: InstanceType<typeof AuthClient>;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { user: null, hasExpired: false };
  #isSigningOut = false;

  constructor(config: AppConfig) {
    this.#auth = new AuthClient({
      url: `${config.supabaseUrl}/auth/v1`,
      headers: { apikey: config.supabasePublishableKey },
      storageKey: 'gantry-session',
      autoRefreshToken: true,
      persistSession: true,
      // A link of an attacker may carry tokens of the attacker's account: taken, they would sign people into it unseen.
      // So only a code is taken, which is worth nothing without the verifier that this browser kept when it asked.
      flowType: 'pkce',
      detectSessionInUrl: () => false,
      fetch: fetchPatiently,
    });
  }

  /** Reads the stored session and follows it from now on. */
  async start(): Promise<void> {
    const { data } = await this.#auth.getSession();
    this.#apply(data.session);
    this.#auth.onAuthStateChange((_event: AuthChangeEvent, session: Session | null) => this.#apply(session));
  }

  /** The state as of now; the same object until it changes. */
  readonly snapshot = (): SessionState => this.#state;

  /** Calls back after every change. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * A valid access token, refreshed if need be; null when no user is signed in.
   *
   * @throws {GantryApiError} SIGN_IN_UNAVAILABLE when it could not be refreshed at the moment: the session is kept
   */
  readonly getToken = async (): Promise<string | null> => {
    const { data, error } = await this.#auth.getSession();
    if (error && isAuthRetryableFetchError(error)) {
      throw new GantryApiError(
        { code: 'SIGN_IN_UNAVAILABLE', status: 503, message: 'Sign-in cannot be checked at the moment.' },
        { cause: error },
      );
    }
    return data.session?.access_token ?? null;
  };

  /** Signs in with e-mail and password. */
  async signIn(email: string, password: string): Promise<SignInOutcome> {
    const { data, error } = await this.#auth.signInWithPassword({ email, password });
    if (error) return refusal(error);
    this.#apply(data.session);
    return { outcome: 'signed-in' };
  }

  /** Creates an account. An installation may ask to confirm the address first. */
  async signUp(email: string, password: string): Promise<SignInOutcome> {
    const { data, error } = await this.#auth.signUp({ email, password });
    if (error) return refusal(error);
    if (!data.session) return { outcome: 'confirm-email' };
    this.#apply(data.session);
    return { outcome: 'signed-in' };
  }

  /** Ends the session in this browser. */
  async signOut(): Promise<void> {
    this.#isSigningOut = true;
    try {
      await this.#auth.signOut({ scope: 'local' });
      this.#apply(null);
    } finally {
      this.#isSigningOut = false;
    }
  }

  /** The API no longer accepts the token: forget it, and let the person sign in again. */
  async expire(): Promise<void> {
    if (this.#state.user) await this.#auth.signOut({ scope: 'local' });
    this.#apply(null);
  }

  #apply(session: Session | null): void {
    const before = this.#state;
    if (session) {
      const user = toUser(session);
      if (before.user && JSON.stringify(before.user) === JSON.stringify(user)) return;
      this.#state = { user };
    } else {
      if (!before.user) return;
      this.#state = { user: null, hasExpired: !this.#isSigningOut };
    }
    for (const listener of this.#listeners) listener();
  }
}

/** Like fetch, but too many requests are no reason to end the session: supabase-js keeps it after a 503 only. */
async function fetchPatiently(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  const url = input instanceof Request ? input.url : String(input);
  if (response.status !== 429 || !url.includes('grant_type=refresh_token')) return response;
  return new Response(response.body, { status: 503, headers: response.headers });
}

function toUser({ user }: Session): User {
  return { id: user.id, email: user.email ?? '', isAdmin: user.app_metadata['role'] === 'admin' };
}

function refusal(error: AuthError): SignInOutcome {
  const code = error.code ?? error.name;
  return { outcome: 'refused', code, message: SIGN_IN_MESSAGES[code] ?? error.message };
}

/** In words that say what to do; what is not listed here is shown as the service worded it. */
const SIGN_IN_MESSAGES: Record<string, string> = {
  invalid_credentials: 'E-mail or password is wrong. Check both and try again.',
  email_not_confirmed: 'This address is not confirmed yet. Open the link in the e-mail we sent you.',
  user_already_exists: 'There is an account with this address already. Sign in instead.',
  email_exists: 'There is an account with this address already. Sign in instead.',
  over_request_rate_limit: 'Too many attempts. Wait a minute and try again.',
  signup_disabled: 'New accounts are switched off here. Ask an administrator for one.',
  AuthRetryableFetchError: 'The sign-in service cannot be reached. Check your connection and try again.',
};
