/** The address of the page that a warm browser opens before there is a job. The name does not exist. */
export const WARM_UP_HOST = 'warm-up.invalid';

/**
 * A page that makes a browser do once what every first page costs: network, renderer, script, style, text. It brings an
 * icon: full Chrome would ask for one, maybe when there is a job already, whose request it would be.
 */
export function warmUpPage() {
  return {
    statusCode: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: '<!doctype html><link rel="icon" href="data:,"><style>p{color:#333}</style><p>Gantry</p><script>document.title = "warm"</script>',
  };
}
