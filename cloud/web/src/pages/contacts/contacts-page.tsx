import type { Contact } from '../../api/contract.ts';
import { Page, Section } from '../../app/page.tsx';
import { Icon } from '../../design/icon.tsx';
import { useLanguage, useTexts } from '../../language/language.ts';
import { contactGroups } from './contact-list.ts';
import './contacts.css';

/** Where help is. The list is part of the app, so that it is there without any connection. */
export function ContactsPage({ signedIn = true }: { signedIn?: boolean }) {
  const texts = useTexts();
  const back = signedIn
    ? { href: '/settings', name: texts.navigation.settings }
    : { href: '/', name: texts.app.name };
  return (
    <Page title={texts.contacts.title} intro={texts.contacts.intro} back={back}>
      {contactGroups.map((group) => (
        <Section key={group.name} title={texts.contacts[group.name]}>
          <ul class="list card">
            {group.contacts.map((contact) => (
              <ContactRow key={contact.id} contact={contact} />
            ))}
          </ul>
        </Section>
      ))}
    </Page>
  );
}

/** The same where nobody is signed in, or nothing of the home is known. */
export function ContactsAlone() {
  return (
    <main class="shell__page">
      <ContactsPage signedIn={false} />
    </main>
  );
}

function ContactRow({ contact }: { contact: Contact }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const name = contact.name[language];
  return (
    <li class={`contact${contact.phone === '111' ? ' contact--first' : ''}`}>
      <div class="contact__texts">
        <p class="contact__name">{name}</p>
        <p class="small muted">{contact.hours[language]}</p>
        {contact.website !== null && (
          <a
            class="contact__site small"
            href={contact.website}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={texts.contacts.websiteOf(name)}
          >
            {texts.contacts.website}
            <Icon name="external" size={16} />
          </a>
        )}
      </div>
      {contact.phone !== null && (
        <a
          class="contact__call"
          href={`tel:${contact.phone}`}
          aria-label={texts.contacts.callName(contact.phone, name)}
        >
          <Icon name="phone" size={20} />
          {contact.phone}
        </a>
      )}
    </li>
  );
}
