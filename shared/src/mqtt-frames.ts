import { KhienError } from './error.ts';

/** MQTT 3.1.1 §2.2.3: the remaining length takes one to four bytes. */
const MAX_LENGTH_BYTES = 4;

/**
 * Follows the packet boundaries of an MQTT byte stream (MQTT 3.1.1 §2.2) without keeping any of it. The parsers of
 * broker and client collect up to 256 MB for a packet that says it is that long; this stops such a packet at its header.
 */
export class MqttFrames {
  readonly #largest: number;
  readonly #largestFirst: number;
  #first = true;
  #inLength = false;
  #length = 0;
  #lengthBytes = 0;
  #left = 0;

  /**
   * @param largest bytes after the fixed header that a packet may have
   * @param largestFirst the same for the first packet, which comes before the sender is known
   */
  constructor(largest: number, largestFirst: number) {
    this.#largest = largest;
    this.#largestFirst = largestFirst;
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
        this.#inLength = true;
        this.#length = 0;
        this.#lengthBytes = 0;
        at += 1;
      }
    }
    return begun;
  }

  #takeLength(byte: number): void {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    const most = this.#first ? this.#largestFirst : this.#largest;
    if (this.#length > most) {
      throw new KhienError(
        'MESSAGE_TOO_LARGE',
        `an MQTT packet of ${this.#length} bytes or more, ${most} are allowed`,
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
