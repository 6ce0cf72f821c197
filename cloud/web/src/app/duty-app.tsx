import { useState } from 'preact/hooks';
import { Route, Router } from 'preact-iso';
import type { DutyKind } from '../api/contract.ts';
import { IconButton } from '../design/button.tsx';
import { useRun } from '../household/context.ts';
import { useTexts } from '../language/language.ts';
import { AdministrationPage } from '../pages/administration/administration-page.tsx';
import { FamiliesPage } from '../pages/families/families-page.tsx';
import { FamilyPage } from '../pages/families/family-page.tsx';
import { FleetPage } from '../pages/fleet/fleet-page.tsx';
import { NotFoundPage } from '../pages/not-found-page.tsx';
import { useApp } from './context.ts';
import { homeOf, useDuties } from './hats.tsx';
import './duty-app.css';

/** What somebody does for others: none of it needs a household of their own. */
export function DutyApp({ here, family }: { here: DutyKind; family: boolean }) {
  return (
    <div class="shell">
      <HatSwitch here={here} family={family} />
      <main class="shell__page duty__page">
        <Router>
          <Route path="/families" component={FamiliesPage} />
          <Route path="/families/:household" component={FamilyPage} />
          <Route path="/fleet" component={FleetPage} />
          <Route path="/administration" component={AdministrationPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </main>
    </div>
  );
}

function HatSwitch({ here, family }: { here: DutyKind; family: boolean }) {
  const { duties: texts, settings } = useTexts();
  const { session } = useApp();
  const duties = useDuties();
  const run = useRun();
  const [leaving, setLeaving] = useState(false);
  const signOut = async () => {
    if (leaving) return;
    setLeaving(true);
    await run(() => session.signOut());
    setLeaving(false);
  };
  return (
    <header class="hats">
      <nav class="hats__list" aria-label={texts.switch}>
        {family && (
          <a class="hats__hat" href="/">
            {texts.hats.family}
          </a>
        )}
        {duties.map((kind) => (
          <a
            class="hats__hat"
            key={kind}
            href={homeOf[kind]}
            aria-current={kind === here ? 'page' : undefined}
          >
            {texts.hats[kind]}
          </a>
        ))}
      </nav>
      <IconButton icon="out" label={settings.signOut} onClick={() => void signOut()} />
    </header>
  );
}
