import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH (linux/fs/ext4): from now on nothing reaches the disk, the journal neither. */
const POWER_CUT = `
import fcntl, os, struct, sys
folder = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(folder, 0x8004587D, struct.pack('I', 2))
`;

/**
 * A small flash of its own, an ext4 on a loop device, from which power can be cut: what the file system has not brought to
 * its disk is lost then, as its journal says. What the disk itself has cached and lost is not played.
 */
export class Flash {
  /** Where it is mounted. Shared with programs on hosts of a home that was started later. */
  readonly folder: string;
  readonly #base: string;
  readonly #image: string;
  #device = '';

  /** @param megabytes its size, 4 at least */
  constructor(megabytes: number) {
    this.#base = mkdtempSync(join(tmpdir(), 'khien-flash-'));
    run('mount', '-t', 'tmpfs', 'tmpfs', this.#base);
    // Programs on hosts have mounts of their own, which follow only those that are shared.
    run('mount', '--make-shared', this.#base);
    this.folder = join(this.#base, 'mounted');
    this.#image = join(this.#base, 'image');
    mkdirSync(this.folder);
    closeSync(openSync(this.#image, 'w'));
    truncateSync(this.#image, megabytes << 20);
    run('mkfs.ext4', '-q', '-F', '-m', '0', '-N', '512', this.#image);
    this.#mount();
  }

  /** Nothing more is written from this moment, whoever writes it. End what has files open, then `restorePower`. */
  cutPower(): void {
    run('python3', '-c', POWER_CUT, this.folder);
  }

  /** Mounts it again, as a boot does: the journal is replayed. */
  restorePower(): void {
    run('umount', this.folder);
    this.#mount();
  }

  /** Bytes that the file system has written to its disk since it was mounted, its journal and inodes among them. */
  get bytesWritten(): number {
    this.sync();
    const fields = readFileSync(`/sys/block/${this.#device}/stat`, 'utf8').trim().split(/\s+/);
    // The seventh field, in sectors of 512 bytes (Documentation/block/stat.rst).
    return Number(fields[6]) * 512 - this.#writtenBefore;
  }
  #writtenBefore = 0;

  /** Writes what is only in the page cache, as the kernel does by itself after half a minute. */
  sync(): void {
    run('sync', '--file-system', this.folder);
  }

  /** Leaves no room for anything. The result makes room again. */
  fill(): () => void {
    const path = join(this.folder, 'something-large');
    const file = openSync(path, 'w');
    for (const size of [1 << 16, 1 << 10, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
    closeSync(file);
    return () => rmSync(path);
  }

  remove(): void {
    run('umount', this.folder);
    run('umount', this.#base);
    rmSync(this.#base, { recursive: true });
  }

  #mount(): void {
    run('mount', '-o', 'loop', this.#image, this.folder);
    const source = execFileSync('findmnt', ['-n', '-o', 'SOURCE', this.folder], { encoding: 'utf8' });
    this.#device = basename(source.trim());
    this.#writtenBefore = 0;
    this.#writtenBefore = this.bytesWritten;
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
