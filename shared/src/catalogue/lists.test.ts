import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultContacts } from '../contact/default-contacts.ts';
import { isDnsName, longestSuffix } from '../name.ts';
import { catalogue, categoryById, servicesInCategory, starterLists } from './index.ts';

const lines = (file: string) =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
const namesOf = (file: string) => lines(file).filter((line) => !line.startsWith('#'));

const mustStayOpen = [
  ...servicesInCategory('study').flatMap((service) => [...service.names, ...(service.needs ?? [])]),
  ...defaultContacts.flatMap((contact) => contact.names),
];

test('every list file is named once, for a category that has a bit', () => {
  const files = readdirSync(new URL('lists/', import.meta.url)).map((file) => `lists/${file}`);
  expect(starterLists.map((list) => list.file).sort()).toEqual(files.sort());
  for (const { category } of starterLists) expect(categoryById(category)?.bit, category).toBeTypeOf('number');
});

test.each([
  ['lists/gambling.txt', 150],
  ['lists/adult.txt', 100],
  ['lists/bypass.txt', 100],
])('%s has at least %i names', (file, least) => {
  expect(namesOf(file).length).toBeGreaterThanOrEqual(least);
});

describe.each([...starterLists])('$file', ({ file, category }) => {
  const names = namesOf(file);

  test('is a comment that names its sources, then sorted valid names, each once', () => {
    expect(lines(file)[0]).toMatch(/^# /);
    expect(lines(file).findLastIndex((line) => line.startsWith('#'))).toBe(2);
    expect(names.filter((name) => !isDnsName(name) || name.includes('_') || /^[\d.]+$/.test(name))).toEqual(
      [],
    );
    expect(names).toEqual([...new Set(names)].sort());
  });

  test('fits the kernel, without a name that another one covers', () => {
    expect(names.filter((name) => name.length + 2 > 64)).toEqual([]);
    const parents = new Set(names);
    const covered = names.filter((name) =>
      name.split('.').some((_, i, labels) => i > 0 && parents.has(labels.slice(i).join('.'))),
    );
    expect(covered).toEqual([]);
  });

  test('leaves study and help names alone', () => {
    expect(mustStayOpen.filter((name) => longestSuffix(name, names) !== undefined)).toEqual([]);
  });

  test('blocks no service, so that a parent blocks services by their own switch', () => {
    const hit = catalogue.services.filter((service) =>
      service.names.some((name) => longestSuffix(name, names) !== undefined),
    );
    expect(hit.map((service) => `${service.id} under ${category}`)).toEqual([]);
  });
});
