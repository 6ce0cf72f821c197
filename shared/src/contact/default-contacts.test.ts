import { describe, expect, test } from 'vitest';
import { isUnder } from '../name.ts';
import { contactSchema } from './contact.ts';
import { defaultContacts } from './default-contacts.ts';

describe('default contacts', () => {
  test.each([...defaultContacts])('$id fits the schema and can be reached in some way', (contact) => {
    expect(contactSchema.parse(contact)).toEqual(contact);
    expect(contact.phone !== null || contact.website !== null || contact.kind === 'calling').toBe(true);
  });

  test('have ids of their own', () => {
    expect(new Set(defaultContacts.map((contact) => contact.id)).size).toBe(defaultContacts.length);
  });

  test.each(defaultContacts.filter((contact) => contact.website !== null))(
    '$id: its website is among the names that stay open',
    (contact) => {
      const host = new URL(contact.website ?? '').hostname;
      expect(contact.names.some((name) => isUnder(host, name))).toBe(true);
    },
  );

  test('begin with 111, which is for the whole country', () => {
    expect(defaultContacts[0]).toMatchObject({ phone: '111', region: null, kind: 'hotline' });
  });

  test('show Yên Bái its own hotline', () => {
    expect(
      defaultContacts.filter((contact) => contact.region === 'yen-bai').map((contact) => contact.phone),
    ).toEqual(['18001776']);
  });

  test.each([
    ['Viettel', 'epdg.epc.mnc004.mcc452.pub.3gppnetwork.org'],
    ['VinaPhone', 'epdg.epc.mnc002.mcc452.pub.3gppnetwork.org'],
    ['MobiFone', 'sos.epdg.epc.mnc001.mcc452.pub.3gppnetwork.org'],
    ['Vietnamobile', 'xcap.ims.mnc005.mcc452.pub.3gppnetwork.org'],
  ])('keep Wi-Fi calling of %s open: %s', (_, host) => {
    const open = defaultContacts
      .filter((contact) => contact.kind === 'calling')
      .flatMap((contact) => contact.names);
    expect(open.some((name) => isUnder(host, name))).toBe(true);
  });
});

describe('contact schema', () => {
  const [hotline] = defaultContacts;

  test.each([
    ['a script as website', { website: 'javascript:alert(1)' }],
    ['a telephone number with letters', { phone: '111;wait=1' }],
    ['a name that is not DNS', { names: ['https://tongdai111.vn'] }],
    ['an unknown kind', { kind: 'friend' }],
  ])('refuses %s', (_, change) => {
    expect(contactSchema.safeParse({ ...hotline, ...change }).success).toBe(false);
  });
});
