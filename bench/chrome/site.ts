// The site that is visited, in a process of its own: its work is nobody's. Tells its origin, and ends with its parent.
import { once } from 'node:events';
import { createServer } from 'node:http';

const PAGE = '<!doctype html><title>Bench</title><h1>Containers</h1><p>One page, loaded at once.</p>';
// Moves with every frame, and counts the frames that the page itself has drawn.
const MOVING = `<!doctype html><title>Moving</title><style>
  div { position: absolute; width: 200px; height: 200px; background: linear-gradient(red, blue) }
</style><div></div><script>
  let framesDrawn = 0;
  const box = document.querySelector('div');
  function draw(time) {
    box.style.transform = 'translate(' + (time / 4) % 600 + 'px, ' + (time / 7) % 400 + 'px)';
    framesDrawn += 1;
    requestAnimationFrame(draw);
  }
  requestAnimationFrame(draw);
</script>`;

const server = createServer(({ url }, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(url === '/moving' ? MOVING : PAGE);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
process.send?.(`http://127.0.0.1:${address.port}`);
process.once('disconnect', () => process.exit());
