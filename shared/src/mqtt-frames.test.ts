import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MqttFrames } from './mqtt-frames.ts';

/** A packet whose remaining length is encoded as MQTT 3.1.1 §2.2.3 says. */
function packet(length: number, type = 0x30): Buffer {
  const header = [type];
  let left = length;
  do {
    header.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

test('packets are counted wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 }),
      (lengths, cuts) => {
        const stream = Buffer.concat(lengths.map(packet));
        const frames = new MqttFrames(20_000, 20_000);
        let count = 0;
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const size = cuts[i % cuts.length] ?? 1;
          count += frames.take(stream.subarray(at, at + size));
          at += size;
        }
        expect(count).toBe(lengths.length);
      },
    ),
    { numRuns: 200 },
  );
});

test('a packet that is too large is refused at its header, the first one and those without a payload sooner', () => {
  const code = (bytes: Buffer, frames = new MqttFrames(1000, 100)) => {
    try {
      return frames.take(bytes);
    } catch (error) {
      return error;
    }
  };
  const tooLarge = { code: 'MESSAGE_TOO_LARGE' };
  expect(code(packet(101))).toMatchObject(tooLarge);
  const frames = new MqttFrames(1000, 100);
  expect(code(packet(100), frames)).toBe(1);
  expect(code(packet(1000), frames)).toBe(1);
  expect(code(packet(1001).subarray(0, 3), frames)).toMatchObject(tooLarge);
  const later = new MqttFrames(1000, 100);
  expect(code(Buffer.concat([packet(100, 0x10), packet(1000, 0x3b), packet(100, 0x82)]), later)).toBe(3);
  expect(code(packet(101, 0x82), later)).toMatchObject(tooLarge);
  expect(code(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toMatchObject({ code: 'MESSAGE_MALFORMED' });
});
