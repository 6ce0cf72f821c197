import { Duplex } from 'node:stream';
import { MqttFrames } from '@khien/shared/mqtt-frames';
import { type Rate, TokenBucket } from './token-bucket.ts';

export interface StreamLimits {
  /** Bytes of one PUBLISH after its fixed header, and of any other packet: thousands of topics in one SUBSCRIBE cost a second. */
  readonly packet: number;
  readonly control: number;
  readonly packets: Rate;
  readonly bytes: Rate;
}

/**
 * A connection as the broker sees it, held to limits. A peer that sends too much is not read from for a while, so that TCP
 * slows it down and nothing piles up here; one that breaks the size limit is cut off (`MESSAGE_TOO_LARGE`).
 */
export class MeteredStream extends Duplex {
  readonly #socket: Duplex;
  readonly #frames: MqttFrames;
  readonly #packets: TokenBucket;
  readonly #bytes: TokenBucket;
  #resumeTimer: NodeJS.Timeout | undefined;
  #held = false;

  constructor(socket: Duplex, limits: StreamLimits) {
    super();
    this.#socket = socket;
    this.#frames = new MqttFrames(limits.packet, limits.control);
    const now = performance.now();
    this.#packets = new TokenBucket(limits.packets, now);
    this.#bytes = new TokenBucket(limits.bytes, now);
    socket.pause();
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Reads no more from the peer; what is to be written still goes out. */
  hold(): void {
    this.#held = true;
    this.#socket.pause();
  }

  override _read(): void {
    if (this.#resumeTimer === undefined && !this.#held) this.#socket.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    // The broker writes a packet in small pieces; together they are one TLS record.
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#resumeTimer);
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    let begun: number;
    try {
      begun = this.#frames.take(chunk);
    } catch (error) {
      this.destroy(error instanceof Error ? error : undefined);
      return;
    }
    const more = this.push(chunk);
    const now = performance.now();
    const wait = Math.max(this.#packets.take(begun, now), this.#bytes.take(chunk.length, now));
    if (wait > 0) {
      this.#socket.pause();
      this.#resumeTimer ??= setTimeout(() => {
        this.#resumeTimer = undefined;
        this._read();
      }, wait);
    } else if (!more) {
      this.#socket.pause();
    }
  }
}
