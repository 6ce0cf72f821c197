import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Page } from '../../app/page.tsx';
import { useHome } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { CodeForm } from './code-form.tsx';
import { WaitForRouter } from './wait-for-router.tsx';
import './connect.css';

/** A parent takes a router into the home: its code, then waiting until it is online. */
export function ConnectPage() {
  const texts = useTexts();
  const { query } = useLocation();
  const home = useHome();
  const [known, setKnown] = useState<readonly string[]>();
  const router = known && home.routers.find(({ id }) => !known.includes(id));
  const back =
    home.routers.length === 0 || known !== undefined
      ? { href: '/', name: texts.navigation.home }
      : { href: '/settings', name: texts.navigation.settings };

  return (
    <Page
      title={texts.connect.title}
      back={back}
      intro={known === undefined ? texts.connect.intro : undefined}
    >
      {known === undefined ? (
        <CodeForm proposed={query.code ?? ''} onClaimed={setKnown} />
      ) : (
        <WaitForRouter router={router} />
      )}
    </Page>
  );
}
