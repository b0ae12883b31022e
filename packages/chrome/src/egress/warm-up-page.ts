/** Where the page stands that a spare opens before there is a job. No such name exists. */
export const WARM_UP_HOST = 'warm-up.invalid';

/** A page that makes a browser do once what every first page costs: network, renderer, script, style, text. */
export function warmUpPage() {
  return {
    statusCode: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: '<!doctype html><style>p{color:#333}</style><p>Gantry</p><script>document.title = "warm"</script>',
  };
}
