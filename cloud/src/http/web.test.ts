import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';

let folder: string;
let cloud: TestCloud;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khien-web-'));
  const web = join(folder, 'dist');
  mkdirSync(join(web, 'assets'), { recursive: true });
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>Khiên</title>');
  writeFileSync(join(web, 'sw.js'), 'self.skipWaiting()');
  writeFileSync(join(web, 'manifest.webmanifest'), '{}');
  writeFileSync(join(web, 'assets', 'app-B3x9.js'), 'export {}');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  cloud = await TestCloud.start({ web });
});
afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

const get = (url: string, accept = 'text/html,*/*;q=0.8') => cloud.app.inject({ url, headers: { accept } });

describe('the web UI', () => {
  test.each(['/', '/index.html', '/children/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/sign-in?next=%2Fhome'])(
    '%s is the page, asked for anew each time',
    async (url) => {
      const response = await get(url);
      expect(response.statusCode).toBe(200);
      expect(response.body).toContain('Khiên');
      expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(response.headers['cache-control']).toBe('no-cache');
      expect(response.headers.etag).toBeDefined();
    },
  );

  test('files with a hash in their name are kept for ever, the service worker is not', async () => {
    const asset = await get('/assets/app-B3x9.js', '*/*');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-type']).toMatch(/javascript/);
    expect((await get('/sw.js', '*/*')).headers['cache-control']).toBe('no-cache');
    expect((await get('/manifest.webmanifest', '*/*')).headers['content-type']).toMatch(/manifest\+json/);
  });

  test.each(['/assets/app-OLD.js', '/favicon.ico', '/api/v1/nope', '/api'])(
    '%s is not there, and no page is sent in its place',
    async (url) => {
      const response = await get(url);
      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    },
  );

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '//etc/passwd',
    '/.env',
  ])('%s leads out of it nowhere', async (url) => {
    const response = await get(url, '*/*');
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.body).not.toContain('secret\n');
    expect(response.body).not.toBe('secret');
  });

  test('a POST is not answered with a page', async () => {
    expect((await cloud.app.inject({ method: 'POST', url: '/' })).statusCode).toBe(404);
  });
});

describe('headers', () => {
  test('let only own files run, and nobody frame the page', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https:|\*/);
    expect(policy).toContain('upgrade-insecure-requests');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  test('do not ask for TLS where there is none', async () => {
    const plain = await TestCloud.start({ publicUrl: 'http://192.168.1.2:8080' });
    const { headers } = await plain.app.inject({ url: '/api/v1/contacts' });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers['content-security-policy']).not.toContain('upgrade');
    await plain.stop();
  });
});

test('without a built UI there is the API alone', async () => {
  const bare = await TestCloud.start({ web: join(folder, 'not-built') });
  expect((await bare.app.inject({ url: '/' })).json()).toMatchObject({ code: 'NOT_FOUND' });
  expect((await bare.app.inject({ url: '/api/v1/contacts' })).statusCode).toBe(200);
  await bare.stop();
});

test('health is whether the store answers', async () => {
  const ill = await TestCloud.start();
  expect((await ill.app.inject({ url: '/healthz' })).json()).toEqual({ status: 'ok' });
  await ill.store.close();
  const response = await ill.app.inject({ url: '/healthz' });
  expect(response.statusCode).toBe(503);
  expect(response.json()).toMatchObject({ code: 'UNAVAILABLE' });
  expect((await ill.app.inject({ url: '/livez' })).statusCode).toBe(200);
  await ill.stop();
});
