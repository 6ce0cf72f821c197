import { KhienError } from './error.ts';

/** MQTT 3.1.1 §2.2.3: the remaining length takes one to four bytes. */
const MAX_LENGTH_BYTES = 4;
/** §2.2.1: the only type of packet whose size is for the application to say. */
const PUBLISH = 3;

/**
 * Follows the packet boundaries of an MQTT byte stream (MQTT 3.1.1 §2.2) without keeping any of it. The parsers of
 * broker and client collect up to 256 MB for a packet that says it is that long; this stops such a packet at its header.
 */
export class MqttFrames {
  readonly #largest: number;
  readonly #largestControl: number;
  #first = true;
  /** Of the packet whose header is being read. */
  #most = 0;
  #inLength = false;
  #length = 0;
  #lengthBytes = 0;
  #left = 0;

  /**
   * @param largest bytes after the fixed header that a PUBLISH may have
   * @param largestControl the same for all others, and for the first packet, which comes before the sender is known
   */
  constructor(largest: number, largestControl: number) {
    this.#largest = largest;
    this.#largestControl = largestControl;
  }

  /**
   * Takes the next bytes.
   *
   * @returns how many packets begin in them
   * @throws KhienError `MESSAGE_TOO_LARGE`, `MESSAGE_MALFORMED`; the stream is of no use after that
   */
  take(bytes: Uint8Array): number {
    let begun = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
      } else if (this.#inLength) {
        this.#takeLength(bytes[at] ?? 0);
        at += 1;
      } else {
        begun += 1;
        this.#begin((bytes[at] ?? 0) >> 4);
        at += 1;
      }
    }
    return begun;
  }

  #begin(type: number): void {
    this.#most = type === PUBLISH && !this.#first ? this.#largest : this.#largestControl;
    this.#inLength = true;
    this.#length = 0;
    this.#lengthBytes = 0;
  }

  #takeLength(byte: number): void {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (this.#length > this.#most) {
      throw new KhienError(
        'MESSAGE_TOO_LARGE',
        `an MQTT packet of ${this.#length} bytes or more, ${this.#most} are allowed`,
      );
    }
    if ((byte & 0x80) === 0) {
      this.#left = this.#length;
      this.#inLength = false;
      this.#first = false;
    } else if (this.#lengthBytes === MAX_LENGTH_BYTES) {
      throw new KhienError('MESSAGE_MALFORMED', 'the length of an MQTT packet does not end');
    }
  }
}
