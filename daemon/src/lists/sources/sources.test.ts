import { domainToASCII } from 'node:url';
import { isDnsName } from '@khien/shared/name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameArbitrary } from '../fixture/naive-lists.ts';
import { type SourceFormat, sourceFormats } from './format.ts';
import { LONGEST_LINE } from './lines.ts';
import { readSource, type SourceReport } from './read-source.ts';

interface Read {
  readonly names: string[];
  readonly exceptions: string[];
  readonly report: SourceReport;
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(text: string | Buffer, format?: SourceFormat, chunk = 7): Promise<Read> {
  const names: string[] = [];
  const exceptions: string[] = [];
  const sink = {
    name: (name: string) => void names.push(name),
    exception: (name: string) => void exceptions.push(name),
  };
  const report = await readSource(inChunks(Buffer.from(text), chunk), sink, format);
  return { names, exceptions, report };
}

/** What was rejected, by kind. */
function kinds({ report }: Read): Record<string, number> {
  return Object.fromEntries(Object.entries(report.rejected).map(([why, { count }]) => [why, count]));
}

const long = `${'a'.repeat(60)}.`.repeat(4);

describe('a plain list', () => {
  it('is one name a line, however it is written', async () => {
    const lines = [
      '\ufeff# a comment',
      '! another',
      '// and one',
      '',
      'Example.COM',
      'trailing.example.  # why',
      '*.wild.example',
      '.dotted.example',
      'xn--vng-6na.example#idn',
      'windows.example\r',
      '_dmarc.example.org',
    ];
    const found = await read(lines.join('\n'));
    expect(found.names).toEqual([
      'example.com',
      'trailing.example',
      'wild.example',
      'dotted.example',
      'xn--vng-6na.example',
      'windows.example',
      '_dmarc.example.org',
    ]);
    expect(found.report).toMatchObject({ format: 'domains', lines: 11, names: 7, rejected: {} });
  });

  it('may have names in Unicode, which become what is asked for in DNS', async () => {
    const { names, report } = await read('BÚN-chả.vn\ncờbạc.example\n例え。テスト\nstraße.de\n', 'domains');
    expect(names).toEqual([
      domainToASCII('bún-chả.vn'),
      domainToASCII('cờbạc.example'),
      'xn--r8jz45g.xn--zckzah',
      'xn--strae-oqa.de',
    ]);
    expect(names.every(isDnsName)).toBe(true);
    expect(report.rejected).toEqual({});
  });

  it('has all kinds of other things, which are counted with where they were met first', async () => {
    const found = await read(
      [
        '192.0.2.1',
        '2001:db8::1',
        '[2001:db8::2]',
        '10.0.0.0/8',
        '1.2.3.4.5',
        'localhost',
        `${long}${long}example`,
        `${'b'.repeat(64)}.example`,
        '-a.example',
        'a..example',
        'two words',
        'https://example.com/',
        'é/../etc.example',
        'a\u0000b.example',
        'example.com:8080',
        'x'.repeat(LONGEST_LINE + 1),
        'good.example',
      ].join('\n'),
      'domains',
    );
    expect(found.names).toEqual(['good.example']);
    expect(kinds(found)).toEqual({
      address: 5,
      'single-label': 1,
      'name-too-long': 2,
      garbage: 7,
      'line-too-long': 1,
    });
    expect(found.report.rejected.garbage?.firstLine).toBe(9);
  });
});

describe('a hosts file', () => {
  it('has what leads nowhere', async () => {
    const found = await read(
      [
        '# head',
        '127.0.0.1 localhost localhost.localdomain',
        '::1 ip6-localhost',
        'fe80::1%lo0 localhost',
        '0.0.0.0 a.example b.example # two',
        '127.0.0.1\tc.example',
        ':: d.example',
        '192.168.1.5 nas.home.example',
        '0.0.0.0',
        '0.0.0.0 0.0.0.0',
        '0.0.0.0 e.example 10.1.2.3',
        'alone.example',
      ].join('\r\n'),
    );
    expect(found.report.format).toBe('hosts');
    expect(found.names).toEqual([
      'a.example',
      'b.example',
      'c.example',
      'd.example',
      'e.example',
      'alone.example',
    ]);
    expect(kinds(found)).toEqual({ 'single-label': 3, rewrite: 1, address: 3 });
  });
});

describe('an Adblock list', () => {
  it('has names and exceptions, as far as a rule is about a whole name', async () => {
    const found = await read(
      [
        '[Adblock Plus 2.0]',
        '! Title: a list',
        '||ads.example^',
        '||ads2.example^|',
        '||ads3.example^$important',
        '||*.ads4.example^',
        '||ads5.example',
        '@@||good.example^',
        '@@||good2.example^$document,important',
        '0.0.0.0 hosts.example',
        'plain.example',
        '||cdn.example^$third-party',
        '||cdn.example^$script,domain=a.example',
        '@@||good3.example^$script',
        '||a.example^$badfilter',
        '||b.example^$dnsrewrite=1.2.3.4',
        '||ads*.example^',
        '||example.*^',
        '||example.com/banner',
        '|https://example.com|',
        '/banner[0-9]+/',
        '@@/good/',
        '-banner-*.gif',
        '&ad=',
        'example.com##.ad',
        'example.com#@#.ad',
        'example.com#$#body { }',
        'example.com$$script',
        '||192.0.2.1^',
        '||com^',
        '||^',
      ].join('\n'),
    );
    expect(found.report.format).toBe('adblock');
    expect(found.names).toEqual([
      'ads.example',
      'ads2.example',
      'ads3.example',
      'ads4.example',
      'ads5.example',
      'hosts.example',
      'plain.example',
    ]);
    expect(found.exceptions).toEqual(['good.example', 'good2.example']);
    expect(kinds(found)).toEqual({
      option: 5,
      pattern: 8,
      cosmetic: 4,
      address: 1,
      'single-label': 1,
      garbage: 1,
    });
  });
});

describe('a response policy zone', () => {
  it('is read by its records, relative or in full', async () => {
    const found = await read(
      [
        '; a zone',
        '$TTL 300',
        '$ORIGIN rpz.khien.example.',
        '@ IN SOA ns.example. admin.example. (',
        '  2026112101 ; serial',
        '  3600 600 86400 300 )',
        '  IN NS localhost.',
        'bad.example CNAME .',
        '*.bad.example 60 IN CNAME .',
        'nodata.example.rpz.khien.example. IN 60 CNAME *.',
        'dropped.example CNAME rpz-drop.',
        'sunk.example A 0.0.0.0',
        '  AAAA ::',
        'good.bad.example CNAME rpz-passthru.',
        'old.example CNAME old.example.',
        'www.search.example CNAME safe.search.example.',
        'garden.example A 192.0.2.7',
        'tcp.example CNAME rpz-tcp-only.',
        '32.1.2.0.192.rpz-ip CNAME .',
        'ns.bad.example.rpz-nsdname CNAME .',
        'outside.other.zone. CNAME .',
        'text.example TXT "hi there"',
        '$INCLUDE other.zone',
        '$ORIGIN vn.rpz.khien.example.',
        'cobac CNAME .',
        'localhost.rpz.khien.example. CNAME .',
      ].join('\n'),
    );
    expect(found.report.format).toBe('rpz');
    expect(found.names).toEqual([
      'bad.example',
      'bad.example',
      'nodata.example',
      'dropped.example',
      'sunk.example',
      'sunk.example',
      'cobac.vn',
    ]);
    expect(found.exceptions).toEqual(['good.bad.example', 'old.example']);
    expect(kinds(found)).toEqual({ rewrite: 2, policy: 3, record: 3, 'single-label': 1 });
  });

  it('without an origin has names as they are, and ends a record that never ends', async () => {
    const found = await read(
      `bad.example CNAME .\nx SOA ( ${'y\n'.repeat(3000)}worse.example. CNAME .`,
      'rpz',
    );
    expect(found.names).toEqual(['bad.example', 'worse.example']);
  });
});

describe('any list', () => {
  it('is told by its first lines', async () => {
    const formatOf = async (text: string) => (await read(text)).report.format;
    expect(await formatOf('')).toBe('domains');
    expect(await formatOf('a.example\nb.example\n')).toBe('domains');
    expect(await formatOf('# x\n0.0.0.0 a.example')).toBe('hosts');
    expect(await formatOf('a.example\n||b.example^\n||c.example^')).toBe('adblock');
    expect(await formatOf('a CNAME .')).toBe('rpz');
  });

  it('can be any bytes in any pieces: what comes out are names, and nothing is thrown', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          '||',
          '@@||',
          '^',
          '$',
          '0.0.0.0 ',
          ' CNAME ',
          '.',
          '*',
          '\n',
          '(',
          ')',
          ';',
          '$ORIGIN ',
          '\\',
          '#',
        )
        .map((text) => Buffer.from(text)),
      nameArbitrary.map((name) => Buffer.from(name)),
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom(undefined, ...sourceFormats),
        fc.integer({ min: 1, max: 64 }),
        async (pieces, format, size) => {
          const bytes = Buffer.concat(pieces);
          const found = await read(bytes, format, size);
          expect([...found.names, ...found.exceptions].filter((name) => !isDnsName(name))).toEqual([]);
          expect(found.report.lines).toBe(
            bytes.toString('latin1').split('\n').length - Number(bytes.at(-1) === 10 || bytes.length === 0),
          );
          expect(await read(bytes, format, bytes.length + 1)).toEqual(found);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says the same in every format', async () => {
    const write: Record<SourceFormat, (name: string) => string> = {
      hosts: (name) => `0.0.0.0 ${name}`,
      domains: (name) => name,
      adblock: (name) => `||${name}^`,
      rpz: (name) => `${name} CNAME .`,
    };
    const names = fc.array(
      nameArbitrary.filter((name) => !/\.\d+$/.test(name)),
      { minLength: 1, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(names, fc.constantFrom(...sourceFormats), async (listed, format) => {
        const found = await read(listed.map(write[format]).join('\n'));
        expect([found.report.format, found.names]).toEqual([format, listed]);
      }),
    );
  });
});
