import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';

import { ErrorCode } from '../errors/error-panel.tsx';
import { Button } from '../ui/button.tsx';
import { Field, TextInput } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';

/** The shortest password that the sign-in service takes. */
const MIN_PASSWORD_LENGTH = 8;

/** E-mail and password, for signing in and up. */
export function CredentialsForm({
  submitLabel,
  passwordAutoComplete,
  passwordHint,
  isBusy,
  refusal,
  onSubmit,
}: {
  submitLabel: string;
  passwordAutoComplete: 'current-password' | 'new-password';
  passwordHint?: ReactNode;
  isBusy: boolean;
  refusal: { message: string; code: string } | null;
  onSubmit: (email: string, password: string) => void;
}) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [isShown, setIsShown] = useState(false);
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) onSubmit(email.trim(), password);
      }}
    >
      {refusal && (
        <Notice tone="bad" title={refusal.message} isAlert>
          <ErrorCode code={refusal.code} requestId={null} />
        </Notice>
      )}
      <Field label="E-mail" isRequired>
        {(control) => (
          <TextInput
            {...control}
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label="Password" isRequired hint={passwordHint}>
        {(control) => (
          <div className="relative">
            <TextInput
              {...control}
              type={isShown ? 'text' : 'password'}
              autoComplete={passwordAutoComplete}
              required
              minLength={passwordAutoComplete === 'new-password' ? MIN_PASSWORD_LENGTH : undefined}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              className="pr-10"
            />
            <Button
              look="quiet"
              aria-pressed={isShown}
              aria-label="Show password"
              onClick={() => setIsShown(!isShown)}
              className="absolute inset-y-0.5 right-0.5 h-8 w-8 px-0"
            >
              {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
            </Button>
          </div>
        )}
      </Field>
      <Button type="submit" look="primary" aria-disabled={isBusy} className="mt-1 h-10">
        {isBusy && <Spinner />}
        {submitLabel}
      </Button>
    </form>
  );
}
