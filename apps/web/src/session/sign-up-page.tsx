import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Notice } from '../ui/notice.tsx';
import { AuthLayout } from './auth-layout.tsx';
import { CredentialsForm } from './credentials-form.tsx';
import { useSessionStore } from './use-session.ts';

/** Creates an account. */
export function SignUpPage() {
  const store = useSessionStore();
  const { redirect } = useSearch({ from: '/guest/sign-up' });
  const [refusal, setRefusal] = useState<{ message: string; code: string } | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [confirmEmail, setConfirmEmail] = useState<string | null>(null);

  const signUp = async (email: string, password: string) => {
    setIsBusy(true);
    setRefusal(null);
    const result = await store.signUp(email, password);
    setIsBusy(false);
    if (result.outcome === 'refused') setRefusal(result);
    else if (result.outcome === 'confirm-email') setConfirmEmail(email);
  };

  return (
    <AuthLayout
      title="Create an account"
      footer={
        <>
          Have an account?{' '}
          <Link
            to="/sign-in"
            search={redirect === undefined ? {} : { redirect }}
            className="font-medium text-accent underline underline-offset-2"
          >
            Sign in
          </Link>
        </>
      }
    >
      {confirmEmail === null ? (
        <CredentialsForm
          submitLabel="Create account"
          passwordAutoComplete="new-password"
          passwordHint="At least 8 characters. A few words you can remember are better than signs you cannot."
          isBusy={isBusy}
          refusal={refusal}
          onSubmit={(email, password) => void signUp(email, password)}
        />
      ) : (
        <Notice tone="good" title="One more step" isAlert>
          We sent an e-mail to {confirmEmail}. Open the link in it, then sign in.
        </Notice>
      )}
    </AuthLayout>
  );
}
