/** @file An HTTP camera in a process of its own: `jpeg-server.js PICTURE RATE` sends the picture as multipart JPEG; tells its port to the parent. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [picture = '', rate = '1'] = process.argv.slice(2);
const jpeg = readFileSync(picture);
const part = Buffer.concat([
  Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`),
  jpeg,
  Buffer.from('\r\n'),
]);

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
  const start = performance.now();
  let sent = 0;
  // Timers are whole milliseconds: as many as are due, unless the reader is behind.
  const timer = setInterval(() => {
    const due = ((performance.now() - start) * Number(rate)) / 1000;
    if (response.writableNeedDrain) sent = due;
    for (; sent < due && !response.writableNeedDrain; sent += 1) response.write(part);
  }, 1);
  response.on('close', () => clearInterval(timer));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
