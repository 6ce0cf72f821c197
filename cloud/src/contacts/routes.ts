import { defaultContacts } from '@khien/shared/contact';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { problems } from '../http/problem.ts';
import { type ContactList, contactListSchema } from './schema.ts';

const ONE_HOUR = 'public, max-age=3600';

/** `calling` keeps Wi-Fi calling alive; there is nobody behind it to turn to. */
const view: ContactList = { contacts: defaultContacts.filter((contact) => contact.kind !== 'calling') };

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get(
    '/contacts',
    {
      config: { right: 'public', etag: true },
      schema: {
        summary: 'Hotlines and counsellors',
        tags: ['contacts'],
        response: { 200: contactListSchema, ...problems },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', ONE_HOUR);
      return view;
    },
  );
  done();
};

/** Hotlines and counsellors. For everybody, signed in or not. */
export const contactsPlugin = fp(routes, { name: 'contacts' });
