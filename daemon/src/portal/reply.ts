import type { ServerResponse } from 'node:http';
import type { Asset } from './assets/index.ts';
import { CAPTIVE_TYPE, type CaptiveState } from './captive-api.ts';
import { html } from './html.ts';

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

export function replyCaptiveState(response: ServerResponse, state: CaptiveState): void {
  const content = Buffer.from(JSON.stringify(state));
  response.writeHead(200, {
    ...ALWAYS,
    'Content-Type': CAPTIVE_TYPE,
    'Content-Length': content.length,
    'Cache-Control': 'private, no-store',
  });
  response.end(content);
}

/**
 * For what was asked of another site: where the page is. Systems know a portal by 302, and what is not a question must not
 * be taken for done, hence 511 (RFC 6585 §6). The connection ends, since with access the next question is the site's.
 */
export function replyElsewhere(response: ServerResponse, method: string | undefined, page: string): void {
  const asks = method === 'GET' || method === 'HEAD';
  const content = asks ? '' : html`<!doctype html><title>Khiên</title><a href="${page}">${page}</a>`.text;
  response.writeHead(asks ? 302 : 511, {
    ...ALWAYS,
    ...(asks ? { Location: page } : { 'Content-Type': 'text/html; charset=utf-8' }),
    'Content-Length': Buffer.byteLength(content),
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  response.end(content);
}

/** 303 after a form. */
export function replyRedirect(response: ServerResponse, location: string, cookie?: string): void {
  response.writeHead(303, {
    ...ALWAYS,
    Location: location,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
  });
  response.end();
}
