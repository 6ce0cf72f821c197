import { useState } from 'preact/hooks';
import type { Id, ProfileView, QuotaStandingView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Section } from '../../app/page.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { Meter } from '../../design/meter.tsx';
import { useHome, useHousehold, useNow, useRun } from '../../household/context.ts';
import { standingOf, targetGlyph, targetName } from '../../household/quota-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { RewardSheet } from './reward-sheet.tsx';
import './quotas.css';

/** What is left of each daily limit now, what was given on top today, and the way to give more. */
export function TodayQuotas({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const [rewarding, setRewarding] = useState<Id>();
  const { quotas, name } = profile;
  const resetsAt = quotas[0]?.resetsAt;
  const limited = quotas.filter(({ limit }) => limit !== null);
  if (resetsAt === undefined) return null;

  return (
    <Section title={texts.quota.today}>
      <div class="card standings">
        <ul>
          {quotas.map((standing) => (
            <StandingRow key={standing.id} standing={standing} over={now > resetsAt} />
          ))}
        </ul>
        <Rewards profile={profile} />
        <div class="standings__end">
          <AsOf quotas={quotas} />
          <p class="small muted">{texts.quota.resetsAt(format.moment(resetsAt, now))}</p>
          {limited.length > 0 && (
            <Button
              icon="star"
              label={texts.quota.rewardOf(name)}
              onClick={() => setRewarding(limited[0]?.id)}
            >
              {texts.quota.reward}
            </Button>
          )}
        </div>
      </div>
      {rewarding !== undefined && (
        <RewardSheet profile={profile} quotas={limited} onClose={() => setRewarding(undefined)} />
      )}
    </Section>
  );
}

function StandingRow({ standing, over }: { standing: QuotaStandingView; over: boolean }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const { text, used, spent } = standingOf(texts, format, standing);
  return (
    <li class="standing">
      <Glyph>{targetGlyph(standing.of)}</Glyph>
      <div class="standing__texts">
        <p class="standing__name">{targetName(texts, language, standing.of)}</p>
        <p class={`small ${spent && !over ? 'standing__spent' : 'muted'}`}>{over ? '–' : text}</p>
        {used !== undefined && !over && <Meter share={used} tone={spent ? 'spent' : 'used'} />}
      </div>
    </li>
  );
}

/** Until when the minutes are known, where that is not now. */
function AsOf({ quotas }: { quotas: readonly QuotaStandingView[] }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  // While this phone is offline, nobody knows how the router is.
  const stale = useStore(useHousehold().home).error !== undefined;
  const { routers } = useHome();
  if (!stale && routers.some(({ online }) => online)) return null;
  const told = quotas.flatMap(({ asOf }) => (asOf === null ? [] : [asOf]));
  return (
    <p class="small standings__as-of">
      {told.length === 0 ? texts.quota.unknown : texts.quota.asOf(format.moment(Math.max(...told), now))}{' '}
      {!stale && texts.quota.routerAway}
    </p>
  );
}

/** What parents gave on top today; each can be taken back, and that be undone. */
function Rewards({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const household = useHousehold();
  const run = useRun();
  const { language } = useLanguage();
  const { id, bonuses, quotas } = profile;
  if (bonuses.length === 0) return null;

  const takeBack = ({ id: bonus, quota, minutes, reason }: (typeof bonuses)[number]) => {
    const giveAgain = () => household.api.addBonus(id, { quota, minutes, reason });
    const action = { label: texts.common.undo, run: () => void run(() => household.change(id, giveAgain)) };
    const task = () => household.change(id, () => household.api.removeBonus(id, bonus));
    void run(task, { text: texts.quota.takenBack, action });
  };

  return (
    <div class="rewards">
      <h3 class="rewards__title">{texts.quota.rewards}</h3>
      <ul>
        {bonuses.map((bonus) => {
          const of = quotas.find((quota) => quota.id === bonus.quota)?.of;
          const duration = format.duration(bonus.minutes);
          return (
            <li class="reward" key={bonus.id}>
              <div class="reward__texts">
                <p>
                  {of === undefined
                    ? `+${duration}`
                    : texts.quota.rewardLine(duration, targetName(texts, language, of))}
                </p>
                <p class="small muted">
                  {bonus.reason !== '' && `“${bonus.reason}” · `}
                  {format.moment(bonus.at, now)}
                </p>
              </div>
              <IconButton
                icon="close"
                label={texts.quota.takeBack(duration)}
                onClick={() => takeBack(bonus)}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
