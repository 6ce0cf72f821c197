import { generateKeyPairSync } from 'node:crypto';
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { signEnrolment } from '@khien/shared/enrolment';
import { type Id, newId } from '@khien/shared/id';
import type { Hello, State } from '@khien/shared/topic';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse, RouteOptions } from 'fastify';
import { buildApp } from './app.ts';
import { Authority } from './authority/authority.ts';
import { type Change, LocalChanges } from './changes.ts';
import { SignedDocuments } from './documents/documents.ts';
import { temporaryStore } from './documents/home.fixture.ts';
import { openDocumentKeys } from './documents/keys.ts';
import { RouterEnrolment } from './enrolment/enrolment.ts';
import { enrolmentRoutes } from './enrolment/routes.ts';
import { type Home, homeSchema } from './households/schema.ts';
import { accountSchema } from './identity/schema.ts';
import { StoreIngest } from './ingest/ingest.ts';
import { manifestOf } from './lists/manifest.ts';
import { listRoutes } from './lists/routes.ts';
import { TableFolder } from './lists/table-folder.ts';
import type { Store } from './store/open.ts';

type Method = NonNullable<InjectOptions['method']>;

/** The whole cloud but the MQTT edge, without any list, over a real store, with a clock that stands still until a test moves it. */
export class TestCloud {
  /** A Monday, 12:00 in Viet Nam: no bedtime of any preset. */
  now = Date.UTC(2026, 5, 1, 5);
  readonly changes = new LocalChanges();
  readonly announced: Change[] = [];
  readonly routes: RouteOptions[] = [];
  /** JSON lines. */
  readonly logged: string[] = [];
  readonly store: Store;
  /** Where the store is. */
  readonly location: string;
  readonly enrolment: RouterEnrolment;
  readonly documents: SignedDocuments;
  readonly ingest: StoreIngest;
  readonly app: FastifyInstance;
  readonly #remove: () => Promise<void>;
  #parents = 0;

  constructor(parts: {
    temporary: Awaited<ReturnType<typeof temporaryStore>>;
    authority: Authority;
    keys: Awaited<ReturnType<typeof openDocumentKeys>>;
    publicUrl: string;
    web: string | undefined;
  }) {
    const { authority, keys } = parts;
    const now = () => this.now;
    this.store = parts.temporary.store;
    this.location = parts.temporary.location;
    this.#remove = parts.temporary.remove;
    const { announce } = this.changes;
    this.changes.announce = (change) => {
      this.announced.push(change);
      announce.call(this.changes, change);
    };
    const lists = () => manifestOf(catalogue, null, []);
    this.documents = new SignedDocuments({
      key: keys.signing,
      catalogue,
      contacts: defaultContacts,
      lists,
      now,
    });
    this.enrolment = new RouterEnrolment({
      store: this.store,
      authority,
      documentKeys: keys.published,
      mqttUrl: 'mqtts://cloud.test:8883',
      verificationUri: parts.publicUrl,
      now,
    });
    this.ingest = new StoreIngest(this.store, this.changes, now);
    const { store, changes, documents, enrolment } = this;
    const publicUrl = new URL(parts.publicUrl);
    this.app = buildApp(
      { store, changes, documents, enrolment, now, publicUrl },
      {
        web: parts.web,
        logger: { level: 'info', base: null, stream: { write: (line) => this.logged.push(line) } },
      },
    );
    this.app.addHook('onRoute', (route) => {
      this.routes.push(route);
    });
    this.app.register(enrolmentRoutes, { enrolment });
    this.app.register(listRoutes, { folder: new TableFolder('/nonexistent') });
  }

  /** @param options `prepare` is called before any route is there, so that a test can add hooks */
  static async start(
    options: { publicUrl?: string; web?: string; prepare?: (app: FastifyInstance) => void } = {},
  ): Promise<TestCloud> {
    const temporary = await temporaryStore();
    const cloud = new TestCloud({
      temporary,
      authority: await Authority.open(temporary.store.db),
      keys: await openDocumentKeys(temporary.store.db),
      publicUrl: options.publicUrl ?? 'https://khien.test',
      web: options.web,
    });
    options.prepare?.(cloud.app);
    await cloud.app.ready();
    return cloud;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.#remove();
  }

