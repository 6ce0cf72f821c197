import { useLocation } from 'preact-iso';
import { HelpLink } from '../../app/help-link.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { useLanguage, useTexts } from '../../language/language.ts';
import { Brand } from './brand.tsx';
import { Join } from './join.tsx';
import { Recover } from './recover.tsx';
import { SignIn } from './sign-in.tsx';
import { SignUp } from './sign-up.tsx';
import './account.css';

/** What there is before a parent is signed in. Any other address stays as it is, so that it opens after signing in. */
export function AccountPages() {
  const { path } = useLocation();
  const texts = useTexts();
  const { language, choose } = useLanguage();
  return (
    <main class="account">
      <Brand />
      <Form path={path} />
      <footer class="account__foot">
        <p class="small muted">{texts.account.privacy}</p>
        <HelpLink />
        <ChoiceChips
          legend={texts.account.languageOfApp}
          hideLegend
          value={language}
          onChoose={choose}
          options={[
            { value: 'vi', label: texts.settings.vietnamese },
            { value: 'en', label: texts.settings.english },
          ]}
        />
      </footer>
    </main>
  );
}

function Form({ path }: { path: string }) {
  switch (path) {
    case '/sign-up':
      return <SignUp />;
    case '/recover':
      return <Recover />;
    case '/join':
      return <Join />;
    default:
      return <SignIn />;
  }
}
