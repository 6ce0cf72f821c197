import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCatalogue, isErrorCode } from './errors.ts';

/** The sources of the cloud and of what it shares with the router, without tests. */
function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.test|\.fixture)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

const cloud = sources(import.meta.dirname);

describe('the catalogue', () => {
  test('has every code that the cloud throws', () => {
    const thrown = cloud.flatMap(({ text }) =>
      [...text.matchAll(/new KhienError\(\s*'([^']*)'/g)].map((match) => match[1] ?? ''),
    );
    expect(thrown.length).toBeGreaterThan(15);
    expect(thrown.filter((code) => !isErrorCode(code))).toEqual([]);
  });

  test('is thrown from by literal codes only, so that the test above sees them', () => {
    const throws = cloud.map(({ text }) => text.match(/new KhienError\(/g)?.length ?? 0);
    const literal = cloud.map(({ text }) => text.match(/new KhienError\(\s*'/g)?.length ?? 0);
    expect(literal).toEqual(throws);
  });

  test('has nothing that nobody throws', () => {
    const all = cloud
      .filter(({ path }) => !path.endsWith('errors.ts'))
      .map(({ text }) => text)
      .join('');
    expect(Object.keys(errorCatalogue).filter((code) => !all.includes(`'${code}'`))).toEqual([]);
  });

  test('bare errors are not thrown', () => {
    const bare = cloud.filter(({ text }) => /new (Error|TypeError|RangeError)\(/.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test.each(Object.entries(errorCatalogue))(
    '%s has a status of HTTP and a title',
    (_code, { status, title }) => {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
    },
  );
});
