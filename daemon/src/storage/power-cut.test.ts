import { generateKeyPairSync } from 'node:crypto';
import { type KhienDocument, signDocument } from '@khien/shared/document';
import type { Identity } from '@khien/shared/enrolment';
import { newId } from '@khien/shared/id';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { SavedTime } from '../clock/saved-time.ts';
import { CERTIFICATE } from '../doctor/fixture/certificate.ts';
import { DocumentFiles } from '../documents/document-files.ts';
import { Documents } from '../documents/documents.ts';
import { nothingInForce } from '../policy/in-force.ts';
import { IdentityFile } from '../uplink/identity-file.ts';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import { type Fault, FaultyFiles } from './fixture/faulty-files.ts';
import { TwinFile } from './twin-file.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const pair = generateKeyPairSync('ed25519');
const trust = { keys: [{ id: 'k1', key: pair.publicKey }], router: newId() };

/** Numbers in [0, 1) that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Scene {
  /** Does version after version; what resolves with true is acknowledged. */
  write(files: FaultyFiles, version: number): Promise<boolean>;
  /** The version that is there, undefined for none; throws where something is there that is no version. */
  read(files: FaultyFiles): Promise<number | undefined>;
}

const VERSIONS = 5;

/** Runs a scene with faults, and returns what was acknowledged and what a restart finds, many ways to lose what was not synced. */
async function play(
  scene: Scene,
  faults: ReadonlyMap<number, Fault>,
  seeds: readonly number[],
): Promise<void> {
  const files = new FaultyFiles(faults);
  let acknowledged = 0;
  let begun = 0;
  for (let version = 1; version <= VERSIONS && files.hasPower; version++) {
    begun = version;
    if (await scene.write(files, version)) acknowledged = version;
  }
  const say = `faults ${JSON.stringify([...faults])}`;
  if (files.hasPower) expectVersion(await scene.read(files), acknowledged, begun, say);
  for (const seed of seeds) {
    const found = await scene.read(files.afterPowerCut(randomOf(seed)));
    expectVersion(found, acknowledged, begun, `${say}, seed ${seed}`);
  }
}

function expectVersion(found: number | undefined, acknowledged: number, begun: number, say: string): void {
  if (acknowledged > 0 || found !== undefined) {
    expect(found, say).toBeGreaterThanOrEqual(acknowledged);
    expect(found, say).toBeLessThanOrEqual(begun);
  }
}

const content = (version: number): string => `${version} `.repeat(20 + 7 * (version % 3));

const plainFile: Scene = {
  write: (files, version) => settled(writeFileAtomically('/state/file', content(version), { files })),
  async read(files) {
    const found = (await readFileIfThere('/state/file', files))?.toString();
    if (found === undefined) return undefined;
    const version = Number.parseInt(found, 10);
    if (found !== content(version)) throw new Error(`a mix: ${JSON.stringify(found)}`);
    return version;
  },
};

function document(version: number): Buffer {
  const policy: KhienDocument = {
    kind: 'policy',
    router: trust.router,
    version,
    issuedAt: 1_790_000_000_000,
    body: nothingInForce.policy,
  };
  return Buffer.from(JSON.stringify(signDocument(policy, { id: 'k1', key: pair.privateKey })));
}
const messages = Array.from({ length: VERSIONS + 1 }, (_, version) => document(version + 1));

/** The real documents over the faulty files; a version is acknowledged when the cloud is told so, and not that it was not stored. */
function storedDocuments(files: FaultyFiles): { documents: Documents; told: string[] } {
  const told: string[] = [];
  const documents = new Documents({
    files: new DocumentFiles('/state', silent, files),
    log: silent,
    apply: () => Promise.resolve(),
    report: (event) => {
      told.push(event.kind === 'router' ? event.code : event.kind);
      return Promise.resolve();
    },
    clock: new ManualClock(),
    issued: () => undefined,
  });
  return { documents, told };
}
const documentScene: Scene = {
  async write(files, version) {
    const { documents, told } = storedDocuments(files);
    await documents.restore(trust);
    told.splice(0);
    await documents.receive(messages[version - 1] ?? Buffer.alloc(0));
    return told.join() === 'document-applied';
  },
  async read(files) {
    const { documents, told } = storedDocuments(files);
    await documents.restore(trust);
    if (told.length > 0) throw new Error(told.join());
    return documents.versions.policy || undefined;
  },
};

