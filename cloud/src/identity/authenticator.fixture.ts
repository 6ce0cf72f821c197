import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a test may have the authenticator, or the browser around it, do differently. */
export interface Behaviour {
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  /** Instead of the next one. */
  readonly counter?: number;
  readonly challenge?: string;
  readonly userHandle?: string;
}

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

type Cbor = number | string | Buffer | ReadonlyMap<Cbor, Cbor>;

/** RFC 8949, as far as authenticators need it. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, item]) => [cbor(key), cbor(item)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** An authenticator in software, with one ES256 credential, in a browser at `origin` (WebAuthn Level 3 §6). */
export class Authenticator {
  readonly id = randomBytes(32).toString('base64url');
  readonly #origin: string;
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #counts: boolean;
  #userHandle = '';
  #counter = 0;

  /** @param counts whether it counts its uses, as security keys do and phones do not */
  constructor(origin = 'https://khien.test', counts = true) {
    this.#origin = origin;
    this.#counts = counts;
  }

  /** What `navigator.credentials.create` gives, as JSON. */
  create(options: CreationOptions, behaviour: Behaviour = {}) {
    this.#userHandle = options.user.id;
    const data = this.#clientData('webauthn.create', options.challenge, behaviour);
    const id = Buffer.from(this.id, 'base64url');
    const attested = Buffer.concat([
      Buffer.alloc(16),
      Buffer.from([0, id.length]),
      id,
      coseKey(this.#pair.publicKey),
    ]);
    const authData = this.#authenticatorData(behaviour.rpId ?? options.rp.id, behaviour, attested);
    const attestation = new Map<Cbor, Cbor>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    return {
      ...this.#credential(),
      response: {
        clientDataJSON: data.toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** What `navigator.credentials.get` gives, as JSON. */
  get(options: RequestOptions, behaviour: Behaviour = {}) {
    const data = this.#clientData('webauthn.get', options.challenge, behaviour);
    const authData = this.#authenticatorData(behaviour.rpId ?? options.rpId, behaviour);
    const signature = sign('sha256', Buffer.concat([authData, sha256(data)]), this.#pair.privateKey);
    return {
      ...this.#credential(),
      response: {
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: behaviour.userHandle ?? this.#userHandle,
      },
    };
  }

  #credential() {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {} };
  }

  #clientData(type: string, challenge: string, behaviour: Behaviour): Buffer {
    const origin = behaviour.origin ?? this.#origin;
    return Buffer.from(
      JSON.stringify({ type, challenge: behaviour.challenge ?? challenge, origin, crossOrigin: false }),
    );
  }

  #authenticatorData(rpId: string, behaviour: Behaviour, attested?: Buffer): Buffer {
    const { userVerified = true, userPresent = true } = behaviour;
    const flags = (userPresent ? 1 : 0) | (userVerified ? 4 : 0) | (attested === undefined ? 0 : 64);
    if (this.#counts) this.#counter += 1;
    const rest = Buffer.alloc(5);
    rest.writeUInt8(flags, 0);
    rest.writeUInt32BE(behaviour.counter ?? this.#counter, 1);
    return Buffer.concat([sha256(rpId), rest, attested ?? Buffer.alloc(0)]);
  }
}

/** COSE_Key of an ES256 key, RFC 9053 §7.1.1. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return cbor(
    new Map<Cbor, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );
}
