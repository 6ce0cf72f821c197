import { open, readFile, rename, rm } from 'node:fs/promises';

/** A file that is open for writing, or a folder that is open to be synced. */
export interface OpenFile {
  writeFile(content: string | Uint8Array): Promise<void>;
  /** What was written is on flash when it resolves (fsync). */
  sync(): Promise<void>;
  /** The same of what was written alone, and not of when (fdatasync). */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** What the daemon's files are kept with. Tests give another, which fails and loses power. */
export interface Files {
  /** `r+` writes over what is there, from its beginning. */
  open(path: string, flags: 'r' | 'r+' | 'w', mode?: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  readFile(path: string): Promise<Buffer>;
  /** No error where there is none. */
  remove(path: string): Promise<void>;
}

export const systemFiles: Files = {
  open,
  rename,
  readFile,
  remove: (path) => rm(path, { force: true }),
};
