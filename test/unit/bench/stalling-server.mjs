// Answers at once, but for 300 ms in every second, in which it does nothing at all. It notes when it answered which
// request (`/0`, `/1`, …), by the machine's monotonic clock, and tells that on `/record`.
import { createServer } from 'node:http';

const STALL_MS = 300;
const EVERY_MS = 1000;
const nobody = new Int32Array(new SharedArrayBuffer(4));
const answeredAtMs = [];

const server = createServer((request, response) => {
  const body = request.url === '/record' ? JSON.stringify(answeredAtMs) : 'ok';
  response.writeHead(200, { 'content-length': body.length }).end(body);
  if (request.url !== '/record') answeredAtMs[Number(request.url.slice(1))] = Number(process.hrtime.bigint()) / 1e6;
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
setInterval(() => Atomics.wait(nobody, 0, 0, STALL_MS), EVERY_MS);
process.on('disconnect', () => process.exit());
