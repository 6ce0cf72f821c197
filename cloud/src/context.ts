import type { Instant } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { Changes } from './changes.ts';
import type { Documents, Enrolment } from './ports.ts';
import type { Store } from './store/open.ts';
import { ZoneClock } from './zone/clock.ts';

/** What every feature may use. */
export interface Context {
  readonly store: Store;
  readonly changes: Changes;
  readonly documents: Documents;
  readonly enrolment: Enrolment;
  /** The one clock. */
  readonly now: () => Instant;
  /** Where parents reach the cloud; https or http, and no path. */
  readonly publicUrl: URL;
}

declare module 'fastify' {
  interface FastifyInstance {
    cloud: Context & { readonly zones: ZoneClock };
  }
}

export const contextPlugin = fp<Context>(
  (app, context, done) => {
    app.decorate('cloud', { ...context, zones: new ZoneClock() });
    done();
  },
  { name: 'context' },
);
