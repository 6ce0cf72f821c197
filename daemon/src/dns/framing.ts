/** A message over TCP with the two octets of length before it (RFC 1035 §4.2.2), to be sent in one write (RFC 7766 §8). */
export function framed(message: Buffer): Buffer {
  const out = Buffer.allocUnsafe(2 + message.length);
  out.writeUInt16BE(message.length, 0);
  message.copy(out, 2);
  return out;
}

/** Cuts a TCP stream into messages. Holds at most one message and what came with its end. */
export class Deframer {
  #chunks: Buffer[] = [];
  #held = 0;
  /** Until so many bytes are held, nothing can be cut off: however they trickle in, they are joined twice only. */
  #needed = 2;

  /** Bytes of a message that has begun and not ended. */
  get held(): number {
    return this.#held;
  }

  /** The messages that `chunk` completes, in order. They may share memory with it. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const messages: Buffer[] = [];
    if (this.#held < this.#needed) return messages;

    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#needed = 2;
    while (bytes.length >= 2) {
      this.#needed = 2 + bytes.readUInt16BE(0);
      if (bytes.length < this.#needed) break;
      messages.push(bytes.subarray(2, this.#needed));
      bytes = bytes.subarray(this.#needed);
      this.#needed = 2;
    }
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#held = bytes.length;
    return messages;
  }
}
