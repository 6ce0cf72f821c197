import { Page, Section } from '../../app/page.tsx';
import { ButtonLink } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useHome } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { ToCheck } from '../devices/to-check.tsx';
import { RequestCard } from '../requests/request-card.tsx';
import { ChildCard } from './child-card.tsx';
import { NewDevices } from './new-devices.tsx';
import { RouterLine } from './router-line.tsx';
import './home.css';

/** Everything a parent needs at a glance, what needs an answer first. */
export function HomePage() {
  const texts = useTexts();
  const home = useHome();
  return (
    <Page title={home.name} intro={<RouterLine />}>
      {home.openRequests.length > 0 && (
        <Section title={texts.home.requests}>
          {[...home.openRequests].sort(helpFirst).map((request) => (
            <RequestCard key={request.id} request={request} />
          ))}
        </Section>
      )}
      <ToCheck />
      <Section title={texts.home.children}>
        {home.profiles.length === 0 ? (
          <div class="card">
            <Empty
              icon="person"
              title={texts.home.noChildren}
              action={
                <ButtonLink
                  tone={home.routers.length === 0 ? 'soft' : 'primary'}
                  icon="plus"
                  href="/children/new"
                >
                  {texts.home.addChild}
                </ButtonLink>
              }
            >
              {texts.home.noChildrenText}
            </Empty>
          </div>
        ) : (
          <>
            {home.profiles.map((profile) => (
              <ChildCard key={profile.id} profile={profile} />
            ))}
            <ButtonLink tone="plain" icon="plus" href="/children/new">
              {texts.home.addChild}
            </ButtonLink>
          </>
        )}
      </Section>
      <NewDevices />
      <List>
        <LinkRow
          href="/devices"
          leading={<Icon name="device" />}
          title={texts.home.allDevices(home.devices.length)}
        />
        <LinkRow href="/contacts" leading={<Icon name="phone" />} title={texts.home.help} />
      </List>
    </Page>
  );
}

function helpFirst(a: { ask: string; at: number }, b: { ask: string; at: number }): number {
  return Number(b.ask === 'help') - Number(a.ask === 'help') || b.at - a.at;
}
