import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { AuthLayout } from './auth-layout.tsx';
import { CredentialsForm } from './credentials-form.tsx';
import { useAppConfig } from './use-app-config.ts';
import { useSessionStore } from './use-session.ts';

/** The accounts that a fresh embedded installation comes with. */
const DEMO_ACCOUNTS = [
  { label: 'Demo user', email: 'demo@gantry.local', password: 'gantry-demo' },
  { label: 'Demo administrator', email: 'admin@gantry.local', password: 'gantry-admin' },
] as const;

/** Signs in, and leads back to where one wanted to go. */
export function SignInPage() {
  const store = useSessionStore();
  const { demoAccounts } = useAppConfig();
  const { redirect, expired } = useSearch({ from: '/guest/sign-in' });
  const [refusal, setRefusal] = useState<{ message: string; code: string } | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  const signIn = async (email: string, password: string) => {
    setIsBusy(true);
    setRefusal(null);
    const result = await store.signIn(email, password);
    setIsBusy(false);
    // The router follows the session: signed in, it leaves this page by itself.
    if (result.outcome === 'refused') setRefusal(result);
  };

  return (
    <AuthLayout
      title="Sign in"
      footer={
        <>
          No account yet?{' '}
          <Link
            to="/sign-up"
            search={redirect === undefined ? {} : { redirect }}
            className="font-medium text-accent underline underline-offset-2"
          >
            Create one
          </Link>
        </>
      }
    >
      {expired && !refusal && (
        <Notice tone="warn" title="Your session has ended" isAlert>
          Sign in again to go on where you were.
        </Notice>
      )}
      <CredentialsForm
        submitLabel="Sign in"
        passwordAutoComplete="current-password"
        isBusy={isBusy}
        refusal={refusal}
        onSubmit={(email, password) => void signIn(email, password)}
      />
      {demoAccounts && (
        <section aria-labelledby="demo-accounts" className="border-t border-line pt-5">
          <h2 id="demo-accounts" className="font-medium">
            Just looking?
          </h2>
          <p className="mt-0.5 mb-3 text-ink-soft">
            This installation runs on your machine and has two demo accounts.
          </p>
          <div className="grid gap-2 sm:grid-cols-2">
            {DEMO_ACCOUNTS.map(({ label, email, password }) => (
              <Button key={email} disabled={isBusy} onClick={() => void signIn(email, password)}>
                {label}
              </Button>
            ))}
          </div>
        </section>
      )}
    </AuthLayout>
  );
}
