import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KhienDocument, signDocument } from '@khien/shared/document';
import { KhienError } from '@khien/shared/error';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import type { InForce } from '../policy/in-force.ts';
import { nothingInForce } from '../policy/in-force.ts';
import { DocumentFiles } from './document-files.ts';
import { Documents, type NewEvent } from './documents.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const pair = generateKeyPairSync('ed25519');
const trust = { keys: [{ id: 'k1', key: pair.publicKey }], router: newId() };
let folder: string;
let applied: InForce[];
let reports: NewEvent[];
let refuse: KhienError | undefined;
let clock: ManualClock;
let issued: number[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-documents-'));
  applied = [];
  reports = [];
  refuse = undefined;
  clock = new ManualClock();
  issued = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function make(): Documents {
  return new Documents({
    files: new DocumentFiles(folder, silent),
    log: silent,
    apply: (inForce) => {
      if (refuse !== undefined) return Promise.reject(refuse);
      applied.push(inForce);
      return Promise.resolve();
    },
    report: (event) => {
      reports.push(event);
      return Promise.resolve();
    },
    clock,
    issued: (at) => issued.push(at),
  });
}

async function documents(): Promise<Documents> {
  const made = make();
  await made.restore(trust);
  return made;
}

function message(version: number, language: 'vi' | 'en' = 'vi'): Buffer {
  const document: KhienDocument = {
    kind: 'policy',
    router: trust.router,
    version,
    issuedAt: 1_790_000_000_000,
    body: { ...nothingInForce.policy, language },
  };
  return Buffer.from(JSON.stringify(signDocument(document, { id: 'k1', key: pair.privateKey })));
}

describe('documents', () => {
  it('are applied, kept, acknowledged, and taken up again after a restart', async () => {
    const first = await documents();
    expect(applied).toHaveLength(0);
    await first.receive(message(1, 'en'));
    expect(first.versions.policy).toBe(1);
    expect(reports).toEqual([{ kind: 'document-applied', document: 'policy', version: 1 }]);

    const second = await documents();
    expect(second.inForce.policy.language).toBe('en');
    expect(second.versions.policy).toBe(1);
  });

  it('are taken in order and once: a repeat does nothing, an older one is refused', async () => {
    const made = await documents();
    await Promise.all([made.receive(message(2)), made.receive(message(2)), made.receive(message(1))]);
    expect(applied).toHaveLength(1);
    expect(reports).toMatchObject([
      { kind: 'document-applied' },
      { kind: 'document-refused', code: 'DOCUMENT_OLD_VERSION' },
    ]);
  });

  it('that the kernel refuses leave the old ones in force, on disk too, and say why', async () => {
    const made = await documents();
    await made.receive(message(1, 'en'));
    refuse = new KhienError('ENFORCE_REFUSED', 'the kernel said no');
    await made.receive(message(2, 'vi'));
    expect(made.inForce.policy.language).toBe('en');
    expect(made.versions.policy).toBe(1);
    expect(reports.at(-1)).toMatchObject({ kind: 'document-refused', code: 'ENFORCE_REFUSED' });
    refuse = undefined;
    expect((await documents()).versions.policy).toBe(1);
  });

  it('that are damaged on disk are set aside and asked for again, and nothing is applied without them', async () => {
    await (await documents()).receive(message(5));
    applied = [];
    await writeFile(join(folder, 'policy.json'), 'not what it was');
    const made = await documents();
    expect(made.versions.policy).toBe(0);
    expect(applied).toHaveLength(0);
    expect(reports.at(-1)).toMatchObject({ kind: 'router', code: 'DOCUMENT_DAMAGED' });
    expect(await readdir(folder)).toEqual(['policy.json.damaged']);
  });

  it('of contacts count without a policy: their help is known, and the kernel is left alone', async () => {
    const contact = { ...nothingInForce.contacts[0], id: 'trung-tam', names: ['trungtam.example'] };
    const document = {
      kind: 'contacts',
      router: trust.router,
      version: 3,
      issuedAt: 1_790_000_000_000,
      body: { contacts: [contact] },
    } as KhienDocument;
    const signed = signDocument(document, { id: 'k1', key: pair.privateKey });
    const first = await documents();
    await first.receive(Buffer.from(JSON.stringify(signed)));
    for (const made of [first, await documents()]) {
      expect(made.inForce.helpNames).toEqual(['pub.3gppnetwork.org', 'trungtam.example']);
      expect(made.inForce.policyKnown).toBe(false);
    }
    expect(applied).toHaveLength(0);
  });

  it('that cannot be written are in force all the same, and the cloud is told', async () => {
    const made = await documents();
    await made.receive(message(1, 'en'));
    await rm(folder, { recursive: true });
    await made.receive(message(2, 'vi'));
    expect(made.versions.policy).toBe(2);
    expect(made.inForce.policy.language).toBe('vi');
    expect(reports.slice(-2)).toMatchObject([
      { kind: 'router', code: 'DOCUMENT_NOT_STORED', detail: 'policy: ENOENT' },
      { kind: 'document-applied', version: 2 },
    ]);
  });

  it('that were stored and the kernel refuses are answered by, reported, and brought again until it takes them', async () => {
    await (await documents()).receive(message(3, 'en'));
    applied = [];
    refuse = new KhienError('ENFORCE_UNSUPPORTED', 'a module is not there yet');
    const made = await documents();
    expect(made.inForce.policy.language).toBe('en');
    expect(made.versions.policy).toBe(0);
    expect(reports.at(-1)).toMatchObject({ kind: 'router', code: 'ENFORCE_UNSUPPORTED' });
    clock.advance(5000);
    await expect.poll(() => reports.length).toBeGreaterThan(2);
    refuse = undefined;
    const versionLater = (): number => {
      clock.advance(5000);
      return made.versions.policy;
    };
    await expect.poll(versionLater).toBe(3);
    expect(applied).toHaveLength(1);
    clock.advance(60_000);
    expect(applied).toHaveLength(1);
  });

  it('that were stored and are refused give way to a newer one', async () => {
    await (await documents()).receive(message(3, 'en'));
    refuse = new KhienError('ENFORCE_REFUSED', 'no');
    const made = await documents();
    refuse = undefined;
    applied = [];
    await made.receive(message(4, 'vi'));
    clock.advance(60_000);
    await made.receive(message(4, 'vi'));
    expect(applied.map(({ policy }) => policy.language)).toEqual(['vi']);
    expect(made.versions.policy).toBe(4);
  });

  it('are taken up where nobody knows any more whom to trust, and none is received then', async () => {
    await (await documents()).receive(message(5, 'en'));
    const made = make();
    await made.restore(undefined);
    expect(made.inForce.policy.language).toBe('en');
    await made.receive(message(6, 'vi'));
    expect(made.inForce.policy.language).toBe('en');
    await made.restore({ ...trust, router: newId() });
    expect(made.versions.policy).toBe(0);
    expect(made.inForce.policy.language).toBe('en');
  });

  it('of a router that nobody has claimed: the kernel is made to manage nobody', async () => {
    await make().restore(undefined, true);
    expect(applied.map(({ policyKnown }) => policyKnown)).toEqual([false]);
    applied = [];
    await make().restore(undefined, false);
    expect(applied).toEqual([]);
  });

  it('tell when they were issued, also those from disk', async () => {
    await (await documents()).receive(message(1));
    await documents();
    expect(issued).toEqual([1_790_000_000_000, 1_790_000_000_000]);
  });
});
