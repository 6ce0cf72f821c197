import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { useDelivery, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { LearningSheet } from './learning-sheet.tsx';
import { MoreTimeSheet } from './more-time-sheet.tsx';
import { PauseSheet } from './pause-sheet.tsx';
import { useMoreTime } from './use-more-time.ts';

const QUICK_MINUTES = 15;

/** Pause, study only and more time, each as far as it makes sense now. */
export function AccessControls({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const giveMore = useMoreTime(profile);
  const sending = useDelivery(profile.id) === 'sending';
  const [asking, setAsking] = useState<'pause' | 'learn' | 'more'>();
  const { access, id, name } = profile;
  const { actions } = texts;

  const change = (task: () => Promise<unknown>) => {
    setAsking(undefined);
    void run(() => household.change(id, task));
  };
  const more = (minutes: number) => {
    setAsking(undefined);
    giveMore(minutes);
  };
  // Without an end there is nothing to lengthen; and more time would end study.
  const canGiveMore = !access.online || (access.until !== null && access.mode === 'open');
  const isOff = access.reason === 'schedule' || access.reason === 'quota';

  return (
    <div class="controls">
      {access.online && (
        <Button icon="pause" label={actions.pauseOf(name)} busy={sending} onClick={() => setAsking('pause')}>
          {actions.pause}
        </Button>
      )}
      {access.reason === 'pause' && (
        <Button
          tone="primary"
          icon="play"
          label={actions.resumeOf(name)}
          busy={sending}
          onClick={() => change(() => household.api.resume(id))}
        >
          {actions.resume}
        </Button>
      )}
      {profile.learning !== null && access.reason === 'learning' ? (
        <Button
          tone="primary"
          icon="book"
          label={actions.endLearningOf(name)}
          busy={sending}
          onClick={() => change(() => household.api.endLearning(id))}
        >
          {actions.endLearning}
        </Button>
      ) : (
        access.mode === 'open' &&
        access.reason !== 'grant' && (
          <Button icon="book" label={actions.learnOf(name)} onClick={() => setAsking('learn')}>
            {actions.learn}
          </Button>
        )
      )}
      {canGiveMore && (
        <>
          <Button
            tone={isOff ? 'primary' : 'soft'}
            label={actions.moreOf(QUICK_MINUTES, name)}
            busy={sending && isOff}
            onClick={() => more(QUICK_MINUTES)}
          >
            {actions.more(QUICK_MINUTES)}
          </Button>
          <Button label={actions.otherTimeOf(name)} onClick={() => setAsking('more')}>
            {actions.otherTime}
          </Button>
        </>
      )}
      {asking === 'pause' && (
        <PauseSheet
          title={actions.pauseTitle(name)}
          text={actions.pauseText}
          onClose={() => setAsking(undefined)}
          onPause={(minutes) => change(() => household.api.pause(id, minutes))}
        />
      )}
      {asking === 'learn' && (
        <LearningSheet
          name={name}
          onClose={() => setAsking(undefined)}
          onStart={(minutes) => change(() => household.api.startLearning(id, minutes))}
        />
      )}
      {asking === 'more' && (
        <MoreTimeSheet
          profile={profile}
          onClose={() => setAsking(undefined)}
          onMore={more}
          onEnd={() => change(() => household.api.endGrant(id))}
        />
      )}
    </div>
  );
}
