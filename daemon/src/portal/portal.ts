import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { EventOf } from '@khien/shared/event';
import type { Mac } from '@khien/shared/id';
import type { Used } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import type { LanSideSource } from '../devices/lan-side.ts';
import { Admission } from '../dns/admission.ts';
import { AskerLookup } from '../dns/asker-lookup.ts';
import { isLanSide } from '../dns/tcp-listener.ts';
import { PORTAL_ADDRESS, PORTAL_NAME, PORTAL_PORT } from '../layout.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import { assets } from './assets/index.ts';
import { CAPTIVE_API, type CaptiveState, childCaptiveState } from './captive-api.ts';
import { childStatus } from './child-status.ts';
import { type ErrorCode, isLanguage, type Language, languages, preferredLanguage } from './language/index.ts';
import { childPage } from './page/child-page.ts';
import { errorPage } from './page/error-page.ts';
import { guestPage } from './page/guest-page.ts';
import type { Sent } from './page/notice.ts';
import { readBody } from './read-body.ts';
import { replyAsset, replyCaptiveState, replyElsewhere, replyPage, replyRedirect } from './reply.ts';
import { RequestDesk } from './request-desk.ts';
import { type RequestForm, readRequestForm } from './request-form.ts';
import { isOwnHost, isSameSite } from './same-site.ts';
import { shownRequests } from './shown-requests.ts';

export interface PortalOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly devices: LanDevices;
  readonly side: LanSideSource;
  readonly inForce: () => InForce;
  readonly used: Used;
  /** Stores a child's request; resolves when it cannot be lost any more. */
  readonly submit: (event: EventOf<'request'>) => Promise<void>;
  /** Whether the cloud is connected, so that a request reaches the parents at once. */
  readonly connected: () => boolean;
  /** The code by which a parent claims this router; null once it is claimed. */
  readonly claimCode: () => string | null;
  /** Whether the cloud knows the router, and no parent has claimed it yet. */
  readonly waiting: () => boolean;
  /** Where parents manage the home, https://… */
  readonly parentsUrl: string;
  /** That of the layout unless told. */
  readonly port?: number;
}

const MAX_BODY = 4096;

const STATUS: Readonly<Record<ErrorCode, number>> = {
  TIME_PENDING: 409,
  TIME_TOO_OFTEN: 429,
  TIME_NOT_LIMITED: 409,
  TIME_NOT_SPENT: 409,
  TEXT_TOO_LONG: 422,
  FORM_INVALID: 422,
  NOT_STORED: 503,
  NOT_MANAGED: 403,
  CROSS_SITE: 403,
  BODY_TOO_LARGE: 413,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  UNEXPECTED: 500,
};

interface Outcome {
  readonly sent: Sent | null;
  readonly error: ErrorCode | null;
  readonly typed: RequestForm | null;
}

const NOTHING_DONE: Outcome = { sent: null, error: null, typed: null };

/** The child's page, served by the router itself: works without the cloud and without the Internet. */
export class Portal implements Part {
  readonly name = 'portal';
  readonly #options: PortalOptions;
  readonly #desk: RequestDesk;
  readonly #askers: AskerLookup;
  readonly #connections = new Admission({ total: 128, perDevice: 12 });
  #server: Server | undefined;

  constructor(options: PortalOptions) {
    this.#options = options;
    this.#desk = new RequestDesk(options);
    this.#askers = new AskerLookup(options.devices, options.clock);
  }

