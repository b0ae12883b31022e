// What puppeteer's defaults leave on, and a job has no use for: background traffic, and what would slow a start.
const DISABLED_FEATURES = [
  'SpareRendererForSitePerProcess',
  'OptimizationGuideModelDownloading',
  'CertificateTransparencyComponentUpdater',
  'AutofillServerCommunication',
  'NetworkTimeServiceQuerying',
];

/** The command line of a browser whose every connection goes through the proxy. */
export function launchArguments(proxyUrl: string): string[] {
  return [
    '--disable-component-update',
    '--disable-field-trial-config',
    '--disable-domain-reliability',
    '--no-pings',
    '--no-default-browser-check',
    '--no-service-autorun',
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
    `--proxy-server=${proxyUrl}`,
    // Chrome goes around a proxy for loopback unless told otherwise.
    '--proxy-bypass-list=<-loopback>',
    // Names are resolved by the proxy alone.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    // Calls between browsers would send packets around the proxy. The headless shell knows the first name, Chrome the other.
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--disable-quic',
    '--window-size=1280,900',
    // Chrome refuses to run as root with its sandbox on.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}
