import { type Contact, defaultContacts } from '../../api/contract.ts';

/** Who people can turn to; what only keeps Wi-Fi calling open is not for people to read. */
const shown = defaultContacts.filter((contact) => contact.kind !== 'calling');

/** Numbers for when there is no time to choose: the child hotline first, then police and ambulance. */
export const urgentContacts: readonly Contact[] = shown
  .filter(({ phone }) => phone === '111' || phone === '113' || phone === '115')
  .sort((a, b) => Number(a.phone) - Number(b.phone));

const of = (kind: Contact['kind']) =>
  shown.filter((contact) => contact.kind === kind && contact.region === null);

export const contactGroups: readonly {
  readonly name: 'national' | 'emergency' | 'counselling' | 'regional';
  readonly contacts: readonly Contact[];
}[] = [
  { name: 'national', contacts: of('hotline') },
  { name: 'emergency', contacts: of('emergency') },
  { name: 'counselling', contacts: of('counselling') },
  { name: 'regional', contacts: shown.filter(({ region }) => region !== null) },
];
