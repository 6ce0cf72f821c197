import { Icon } from '../design/icon.tsx';
import { useTexts } from '../language/language.ts';
import './help-link.css';

/** Leads to help, which needs nobody's account and no connection, from wherever there is no menu. */
export function HelpLink() {
  const { home } = useTexts();
  return (
    <a class="help-link" href="/contacts">
      <Icon name="phone" size={20} />
      {home.help}
    </a>
  );
}
