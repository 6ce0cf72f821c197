import type { ServerResponse } from 'node:http';
import type { Asset } from './assets/index.ts';

/** Nothing from elsewhere, nothing inline, no frame around it, forms to this site only. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ALWAYS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  // Not `no-referrer`: with that, browsers send `Origin: null` with our own forms.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export function replyPage(response: ServerResponse, status: number, page: string, language: string): void {
  const content = Buffer.from(page);
  response.writeHead(status, {
    ...ALWAYS,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': content.length,
    'Content-Language': language,
    'Cache-Control': 'no-store',
  });
  response.end(content);
}

export function replyAsset(response: ServerResponse, asset: Asset): void {
  response.writeHead(200, {
    ...ALWAYS,
    'Content-Type': asset.type,
    'Content-Length': asset.content.length,
    'Cache-Control': asset.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=86400',
  });
  response.end(asset.content);
}

/** 303 after a form, 302 to where the page really is. */
export function replyRedirect(
  response: ServerResponse,
  status: 302 | 303,
  location: string,
  cookie?: string,
): void {
  response.writeHead(status, {
    ...ALWAYS,
    Location: location,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
  });
  response.end();
}
