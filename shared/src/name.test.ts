import { describe, expect, it } from 'vitest';
import { dnsNameFromText, isDnsName, isUnder, isUnderAny, longestSuffix } from './name.ts';
import { parseUpTopic, topics } from './topic.ts';

describe('names', () => {
  it.each([
    ['https://www.TikTok.com/@user?x=1', 'tiktok.com'],
    ['*.example.com', 'example.com'],
    ['example.com.', 'example.com'],
    ['http://example.com:8080/', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['  shop.example.com.vn  ', 'shop.example.com.vn'],
    ['localhost', undefined],
    ['192.0.2.1', undefined],
    ['http://[2001:db8::1]/', undefined],
    ['a b.example', undefined],
    ['', undefined],
    [`${'a'.repeat(64)}.example`, undefined],
  ])('%j is read as %j', (typed, name) => {
    expect(dnsNameFromText(typed)).toBe(name);
  });

  it('are 253 characters at most', () => {
    const label = 'a'.repeat(62);
    expect(isDnsName([label, label, label, label].join('.'))).toBe(true);
    expect(isDnsName([label, label, label, label, 'bc'].join('.'))).toBe(false);
  });

  it('are compared by whole labels', () => {
    expect(isUnder('www.example.com', 'example.com')).toBe(true);
    expect(isUnder('notexample.com', 'example.com')).toBe(false);
    expect(longestSuffix('a.b.example.com', ['com', 'example.com', 'b.example.com', 'x.b.example.com'])).toBe(
      'b.example.com',
    );
  });

  it.each([
    'example.com',
    'www.example.com',
    'notexample.com',
    'com',
    'x.y.z.test',
    'test',
    '',
    '.',
    'a..example.com',
  ])('are found in a set as one by one: %j', (name) => {
    const suffixes = ['example.com', 'z.test', 'y.z.test'];
    expect(isUnderAny(name, new Set(suffixes))).toBe(longestSuffix(name, suffixes) !== undefined);
  });
});

describe('topics', () => {
  const id = '01KASJ0W3Q8Z6T1R5Y9XEBM2CD';
  it('are read back', () => {
    expect(parseUpTopic(topics.events(id))).toEqual({ router: id, kind: 'events' });
  });
  it.each([
    topics.document(id),
    `khien/v1/${id}/up/events/x`,
    `khien/v1/+/up/events`,
    `khien/v2/${id}/up/events`,
    '',
    'khien/v1/up/hello',
  ])('refuses %s', (topic) => {
    expect(parseUpTopic(topic)).toBeUndefined();
  });
});
