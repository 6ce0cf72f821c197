import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { useDelivery, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { MoreTimeSheet } from './more-time-sheet.tsx';
import { PauseSheet } from './pause-sheet.tsx';

const QUICK_MINUTES = 15;

/** Pause, resume and more time, as far as each makes sense now. */
export function AccessControls({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const sending = useDelivery(profile.id) === 'sending';
  const [asking, setAsking] = useState<'pause' | 'more'>();
  const { access, id, name } = profile;
  const { actions } = texts;

  const change = (task: () => Promise<unknown>) => {
    setAsking(undefined);
    void run(() => household.change(id, task));
  };
  const more = (minutes: number) => change(() => household.api.grant(id, minutes));
  // Without an end there is nothing to lengthen.
  const canGiveMore = !access.online || access.until !== null;

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
      {canGiveMore && (
        <>
          <Button
            tone={access.reason === 'schedule' ? 'primary' : 'soft'}
            label={actions.moreOf(QUICK_MINUTES, name)}
            busy={sending && access.reason === 'schedule'}
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
          profile={profile}
          onClose={() => setAsking(undefined)}
          onPause={(minutes) => change(() => household.api.pause(id, minutes))}
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
