import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultContacts } from '../contact/default-contacts.ts';
import { isUnder, longestSuffix } from '../name.ts';
import { catalogue, categoryById, type Service, serviceById, servicesInCategory } from './index.ts';
import { catalogueSchema } from './schema.ts';

const study = servicesInCategory('study');
const blockable = catalogue.services.filter((service) => service.category !== 'study');
const studyNames = study.flatMap((service) => [...service.names, ...(service.needs ?? [])]);
const helpNames = defaultContacts.flatMap((contact) => contact.names);

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

/** The chain of services that `service` cannot work without. */
function foundations(service: Service): Service[] {
  return (service.dependsOn ?? []).flatMap((id) => {
    const other = serviceById(id);
    return other === undefined ? [] : [other, ...foundations(other)];
  });
}

describe('categories', () => {
  test('fit the schema, with ids and bits of their own', () => {
    expect(catalogueSchema.parse(catalogue)).toEqual(catalogue);
    expect(repeated(catalogue.categories.map((category) => category.id))).toEqual([]);
  });

  test('keep the bits that compiled lists and kernels out there carry', () => {
    const bits = catalogue.categories.filter((c) => c.bit !== null).map((c) => [c.id, c.bit]);
    expect(Object.fromEntries(bits)).toEqual({
      adult: 0,
      gambling: 1,
      violence: 2,
      drugs: 3,
      'self-harm': 4,
      dating: 5,
      social: 6,
      video: 7,
      games: 8,
      messaging: 9,
      music: 10,
      shopping: 11,
      'ai-chat': 12,
      'ads-tracking': 13,
      'malware-scam': 14,
      bypass: 15,
    });
  });

  test('are found by id; study has no bit, so no list can block it', () => {
    expect(categoryById('gambling')?.name.vi).toBe('Cờ bạc, cá cược');
    expect(categoryById('study')?.bit).toBeNull();
    expect(categoryById('nothing')).toBeUndefined();
  });
});

describe('services', () => {
  test('have ids of their own, a known category and known foundations', () => {
    expect(repeated(catalogue.services.map((service) => service.id))).toEqual([]);
    for (const service of catalogue.services) {
      expect(categoryById(service.category), service.id).toBeDefined();
      for (const id of service.dependsOn ?? [])
        expect(serviceById(id), `${service.id} on ${id}`).toBeDefined();
    }
  });

  test('name sources that SOURCES.md explains', () => {
    const explained = readFileSync(new URL('SOURCES.md', import.meta.url), 'utf8').matchAll(
      /^\| `([a-z0-9-]+)` +\|/gm,
    );
    const keys = new Set([...explained].map(([, key]) => key));
    const unknown = catalogue.services
      .flatMap((service) => service.sources)
      .filter((source) => !keys.has(source.split(':')[0]));
    expect(unknown).toEqual([]);
  });

  test('are found by id and by category', () => {
    expect(serviceById('zalo')?.category).toBe('messaging');
    expect(serviceById('nothing')).toBeUndefined();
    expect(servicesInCategory('games').map((service) => service.id)).toContain('roblox');
    expect(servicesInCategory('adult')).toEqual([]);
  });

  test.each(catalogue.services)(
    '$id: names are short enough for the kernel and none covers another',
    ({ names }) => {
      for (const name of names) {
        expect(name.length + 2, `${name} on the wire`).toBeLessThanOrEqual(64);
        expect(name).not.toMatch(/_|^\d+(\.\d+){3}$/);
        expect(
          names.filter((other) => other !== name && isUnder(name, other)),
          name,
        ).toEqual([]);
      }
      expect(names).toEqual([...new Set(names)].sort());
    },
  );

  test('share a name only with a service they cannot work without', () => {
    for (const service of catalogue.services) {
      const mine = new Set(foundations(service).map((other) => other.id));
      const covering = catalogue.services.filter(
        (other) =>
          other !== service && service.names.some((name) => longestSuffix(name, other.names) !== undefined),
      );
      expect(
        covering.map((other) => other.id).filter((id) => !mine.has(id)),
        service.id,
      ).toEqual([]);
    }
  });

  test.each(blockable)('$id: blocking it leaves every study and help name alone', ({ names, needs }) => {
    for (const name of [...studyNames, ...helpNames])
      expect(longestSuffix(name, names), name).toBeUndefined();
    expect(needs).toBeUndefined();
  });

  test('that study needs are study services', () => {
    for (const service of study) {
      expect(
        foundations(service).every((other) => other.category === 'study'),
        service.id,
      ).toBe(true);
    }
  });

  test('keep what is not theirs out of names that are opened in learning mode', () => {
    const opened = blockable
      .flatMap((service) => service.names)
      .filter((name) => longestSuffix(name, studyNames) !== undefined);
    // Google's API host is opened as a whole (Google's own allow-list asks for it); nothing plays without googlevideo.com.
    expect(opened).toEqual([
      'youtube.googleapis.com',
      'youtubeembeddedplayer.googleapis.com',
      'youtubei.googleapis.com',
      'gemini.gstatic.com',
    ]);
  });
});
