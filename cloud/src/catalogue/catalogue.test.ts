import { catalogue } from '@khien/shared/catalogue';
import { expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { contactListSchema } from '../contacts/schema.ts';
import { catalogueViewSchema } from './schema.ts';

test('everybody can see what can be blocked and whom to turn to', async () => {
  const cloud = await TestCloud.start();
  const response = await cloud.app.inject({ url: '/api/v1/catalogue' });
  const view = catalogueViewSchema.parse(response.json());
  expect(view.services.map(({ id }) => id)).toEqual(catalogue.services.map(({ id }) => id));
  expect(view.categories.find(({ id }) => id === 'adult')).toMatchObject({ hasList: true });
  expect(view.categories.find(({ id }) => id === 'self-harm')).toMatchObject({ hasList: false });
  expect(view.services.find(({ id }) => id === 'facebook')?.note?.vi).toContain('Messenger');
  expect(response.headers['cache-control']).toBe('public, max-age=3600');

  const contacts = contactListSchema.parse(
    (await cloud.app.inject({ url: '/api/v1/contacts' })).json(),
  ).contacts;
  expect(contacts.find(({ phone }) => phone === '111')).toMatchObject({ region: null });
  expect(contacts.filter(({ kind }) => kind === 'calling')).toEqual([]);
  await cloud.stop();
});
