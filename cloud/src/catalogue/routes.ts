import { catalogue, starterLists } from '@khien/shared/catalogue';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { problems } from '../http/problem.ts';
import { type CatalogueView, catalogueViewSchema } from './schema.ts';

/** It changes with a release only. */
const ONE_HOUR = 'public, max-age=3600';

const view: CatalogueView = {
  categories: catalogue.categories.map(({ id, name, description, glyph }) => ({
    id,
    name,
    description,
    glyph,
    hasList: starterLists.some(({ category }) => category === id),
  })),
  services: catalogue.services.map(({ id, name, glyph, category, dependsOn, note }) => ({
    id,
    name,
    glyph,
    category,
    dependsOn: dependsOn ?? [],
    note: note ?? null,
  })),
};

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get(
    '/catalogue',
    {
      config: { right: 'public', etag: true },
      schema: {
        summary: 'What rules can name: categories and services',
        tags: ['catalogue'],
        response: { 200: catalogueViewSchema, ...problems },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', ONE_HOUR);
      return view;
    },
  );
  done();
};

/** Services and categories that rules can name. Nothing secret, so no session is asked for. */
export const cataloguePlugin = fp(routes, { name: 'catalogue' });
