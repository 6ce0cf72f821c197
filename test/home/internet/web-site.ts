import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { connectivityCheckAt } from './connectivity-checks.ts';

const chunk = Buffer.alloc(64 * 1024, 'x');
const maxBytes = 2 ** 30;
const maxRate = 100 * 2 ** 20;

/**
 * Every web site of the virtual Internet:
 * - `/stream?rate=BYTES_PER_SECOND`: an endless download, 1 MB/s unless told
 * - `/bytes/N`: a download of N bytes
 * - `/whoami`: which host was asked, at which address, and by whom, as JSON
 * - `/dns-query`: DNS over HTTPS (RFC 8484)
 * - what systems ask to know whether the network is open, as the real servers answer it: see connectivity-checks.ts
 * - anything else: a page that names the host
 */
export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = request.headers.host ?? '';
  const url = new URL(request.url ?? '/', 'http://site.invalid');
  const check = connectivityCheckAt(host, request.url ?? '/');
  response.setHeader('cache-control', 'no-store');
  if (check !== undefined) {
    response.writeHead(check.status, { 'content-type': 'text/plain', ...check.headers }).end(check.body);
  } else if (url.pathname === '/stream') {
    await stream(response, numberWithin(url.searchParams.get('rate'), maxRate, 1e6));
  } else if (url.pathname.startsWith('/bytes/')) {
    await sendBytes(response, numberWithin(url.pathname.slice('/bytes/'.length), maxBytes, 0));
  } else if (url.pathname === '/whoami') {
    const { localAddress, remoteAddress } = request.socket;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ host, at: unmapped(localAddress), from: unmapped(remoteAddress) }));
  } else if (url.pathname === '/dns-query') {
    await resolveOverHttps(request, response, url);
  } else {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(page(host));
  }
}

function page(host: string): string {
  const shown = host.replace(/[^\w.:[\]-]/g, '');
  return `<!doctype html><meta name="viewport" content="width=device-width"><title>${shown}</title>
<body style="font: 1.2rem sans-serif; padding: 2rem"><h1>${shown}</h1><p>Trang web thử nghiệm.</p>\n`;
}

async function stream(response: ServerResponse, rate: number): Promise<void> {
  const interval = 20;
  const size = Math.max(1, Math.round((rate * interval) / 1000));
  while (!response.destroyed) {
    for (let left = size; left > 0; left -= chunk.length) response.write(chunk.subarray(0, left));
    // A client that does not read must not fill this process's memory.
    if (response.writableNeedDrain) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    await delay(interval);
  }
}

async function sendBytes(response: ServerResponse, length: number): Promise<void> {
  response.setHeader('content-length', length);
  for (let left = length; left > 0 && !response.destroyed; left -= chunk.length) {
    if (!response.write(chunk.subarray(0, left))) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  }
  response.end();
}

async function resolveOverHttps(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const asked =
    request.method === 'POST'
      ? await buffer(request)
      : Buffer.from(url.searchParams.get('dns') ?? '', 'base64url');
  const socket = createSocket('udp4');
  try {
    socket.send(asked, 53, '8.8.8.8');
    const [answered] = await once(socket, 'message', { signal: AbortSignal.timeout(2_000) });
    response.setHeader('content-type', 'application/dns-message');
    response.end(answered);
  } finally {
    socket.close();
  }
}

function numberWithin(text: string | null, max: number, otherwise: number): number {
  const value = Number(text ?? otherwise);
  return Number.isSafeInteger(value) && value >= 0 ? Math.min(value, max) : otherwise;
}

function unmapped(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
