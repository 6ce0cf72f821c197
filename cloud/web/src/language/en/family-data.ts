import type { Texts } from '../vi.ts';

/** What is said of all that is kept of a family, and of having it deleted. */
export const familyData: Texts['familyData'] = {
  title: 'The family’s data',
  takeText:
    'One file with all that Khiên keeps of your family: rules, devices, blocked tries, minutes of use.',
  take: 'Download the data',
  taken: 'The data is saved on this device',
  eraseText: 'When the family is deleted, all of its data is gone for good. Everybody keeps their account.',
  erase: 'Delete the family',
  eraseTitle: (name) => `Delete ${name}?`,
  noWayBack: 'There is no way back',
  eraseAll:
    'Rules, devices, children’s requests and all that Khiên recorded are deleted, for everybody in the family.',
  eraseRouters:
    'Routers keep the last rules until they are connected to another family or reset. Download the data before, if you need it.',
  typeName: (name) => `Type its name: ${name}`,
  eraseConfirm: 'Delete for good',
  erased: (name) => `${name} is deleted`,
};
