import type { ComponentChildren, ComponentType } from 'preact';
import type { Role } from '../api/contract.ts';
import { useStore } from '../api/store.ts';
import { ButtonLink } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useHome } from '../household/context.ts';
import { useTexts } from '../language/language.ts';
import { useApp } from './context.ts';
import { Page } from './page.tsx';
import './role.css';

/** What whoever is signed in may do in this household. */
export function useRole(): Role {
  const { session } = useApp();
  const state = useStore(session);
  const { id } = useHome();
  const households = state.kind === 'signed-in' ? state.account.households : [];
  return households.find((household) => household.id === id)?.role ?? 'viewer';
}

/** What viewers can read, and can press none of. The server decides; this only says so beforehand. */
export function CarersOnly({ children }: { children: ComponentChildren }) {
  return useRole() === 'viewer' ? (
    <fieldset class="look-only" disabled>
      {children}
    </fieldset>
  ) : (
    children
  );
}

/** A page that is for carers and owners to use. */
export function forCarers<P extends object>(Content: ComponentType<P>): ComponentType<P> {
  return function ForCarers(props: P) {
    const { sharing } = useTexts();
    return (
      <>
        {useRole() === 'viewer' && (
          <div class="look-only__reason">
            <Notice tone="info" icon="eye" title={sharing.lookOnly}>
              {sharing.lookOnlyText}
            </Notice>
          </div>
        )}
        <CarersOnly>
          <Content {...props} />
        </CarersOnly>
      </>
    );
  };
}

/** A page that is for owners alone. */
export function forOwners<P extends object>(Content: ComponentType<P>): ComponentType<P> {
  return function ForOwners(props: P) {
    const { sharing, settings, members } = useTexts();
    if (useRole() === 'owner') return <Content {...props} />;
    return (
      <Page
        title={sharing.forOwnersTitle}
        back={{ href: '/settings', name: settings.title }}
        intro={sharing.forOwnersText}
      >
        <ButtonLink icon="people" href="/people">
          {members.title}
        </ButtonLink>
      </Page>
    );
  };
}
