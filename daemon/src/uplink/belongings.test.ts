import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Belongings } from './belongings.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const [ours, theirs] = [newId(), newId()];

const familyFiles = [
  'boot.nft',
  'contacts.json',
  'devices.json',
  'devices.json.damaged',
  'lists.json',
  'outbox.damaged-17',
  'policy.json',
  'policy.json.damaged',
  'usage.json.a',
  'usage.json.b',
];
/** The configuration may be in the same folder. */
const otherFiles = ['clock.json', 'config.json', 'identity.json', 'router.key'];

let stateFolder: string;
let runFolder: string;
let belongings: Belongings;
beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'khien-state-'));
  runFolder = await mkdtemp(join(tmpdir(), 'khien-run-'));
  belongings = new Belongings({ stateFolder, runFolder }, silent);
  for (const name of [...familyFiles, ...otherFiles]) await writeFile(join(stateFolder, name), name);
  for (const name of ['outbox', 'lists']) {
    await mkdir(join(stateFolder, name));
    await writeFile(join(stateFolder, name, '1'), name);
  }
  await writeFile(join(runFolder, 'usage.json.a'), '');
  await mkdir(join(runFolder, 'dhcp'));
});
afterEach(async () => {
  for (const folder of [stateFolder, runFolder]) await rm(folder, { recursive: true, force: true });
});

const names = async (folder: string) => (await readdir(folder)).sort();

describe('what a family leaves on a router', () => {
  it('stays for the same family, and for one of which nobody noted whose it is', async () => {
    await belongings.settle(ours);
    await belongings.settle(ours);
    expect(await belongings.of()).toBe(ours);
    const all = [...familyFiles, ...otherFiles, 'family', 'lists', 'outbox'].sort();
    expect(await names(stateFolder)).toEqual(all);
    expect(await names(runFolder)).toEqual(['dhcp', 'usage.json.a']);
  });

  it('is gone for another, and nothing else is', async () => {
    await belongings.settle(ours);
    await belongings.settle(theirs);
    expect(await belongings.of()).toBe(theirs);
    expect(await names(stateFolder)).toEqual([...otherFiles, 'family', 'lists'].sort());
    expect(await names(runFolder)).toEqual(['dhcp']);
  });

  it('is gone after a reset with the identity, and with the key where that is asked', async () => {
    await belongings.settle(ours);
    await belongings.reset({ key: false });
    expect(await names(stateFolder)).toEqual(['clock.json', 'config.json', 'lists', 'router.key']);
    expect(await belongings.of()).toBeUndefined();
    await belongings.reset({ key: true });
    expect(await names(stateFolder)).toEqual(['clock.json', 'config.json', 'lists']);
  });

  it('needs no folder to be there to be forgotten', async () => {
    await rm(runFolder, { recursive: true });
    await belongings.forgetFamily();
    await rm(stateFolder, { recursive: true });
    await belongings.reset({ key: true });
  });
});
