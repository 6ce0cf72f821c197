export * from './contact.ts';
export * from './contacts-document.ts';
export * from './default-contacts.ts';
