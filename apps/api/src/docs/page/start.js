// Without what belongs to the renderer's vendor: its assistant, its hosting, its fonts, its proxy.
window.Scalar.createApiReference('#app', {
  url: '/api/openapi.json',
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  telemetry: false,
  withDefaultFonts: false,
  proxyUrl: '',
});
