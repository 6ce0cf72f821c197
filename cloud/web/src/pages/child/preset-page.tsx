import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { useHousehold, useRules, useRun } from '../../household/context.ts';
import { followsPreset } from '../../household/rules-edit.ts';
import { useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { AgeChoice, PresetContents } from './age-choice.tsx';
import { backTo, WithChild } from './with-child.tsx';

export function PresetPage() {
  return <WithChild>{(profile) => <Preset profile={profile} />}</WithChild>;
}

/** The presets by age: what each contains, and adopting one, with the way back to what was set before. */
function Preset({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const rules = useRules(profile);
  const [band, setBand] = useState(profile.ageBand);
  const [busy, setBusy] = useState(false);
  const { child } = texts;
  const age = child.ages[band];
  const current = band === profile.ageBand;
  const followed = current && followsPreset(rules, band);

  const adopt = async () => {
    setBusy(true);
    const before = { ageBand: profile.ageBand, rules };
    const set = (change: Parameters<typeof household.api.changeProfile>[1], seen?: string) =>
      run(
        () => household.change(profile.id, () => household.api.changeProfile(profile.id, change, seen)),
        change.adoptPreset && {
          text: child.presetAdopted(age),
          action: { label: texts.common.undo, run: () => void set(before) },
        },
      );
    // What somebody else has changed meanwhile is to be seen before it is replaced.
    if (!(await set({ ageBand: band, adoptPreset: true }, profile.etag))) await household.home.refresh();
    setBusy(false);
  };

  return (
    <Page title={child.presetTitle} back={backTo(profile)} intro={child.presetIntro}>
      <div class="stack">
        <AgeChoice value={band} onChoose={setBand} />
        <PresetContents band={band} />
        <div class="sticky-action">
          <Button tone="primary" wide busy={busy} disabled={followed} onClick={() => void adopt()}>
            {followed
              ? child.presetFollowed(age)
              : current
                ? child.presetAdoptAgain(age)
                : child.presetAdopt(age)}
          </Button>
        </div>
        <DeliveryLine profile={profile} />
      </div>
    </Page>
  );
}
