/** The start of the app. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { App } from './app/App';
import { i18n, startI18n } from './app/i18n';
import { startTheme } from './app/theme';
import './index.css';

async function start(): Promise<void> {
  startTheme();
  await startI18n();
  const root = document.getElementById('root');
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <I18nextProvider i18n={i18n}>
          <App />
        </I18nextProvider>
      </StrictMode>,
    );
  }
}

void start();