const identity: Identity = {
  router: trust.router,
  certificate: CERTIFICATE,
  authority: CERTIFICATE,
  mqttUrl: 'mqtts://cloud.example',
  documentKeys: [
    { id: 'k1', key: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url') },
  ],
};
const identityScene: Scene = {
  write: (files, version) =>
    settled(
      new IdentityFile('/state', files).save({ ...identity, mqttUrl: `mqtts://cloud-${version}.example` }),
    ),
  async read(files) {
    const found = await new IdentityFile('/state', files).load();
    return found && Number.parseInt(found.mqttUrl.slice(14), 10);
  },
};

/** One process writes all of them, or each comes from another. */
const twinScene = (processes: 'one' | 'each'): Scene => {
  const twins = new WeakMap<FaultyFiles, TwinFile>();
  return {
    write(files, version) {
      const known = processes === 'one' ? twins.get(files) : undefined;
      const twin = known ?? new TwinFile('/state/twin', files);
      twins.set(files, twin);
      return settled(twin.write(content(version)));
    },
    async read(files) {
      const found = (await new TwinFile('/state/twin', files).read())?.toString();
      if (found === undefined) return undefined;
      const version = Number.parseInt(found, 10);
      if (found !== content(version)) throw new Error(`a mix: ${JSON.stringify(found)}`);
      return version;
    },
  };
};

const timeScene: Scene = {
  write: async (files, version) => {
    const errors: unknown[] = [];
    await new SavedTime(
      '/state/clock.json',
      { ...silent, error: (_, error) => errors.push(error) },
      files,
    ).save(version);
    return errors.length === 0;
  },
  read: (files) => {
    const refuse = (_: string, error: unknown): never => {
      throw error;
    };
    return new SavedTime('/state/clock.json', { ...silent, error: refuse }, files).load();
  },
};

function settled(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

const seeds = Array.from({ length: 12 }, (_, seed) => seed * 7919);

describe.each([
  ['a file', plainFile],
  ['a document', documentScene],
  ['the identity', identityScene],
  ['the saved time', timeScene],
  ['a file with a twin', twinScene('one')],
  ['a file with a twin, of many processes', twinScene('each')],
])('%s', (_, scene) => {
  it('is the old one or the new, whole, at whichever operation power goes', async () => {
    const files = new FaultyFiles();
    for (let version = 1; version <= VERSIONS; version++)
      expect(await scene.write(files, version)).toBe(true);
    expect(await scene.read(files)).toBe(VERSIONS);
    for (let at = 0; at < files.operations; at++) await play(scene, new Map([[at, 'power']]), seeds);
  });

  it('is the old one or the new, whole, whatever fails before power goes', async () => {
    const fault = fc.tuple(fc.nat(60), fc.constantFrom<Fault>('ENOSPC', 'EIO', 'EIO', 'power'));
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 5 }), fc.nat(), async (faults, seed) => {
        await play(scene, new Map(faults), [seed, seed + 1]);
      }),
      { numRuns: 100 },
    );
  });

  it('can be stored again when flash has room again', async () => {
    for (let at = 0; at < 8; at++) {
      const files = new FaultyFiles(new Map([[at, 'ENOSPC']]));
      expect(await scene.write(files, 1)).toBe(false);
      expect(await scene.write(files, 2)).toBe(true);
      expect(await scene.read(files)).toBe(2);
    }
  });
});

/** That these tests can fail: a file that is written without care. */
describe('a file that is written in place', () => {
  const careless: Scene = {
    ...plainFile,
    async write(files, version) {
      const file = await files.open('/state/file', 'w').catch(() => undefined);
      return file !== undefined && settled(file.writeFile(content(version)).then(() => file.sync()));
    },
  };

  it('is found damaged, or lost', async () => {
    const outcomes: Promise<void>[] = [];
    for (let at = 0; at < 12; at++) outcomes.push(play(careless, new Map([[at, 'power']]), seeds));
    const failed = (await Promise.allSettled(outcomes)).filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThan(3);
  });
});
