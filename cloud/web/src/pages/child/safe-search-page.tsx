import { serviceById } from '@khien/shared/catalogue';
import { type ProfileView, type Rules, youtubeModes } from '../../api/contract.ts';
import { Page, Section } from '../../app/page.tsx';
import { ChoiceRows } from '../../design/choice.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { blockingOf } from '../../household/blocking.ts';
import { useRules } from '../../household/context.ts';
import { setFilter } from '../../household/rules-edit.ts';
import { useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';

export function SafeSearchPage() {
  return <WithChild>{(profile) => <SafeSearch profile={profile} />}</WithChild>;
}

/** What search engines and YouTube filter for a child. */
function SafeSearch({ profile }: { profile: ProfileView }) {
  const { child } = useTexts();
  const rules = useRules(profile);
  const edit = useEdit(profile);
  return (
    <Page title={child.safeSearch} back={backTo(profile)} intro={child.safeSearchIntro}>
      <Section title={child.searchEngines}>
        <div class="list card">
          <SwitchRow
            label={child.safeSearch}
            description={child.safeSearchText}
            checked={rules.safeSearch}
            onToggle={(safeSearch) => edit(setFilter({ safeSearch }))}
          />
        </div>
      </Section>
      <Section title={child.youtube}>
        {isYoutubeBlocked(rules) && <p class="small muted">{child.youtubeBlocked}</p>}
        <ChoiceRows
          legend={child.youtube}
          options={youtubeModes.map((value) => {
            const { name, text } = child.youtubeModes[value];
            return { value, label: name, description: text };
          })}
          value={rules.youtube}
          onChoose={(youtube) => edit(setFilter({ youtube }))}
        />
        <p class="small muted">{child.safeSearchLimits}</p>
      </Section>
      <DeliveryLine profile={profile} />
    </Page>
  );
}

function isYoutubeBlocked(rules: Rules): boolean {
  const youtube = serviceById('youtube');
  return youtube !== undefined && blockingOf(youtube, rules) !== undefined;
}
