import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import { qrCode } from './qr.ts';

/** The dark modules that the picture shows. */
function drawn(svg: string, size: number): boolean[][] {
  const rows = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let i = 0; i < Number(length); i += 1) {
      const row = rows[Number(y)];
      if (row !== undefined) row[Number(x) + i] = true;
    }
  }
  return rows;
}

describe('a QR code', () => {
  test.each([
    'https://khien.example/claim?code=7GQ2-M0XK',
    'https://a-much-longer-name.of-a-provider.example.vn/claim?code=7GQ2-M0XK',
  ])('shows every module of %s, with its quiet zone', (address) => {
    const { data, size } = encode(address, { ecc: 'M', border: 4 });
    const svg = qrCode(address, 'mã').text;
    expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`);
    expect(drawn(svg, size)).toEqual(data);
    expect(data.slice(0, 4).flat().some(Boolean)).toBe(false);
    expect(svg.length).toBeLessThan(10_000);
  });

  test('has a name that cannot break out of it', () => {
    expect(qrCode('https://x.example/', '"><script>').text).not.toContain('<script>');
  });
});