  async start(): Promise<void> {
    const server = createServer(
      {
        maxHeaderSize: 8192,
        headersTimeout: 5000,
        requestTimeout: 10_000,
        keepAliveTimeout: 5000,
        connectionsCheckingInterval: 2000,
      },
      (request, response) => this.#serve(request, response),
    );
    server.maxHeadersCount = 64;
    server.on('connection', (socket) => this.#admit(socket));
    server.on('error', (error) => this.#options.log.error('the portal cannot listen', error));
    this.#server = server;
    this.#askers.start();
    // Without a host: dual stack where the kernel has IPv6.
    server.listen(this.#options.port ?? PORTAL_PORT);
    await once(server, 'listening');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#askers.stop();
    if (server === undefined) return;
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    server.closeAllConnections();
    await closed;
  }

  #admit(socket: Socket): void {
    const from = socket.remoteAddress ?? '';
    const device = this.#askers.known(from) ?? from;
    if (!isLanSide(this.#options.side, socket) || !this.#connections.enter(device)) {
      socket.destroy();
      return;
    }
    socket.on('close', () => this.#connections.leave(device));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { side, log } = this.#options;
    const own = isOwnHost(request.headers.host, side.current().addresses);
    const answered = own ? this.#route(request, response) : this.#lead(request, response);
    answered.catch((error: unknown) => {
      // The child went away in the middle.
      if (request.socket.destroyed) return;
      log.error('the portal failed', error);
      if (response.headersSent) response.destroy();
      else this.#fail(request, response, 'UNEXPECTED');
    });
  }

  /** What was meant for another site. */
  async #lead(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    await this.#recognise(request);
    replyElsewhere(response, request.method, this.#ownUrl(request));
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Not against a base: `//name/` would be another site's root.
    const url = new URL(`http://${PORTAL_NAME}${request.url?.startsWith('/') ? request.url : '/*'}`);
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const asset = assets.get(url.pathname);
    if (asset !== undefined && reading) return replyAsset(response, asset);
    await this.#recognise(request);
    if (url.pathname === '/request' && request.method === 'POST') return await this.#take(request, response);
    if (url.pathname === '/request' && reading) return replyRedirect(response, '/');
    if (url.pathname === CAPTIVE_API && reading)
      return replyCaptiveState(response, this.#captiveState(request));
    if (url.pathname !== '/') return this.#fail(request, response, 'NOT_FOUND');
    if (!reading) return this.#fail(request, response, 'METHOD_NOT_ALLOWED');
    const language = url.searchParams.get('lang');
    if (isLanguage(language)) return replyRedirect(response, '/', languageCookie(language));
    this.#show(request, response, {
      ...NOTHING_DONE,
      sent: this.#sent(request, url.searchParams.get('sent')),
    });
  }

  /** A form that was sent. */
  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isSameSite(request.headers)) return this.#fail(request, response, 'CROSS_SITE');
    const body = await readBody(request, MAX_BODY);
    if (body === undefined) {
      response.setHeader('Connection', 'close');
      return this.#fail(request, response, 'BODY_TOO_LARGE');
    }
    const inForce = this.#options.inForce();
    const child = this.#childAt(request, inForce);
    if (child === undefined) return this.#fail(request, response, 'NOT_MANAGED');
    const read = readRequestForm(body);
    if ('error' in read)
      return this.#show(request, response, { sent: null, typed: read.typed, error: read.error });
    const { form } = read;
    const filing = await this.#desk.file(form, child, inForce);
    switch (filing.outcome) {
      case 'filed':
        return replyRedirect(response, `/?sent=${form.ask}`);
      case 'merged':
        return replyRedirect(response, '/?sent=merged');
      case 'refused':
        return this.#show(request, response, { sent: null, error: filing.error, typed: form });
      case 'failed':
        return this.#show(request, response, { sent: null, error: 'NOT_STORED', typed: form });
    }
  }

  #show(request: IncomingMessage, response: ServerResponse, outcome: Outcome): void {
    const { clock, inForce, used, connected, claimCode, waiting, parentsUrl } = this.#options;
    const { policy, contacts } = inForce();
    const texts = languages[this.#language(request)];
    const child = this.#childAt(request, inForce());
    const now = clock.now();
    const page =
      child === undefined
        ? guestPage(texts, {
            contacts,
            mac: this.#macAt(request),
            quarantined: this.#isQuarantined(request),
            claimCode: claimCode(),
            waiting: waiting(),
            parentsUrl,
          })
        : childPage(texts, {
            child,
            policy,
            used,
            contacts,
            requests: shownRequests(child.profile.id, this.#desk.of(child.profile.id), policy.answers, now),
            pending: this.#desk.pendingTime(child.profile.id, policy.answers),
            connected: connected(),
            now,
            ...outcome,
          });
    replyPage(response, outcome.error === null ? 200 : STATUS[outcome.error], page, texts.code);
  }

  #captiveState(request: IncomingMessage): CaptiveState {
    const { clock, inForce, used } = this.#options;
    const page = this.#ownUrl(request);
    const child = this.#childAt(request, inForce());
    if (child === undefined) return { captive: this.#isQuarantined(request), 'user-portal-url': page };
    const now = clock.now();
    return childCaptiveState(page, childStatus(child, { ...inForce().policy, used }, now), now);
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: ErrorCode): void {
    const texts = languages[this.#language(request)];
    replyPage(response, STATUS[error], errorPage(texts, error, this.#options.inForce().contacts), texts.code);
  }

  /** Where this page is for who asks: a device that nobody manages may not resolve names here, but is led from the address. */
  #ownUrl(request: IncomingMessage): string {
    const child = this.#childAt(request, this.#options.inForce());
    return `http://${child === undefined ? PORTAL_ADDRESS : PORTAL_NAME}/`;
  }

  /** A device that has just joined may be known to the kernel a moment sooner than to us. */
  async #recognise(request: IncomingMessage): Promise<void> {
    if (this.#macAt(request) === undefined) await this.#askers.await(request.socket.remoteAddress ?? '');
  }

  #macAt(request: IncomingMessage): Mac | undefined {
    return this.#askers.known(request.socket.remoteAddress ?? '');
  }

  #childAt(request: IncomingMessage, inForce: InForce) {
    const mac = this.#macAt(request);
    return mac === undefined ? undefined : inForce.managed(mac);
  }

  /** New here, where the household keeps those off until a parent has looked at them. */
  #isQuarantined(request: IncomingMessage): boolean {
    const mac = this.#macAt(request);
    return mac !== undefined && this.#options.inForce().isQuarantined(mac);
  }

  /** What the child is told to have sent, where it did: a link alone proves nothing. */
  #sent(request: IncomingMessage, text: string | null): Sent | null {
    if (text !== 'time' && text !== 'help' && text !== 'merged') return null;
    const child = this.#childAt(request, this.#options.inForce());
    const ask = text === 'time' ? 'time' : 'help';
    return child !== undefined && this.#desk.filedLately(child.device.id, ask) ? text : null;
  }

  /** What the child chose, else what the device speaks, else the household's. */
  #language(request: IncomingMessage): Language {
    const chosen = /(?:^|;\s*)lang=(vi|en)(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
    if (isLanguage(chosen)) return chosen;
    return (
      preferredLanguage(request.headers['accept-language'] ?? '') ?? this.#options.inForce().policy.language
    );
  }
}

function languageCookie(language: Language): string {
  return `lang=${language}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`;
}
