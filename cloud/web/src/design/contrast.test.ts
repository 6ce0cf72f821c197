import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

function colours(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const text = [
  ...['bg', 'surface', 'sunken'].flatMap((under) => [
    ['text', under],
    ['muted', under],
    ['brand', under],
  ]),
  ['on-brand', 'brand'],
  ['on-brand', 'brand-press'],
  ['on-brand-soft', 'brand-soft'],
  ['good', 'good-soft'],
  ['pause', 'pause-soft'],
  ['night', 'night-soft'],
  ['grant', 'grant-soft'],
  ['bad', 'bad-soft'],
  ['bad', 'surface'],
  ['bad', 'bg'],
  ['on-bad', 'bad'],
  ['on-bad', 'bad-press'],
];
const lines = ['bg', 'surface', 'sunken'].map((under) => ['line-strong', under]);

describe.each([
  ['light', colours(light)],
  ['dark', new Map([...colours(light), ...colours(dark)])],
])('in the %s scheme', (_scheme, tokens) => {
  const of = (name: string | undefined) => tokens.get(name ?? '') ?? '#000000';
  test.each(text)('%s on %s can be read (AA, 4.5:1)', (above, below) => {
    expect(contrast(of(above), of(below))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(lines)('%s on %s can be seen (AA, 3:1)', (above, below) => {
    expect(contrast(of(above), of(below))).toBeGreaterThanOrEqual(3);
  });
  test.each([0, 1, 2, 3, 4, 5])('a letter on avatar %i can be read', (avatar) => {
    expect(contrast('#ffffff', of(`avatar-${avatar}`))).toBeGreaterThanOrEqual(4.5);
  });
});
