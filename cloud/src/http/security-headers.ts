import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';

/** Own files only, nobody's frame, no inline script: an injected text stays a text. */
export const securityHeadersPlugin = fp(
  async (app) => {
    const overTls = app.cloud.publicUrl.protocol === 'https:';
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          ...(overTls ? { upgradeInsecureRequests: [] } : {}),
        },
      },
      strictTransportSecurity: overTls ? { maxAge: 365 * 24 * 3600, includeSubDomains: false } : false,
      xFrameOptions: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
    });
  },
  { name: 'security-headers', dependencies: ['context'] },
);
