import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Identity, renewalRequestSchema, verifyRenewal } from '@khien/shared/enrolment';
import { newId } from '@khien/shared/id';
import type { TimeSource } from '@khien/shared/topic';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../doctor/fixture/certificate.ts';
import { Renewal } from './renewal.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const privateKey = createPrivateKey(PRIVATE_KEY);
const { publicKey: documentKey } = generateKeyPairSync('ed25519');
const DAY = 24 * 3_600_000;

class WrongClock extends ManualClock {
  from: TimeSource = 'ntp';

  override source(): TimeSource {
    return this.from;
  }
}

describe('the renewal of the certificate', () => {
  let cloud: Server;
  let answer: { status: number; body: unknown };
  let asked: unknown[];
  let clock: WrongClock;
  let identity: Identity;
  let renewal: Renewal;
  const renewed = vi.fn<(identity: Identity) => Promise<void>>();
  const tooOld = vi.fn();

  beforeEach(async () => {
    asked = [];
    clock = new WrongClock();
    renewed.mockReset().mockResolvedValue();
    tooOld.mockReset();
    identity = {
      router: newId(),
      certificate: CERTIFICATE,
      authority: CERTIFICATE,
      mqttUrl: 'mqtts://127.0.0.1:1',
      documentKeys: [
        { id: 'k1', key: documentKey.export({ type: 'spki', format: 'der' }).toString('base64url') },
      ],
      renewAt: clock.now() + 10 * DAY,
    };
    answer = { status: 200, body: { ...identity, renewAt: clock.now() + 300 * DAY } };
    cloud = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer.body));
      });
    });
    cloud.listen(0, '127.0.0.1');
    await once(cloud, 'listening');
  });
  afterEach(async () => {
    renewal.stop();
    cloud.close();
    await once(cloud, 'close');
  });

  function start(): void {
    const address = cloud.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    renewal = new Renewal({
      cloud: { url: `http://127.0.0.1:${port}`, authority: undefined },
      clock,
      log: silent,
      identity,
      privateKey,
      renewed,
      tooOld,
    });
    renewal.start();
  }

  it('is asked for when its time has come, with the proof of the key', async () => {
    start();
    clock.advance(9 * DAY);
    expect(asked).toEqual([]);
    clock.advance(2 * DAY);
    await vi.waitFor(() => expect(renewed).toHaveBeenCalledWith(answer.body));
    const request = renewalRequestSchema.parse(asked[0]);
    expect(verifyRenewal(request, privateKey)).toBe(true);
  });

  it('is asked for at once when the cloud says that it has ended, whatever the clock says', async () => {
    clock.from = 'unsynced';
    clock.set(0);
    start();
    clock.advance(30 * DAY);
    expect(asked).toEqual([]);
    renewal.expired();
    await vi.waitFor(() => expect(renewed).toHaveBeenCalled());
  });

  it('of an identity that knows no date is asked for within a day', async () => {
    const { renewAt: _none, ...old } = identity;
    identity = old;
    start();
    clock.advance(2 * DAY);
    await vi.waitFor(() => expect(renewed).toHaveBeenCalled());
  });

  it('is tried again, not in haste, where the cloud fails; and what is not for this router is not taken', async () => {
    answer = { status: 503, body: {} };
    start();
    clock.advance(11 * DAY);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    renewal.expired();
    renewal.expired();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked.length).toBeLessThanOrEqual(2);

    answer = { status: 200, body: { ...identity, router: newId() } };
    const before = asked.length;
    await vi.waitFor(() => {
      clock.advance(DAY);
      expect(asked.length).toBeGreaterThan(before);
    });
    expect(renewed).not.toHaveBeenCalled();
    answer = { status: 200, body: identity };
    await vi.waitFor(() => {
      clock.advance(DAY);
      expect(renewed).toHaveBeenCalled();
    });
  });

  it('ends where the cloud says that it is too late', async () => {
    answer = { status: 410, body: { code: 'CERTIFICATE_TOO_OLD' } };
    start();
    renewal.expired();
    await vi.waitFor(() => expect(tooOld).toHaveBeenCalledOnce());
  });
});
