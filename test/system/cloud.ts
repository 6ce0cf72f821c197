import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningProcess, VirtualHome } from '../home/index.ts';
import { request } from '../home/index.ts';

const bundle = fileURLToPath(new URL('../../cloud/dist/khien-cloud.mjs', import.meta.url));

/** A busy machine is slow. */
const START_MS = 30_000;

/** Where parents and routers find the cloud of the virtual home. */
export const cloudUrl = 'https://khien.example';

/** The real cloud, on the cloud's host of a virtual home, with its data in a folder that outlives its process. */
export class CloudSystem {
  readonly folder: string;
  readonly #home: VirtualHome;
  #process: RunningProcess | undefined;

  constructor(home: VirtualHome, folder: string) {
    this.#home = home;
    this.folder = folder;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    this.#process = this.#home.cloud.node(bundle, [], {
      name: 'cloud',
      env: {
        KHIEN_DATA: this.folder,
        KHIEN_PUBLIC_URL: cloudUrl,
        KHIEN_HTTP_LISTEN: '[::]:443',
        KHIEN_HTTP_TLS: 'embedded',
        KHIEN_MQTT_LISTEN: '[::]:8883',
        KHIEN_MQTT_URL: 'mqtts://khien.example:8883',
      },
    });
    await this.process.ready(
      'the cloud answers',
      async () => {
        const answer = await request(this.#home.cloud, `${cloudUrl}/healthz`);
        return answer.reached && answer.status === 200;
      },
      START_MS,
    );
  }

  get process(): RunningProcess {
    if (this.#process === undefined) throw new Error('the cloud was not started');
    return this.#process;
  }

  /** PEM of the CA that signs what the cloud serves. */
  get authority(): string {
    return join(this.folder, 'authority.pem');
  }

  /** Publishes a compiled list, as an operator does, whether the cloud runs or not. */
  async publishList(file: string): Promise<void> {
    const command = this.#home.cloud.node(bundle, ['lists', 'publish', file], {
      name: 'publish',
      env: { KHIEN_DATA: this.folder },
    });
    if ((await command.exited) !== 0) throw new Error(`the list could not be published: ${command.log()}`);
  }

  /** As a power cut does it. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  async stop(): Promise<void> {
    await this.process.stop(5000);
  }

  /** What it has printed. */
  log(): string {
    return readFileSync(this.process.logFile, 'utf8');
  }
}
