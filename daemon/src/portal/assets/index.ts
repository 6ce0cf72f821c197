import { createHash } from 'node:crypto';
import { icon } from './icon.ts';
import { script } from './script.ts';
import { style } from './style.ts';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly content: Buffer;
  /** Whether the path names this very content, so that it may be kept for good. */
  readonly immutable: boolean;
}

export const PORTAL_STYLE = byContent('style', 'css', 'text/css; charset=utf-8', style);
export const PORTAL_SCRIPT = byContent('page', 'js', 'text/javascript; charset=utf-8', script);

const ICON: Asset = {
  path: '/icon.svg',
  type: 'image/svg+xml',
  content: Buffer.from(icon),
  immutable: false,
};

/** Everything the page loads, by path. */
export const assets: ReadonlyMap<string, Asset> = new Map(
  [PORTAL_STYLE, PORTAL_SCRIPT, ICON].map((asset) => [asset.path, asset]),
);

function byContent(name: string, extension: string, type: string, text: string): Asset {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 10);
  return { path: `/${name}.${hash}.${extension}`, type, content: Buffer.from(text), immutable: true };
}
