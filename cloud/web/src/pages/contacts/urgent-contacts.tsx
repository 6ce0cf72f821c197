import { Icon } from '../../design/icon.tsx';
import { useLanguage, useTexts } from '../../language/language.ts';
import { urgentContacts } from './contact-list.ts';
import './contacts.css';

/** The few numbers that stand next to a call for help. */
export function UrgentContacts() {
  const texts = useTexts();
  const { language } = useLanguage();
  return (
    <ul class="urgent" aria-label={texts.contacts.title}>
      {urgentContacts.map(({ id, phone, name }) => (
        <li key={id}>
          <a
            class="urgent__call"
            href={`tel:${phone}`}
            aria-label={texts.contacts.callName(phone ?? '', name[language])}
          >
            <Icon name="phone" size={16} />
            {phone}
          </a>
        </li>
      ))}
    </ul>
  );
}
