import './styles.css';

import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { startSession } from './session/start-session.ts';
import { StartFailure } from './shell/start-failure.tsx';

const element = document.querySelector('#root');
if (!element) throw new Error('index.html has no #root');
const root = createRoot(element);

/** A reload that did not help is not tried again and again. */
const RELOAD_PAUSE_MS = 60_000;

/** Nothing can be shown before the session is known, or a signed-in person would see the sign-in page flash. */
async function start(): Promise<void> {
  try {
    root.render(<App {...(await startSession())} />);
  } catch (error) {
    root.render(<StartFailure error={error} onRetry={() => void start()} />);
  }
}

// After an update of the server the pieces of the page that are not loaded yet are gone: take the new page.
addEventListener('vite:preloadError', () => {
  const reloadedAt = sessionStorage.getItem('reloadedAt');
  if (Date.now() - Number(reloadedAt ?? 0) < RELOAD_PAUSE_MS) return;
  sessionStorage.setItem('reloadedAt', String(Date.now()));
  location.reload();
});

void start();