  /** A new parent with a household, signed in. */
  async signUp(): Promise<Parent> {
    this.#parents += 1;
    const email = `parent${this.#parents}@example.vn`;
    const response = await this.app.inject({
      method: 'POST',
      url: '/api/v1/account',
      remoteAddress: `192.0.2.${this.#parents}`,
      headers: { 'sec-fetch-site': 'same-origin' },
      payload: {
        email,
        password: 'a long enough password',
        name: 'Lan',
        household: { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh' },
        language: 'vi',
      },
    });
    const account = accountSchema.parse(response.json());
    return new Parent(this.app, cookieOf(response), account.id, email, account.households[0]?.id ?? '');
  }

  /** A router that has gone through enrolment and was claimed by this parent. */
  async claimRouter(parent: Parent): Promise<Id> {
    const response = await parent.post('/routers', { claimCode: await this.showCode() });
    return homeSchema.shape.routers.element.parse(response.json()).id;
  }

  /** A new router asks for a claim code and shows it. */
  async showCode(): Promise<string> {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
    const asked = { publicKey, model: 'Test router', daemon: '0.1.0', at: this.now };
    return (await this.enrolment.open(signEnrolment(asked, pair.privateKey))).user_code;
  }

  /** Takes what a router says that it is like. Throws where it is not taken. */
  async applyState(router: Id, state: State): Promise<void> {
    const [result] = await this.ingest.applyStates([{ router, state }]);
    if (result?.status === 'rejected') throw result.reason;
  }

  /** The same for what it says when it connects. */
  async applyHello(router: Id, hello: Hello): Promise<void> {
    const [result] = await this.ingest.applyHellos([{ router, hello }]);
    if (result?.status === 'rejected') throw result.reason;
  }

  /** A device that the router found on its LAN. Returns the device's id. */
  async findDevice(parent: Parent, router: Id, mac: string, hostname: string | null = null): Promise<Id> {
    const header = { id: newId(), at: this.now, timeSource: 'ntp' } as const;
    await this.ingest.ingest(router, [{ ...header, kind: 'device-found', mac, hostname, fingerprint: null }]);
    const device = (await parent.home()).devices.find(({ macs }) => macs.includes(mac));
    return device?.id ?? '';
  }
}

/** A signed-in browser. Paths are below the household. */
export class Parent {
  readonly cookie: string;
  readonly account: Id;
  readonly email: string;
  readonly household: Id;
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance, cookie: string, account: Id, email: string, household: Id) {
    this.#app = app;
    this.cookie = cookie;
    this.account = account;
    this.email = email;
    this.household = household;
  }

  call(method: Method, url: string, payload?: InjectOptions['payload']): Promise<LightMyRequestResponse> {
    return this.#app.inject({
      method,
      url,
      headers: { cookie: this.cookie, 'sec-fetch-site': 'same-origin' },
      ...(payload === undefined ? {} : { payload }),
    });
  }

  get(path: string) {
    return this.call('GET', this.#at(path));
  }
  post(path: string, body: object) {
    return this.call('POST', this.#at(path), body);
  }
  put(path: string, body: object) {
    return this.call('PUT', this.#at(path), body);
  }
  patch(path: string, body: object) {
    return this.call('PATCH', this.#at(path), body);
  }
  delete(path: string) {
    return this.call('DELETE', this.#at(path));
  }

  async home(): Promise<Home> {
    return homeSchema.parse((await this.get('')).json());
  }

  /** Returns the id of the new child. */
  async addChild(ageBand = '9-11'): Promise<Id> {
    const response = await this.post('/profiles', { name: 'Mai', ageBand });
    return homeSchema.shape.profiles.element.parse(response.json()).id;
  }

  #at(path: string): string {
    return `/api/v1/households/${this.household}${path}`;
  }
}

/** The cookie that a browser would send back. */
export function cookieOf(response: LightMyRequestResponse): string {
  return response.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}
