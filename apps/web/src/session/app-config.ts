/** What the API tells a browser before sign-in. */
export type AppConfig = {
  /** Origin of the sign-in service; the embedded one lives beside the API. */
  supabaseUrl: string;
  supabasePublishableKey: string;
  /** Whether the demo accounts exist on this installation. */
  demoAccounts: boolean;
  maxUploadBytes: number;
};

/** Loads the configuration. @throws {Error} when the API cannot be reached or answers something else */
export async function loadAppConfig(): Promise<AppConfig> {
  const response = await fetch('/api/config', { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`/api/config answered ${response.status}`);
  const body: unknown = await response.json();
  if (!isAppConfig(body)) throw new Error('/api/config answered in an unknown shape');
  return { ...body, supabaseUrl: body.supabaseUrl || location.origin };
}

function isAppConfig(body: unknown): body is AppConfig {
  return (
    typeof body === 'object' &&
    body !== null &&
    'supabaseUrl' in body &&
    typeof body.supabaseUrl === 'string' &&
    'supabasePublishableKey' in body &&
    typeof body.supabasePublishableKey === 'string' &&
    'demoAccounts' in body &&
    typeof body.demoAccounts === 'boolean' &&
    'maxUploadBytes' in body &&
    typeof body.maxUploadBytes === 'number'
  );
}
