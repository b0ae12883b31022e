import type { BrowserBinary } from '../install/find-browser.ts';

// What puppeteer's defaults leave on, and a job has no use for: background traffic, and what would slow a start.
const DISABLED_FEATURES = [
  'SpareRendererForSitePerProcess',
  'OptimizationGuideModelDownloading',
  'CertificateTransparencyComponentUpdater',
  'AutofillServerCommunication',
  'NetworkTimeServiceQuerying',
  // Without it Chrome looks for names of peers that end in .local by multicast, around the proxy.
  'WebRtcHideLocalIpsWithMdns',
];

const WINDOW = { width: 1280, height: 900 };

/** Settings that a browser only takes at its launch. A warm browser serves jobs with the same settings. */
export type LaunchSettings = {
  binary: BrowserBinary;
  /** The language that pages are asked for and shown in, `en-US` by default. */
  locale?: string | undefined;
  /** Size of the window in pixels, 1280 x 900 by default. */
  window?: { width: number; height: number } | undefined;
};

/** Tells browsers apart that were launched in different ways. */
export function launchKey({ binary, locale, window = WINDOW }: LaunchSettings): string {
  return JSON.stringify([binary.executablePath, locale ?? null, window.width, window.height]);
}

/** Whether Chrome's sandbox is on. As root Chrome refuses to run with it. */
export function isSandboxed(): boolean {
  return process.getuid?.() !== 0;
}

/** The command line of a browser whose every connection goes through the proxy. */
export function launchArguments(proxyUrl: string, settings: Omit<LaunchSettings, 'binary'>): string[] {
  const { locale, window = WINDOW } = settings;
  return [
    '--disable-component-update',
    '--disable-field-trial-config',
    '--disable-domain-reliability',
    '--no-pings',
    '--no-default-browser-check',
    '--no-service-autorun',
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
    `--proxy-server=${proxyUrl}`,
    // Chrome bypasses a proxy for loopback by default.
    '--proxy-bypass-list=<-loopback>',
    // Names are resolved by the proxy alone.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    // Calls between browsers would send packets around the proxy. The headless shell knows the first name, Chrome the
    // other.
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--disable-quic',
    `--window-size=${window.width},${window.height}`,
    ...(locale ? [`--lang=${locale}`, `--accept-lang=${locale}`] : []),
    ...(isSandboxed() ? [] : ['--no-sandbox']),
  ];
}
