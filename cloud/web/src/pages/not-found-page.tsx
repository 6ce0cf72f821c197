import { Page } from '../app/page.tsx';
import { ButtonLink } from '../design/button.tsx';
import { useTexts } from '../language/language.ts';

export function NotFoundPage() {
  const texts = useTexts();
  return (
    <Page title={texts.app.notFound} intro={texts.app.notFoundText}>
      <ButtonLink tone="primary" href="/">
        {texts.app.toHome}
      </ButtonLink>
    </Page>
  );
}
