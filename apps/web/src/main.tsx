import './styles.css';

import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { startSession } from './session/start-session.ts';
import { StartFailure } from './shell/start-failure.tsx';

const element = document.querySelector('#root');
if (!element) throw new Error('index.html has no #root');
const root = createRoot(element);

/** Nothing can be shown before the session is known, or a signed-in person would see the sign-in page flash. */
async function start(): Promise<void> {
  try {
    root.render(<App {...(await startSession())} />);
  } catch (error) {
    root.render(<StartFailure error={error} onRetry={() => void start()} />);
  }
}

void start();
