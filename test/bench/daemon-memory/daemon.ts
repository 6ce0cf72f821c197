import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askDaemon } from '../../../daemon/src/control/ask.ts';
import { controlPath } from '../../../daemon/src/control/control-socket.ts';
import { type Status, statusSchema } from '../../../daemon/src/status.ts';
import { eventually, type RunningProcess, type VirtualHome } from '../../home/index.ts';
import { type CloudSystem, cloudUrl } from '../../system/cloud.ts';
import { nodeEnvironment, nodeFlags } from '../../system/router.ts';

const bundle = fileURLToPath(new URL('../../../daemon/dist/khiend.cjs', import.meta.url));

/** The bundled daemon on the router, with a list of the bench's choice. */
export class MeasuredDaemon {
  readonly process: RunningProcess;
  readonly #runFolder: string;

  private constructor(process: RunningProcess, runFolder: string) {
    this.process = process;
    this.#runFolder = runFolder;
  }

  /**
   * Resolves when it answers. A daemon of before, in the same folder, is gone on with.
   *
   * @param list a compiled list; the daemon's own where absent
   */
  static async start(
    home: VirtualHome,
    cloud: CloudSystem,
    folder: string,
    list?: string,
  ): Promise<MeasuredDaemon> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'config.json');
    const runFolder = join(folder, 'run');
    const config = {
      cloud: { url: cloudUrl, authority: cloud.authority, longestBackOff: 2 },
      stateFolder: join(folder, 'state'),
      runFolder,
      dhcpLeases: home.router.dnsmasq.leaseFile,
      timeSynchronised: file,
      ...(list === undefined ? {} : { list }),
    };
    await writeFile(file, JSON.stringify(config));
    const args = [...nodeFlags, bundle, 'run', '--config', file];
    const process_ = home.router.spawn(process.execPath, args, { name: 'khiend', env: nodeEnvironment });
    const daemon = new MeasuredDaemon(process_, runFolder);
    await process_.ready('khiend answers', async () => (await daemon.status()).pid === process_.pid);
    return daemon;
  }

  async status(): Promise<Status> {
    return statusSchema.parse(await askDaemon(controlPath(this.#runFolder), { ask: 'status' }));
  }

  /** Resolves with the status once it is as wanted. */
  reach(description: string, wanted: (status: Status) => boolean): Promise<Status> {
    return eventually(
      description,
      async () => {
        const status = await this.status();
        return wanted(status) ? status : null;
      },
      30_000,
    );
  }
}
