import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Page, Section } from '../../app/page.tsx';
import { useRole } from '../../app/role.tsx';
import { Avatar } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useDevices } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { AccessControls } from './access-controls.tsx';
import { AccessState } from './access-state.tsx';
import { ChildDevices } from './child-devices.tsx';
import { RemoveChildSheet } from './remove-child-sheet.tsx';
import { RenameChildSheet } from './rename-child-sheet.tsx';
import { RulesList } from './rules-list.tsx';
import { TodayQuotas } from './today-quotas.tsx';
import { WithChild } from './with-child.tsx';
import './child.css';

export function ChildPage() {
  return <WithChild>{(profile) => <Child profile={profile} />}</WithChild>;
}

/** One child: its network now, its devices, its rules. */
function Child({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const devices = useDevices(profile);
  const mayOwn = useRole() === 'owner';
  const [asking, setAsking] = useState<'rename' | 'remove'>();
  return (
    <Page
      title={profile.name}
      back={{ href: '/', name: texts.navigation.home }}
      beside={<Avatar id={profile.id} name={profile.name} />}
      below={texts.child.ages[profile.ageBand]}
    >
      <div class="card card--padded stack child-now">
        <AccessState profile={profile} devices={devices.length} />
        {devices.length > 0 && <AccessControls profile={profile} />}
      </div>
      <TodayQuotas profile={profile} />
      <ChildDevices profile={profile} />
      <Section title={texts.child.rules}>
        <RulesList profile={profile} />
      </Section>
      <List>
        <LinkRow
          href={`/children/${profile.id}/usage`}
          leading={<Icon name="chart" />}
          title={texts.usage.title}
          detail={texts.usage.row}
        />
      </List>
      <div class="child-end">
        <Button icon="edit" onClick={() => setAsking('rename')}>
          {texts.child.rename}
        </Button>
        <Button
          tone="danger-soft"
          icon="trash"
          disabled={!mayOwn}
          label={texts.child.remove(profile.name)}
          onClick={() => setAsking('remove')}
        >
          {texts.common.remove}
        </Button>
        {!mayOwn && <p class="small muted">{texts.sharing.forOwners}</p>}
      </div>
      {asking === 'rename' && <RenameChildSheet profile={profile} onClose={() => setAsking(undefined)} />}
      {asking === 'remove' && <RemoveChildSheet profile={profile} onClose={() => setAsking(undefined)} />}
    </Page>
  );
}
