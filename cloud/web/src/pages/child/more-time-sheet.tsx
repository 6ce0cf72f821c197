import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { endsByQuota } from '../../household/access-text.ts';
import { useHome, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

const SPANS = [15, 30, 60, 120];
const MINUTE = 60_000;
const LONGEST = 24 * 60;

interface MoreTimeSheetProps {
  profile: ProfileView;
  onClose: () => void;
  onMore: (minutes: number) => void;
  onEnd: () => void;
}

export function MoreTimeSheet({ profile, onClose, onMore, onEnd }: MoreTimeSheetProps) {
  const { actions } = useTexts();
  const format = useFormat();
  const now = useNow();
  const [custom, setCustom] = useState('');
  const [wrong, setWrong] = useState(false);
  const { access } = profile;
  // More time begins when access would end, which is now for a child who is off.
  const begin = access.online && access.until !== null ? access.until : now;
  const minutes = minutesOf(custom);
  const { holidays } = useHome();
  const ofToday = endsByQuota(profile, { zone: format.zone, holidays });

  return (
    <Sheet title={actions.moreTitle(profile.name)} onClose={onClose}>
      <p class="muted">{ofToday ? actions.moreToday : actions.moreText}</p>
      <div class="options options--two">
        {SPANS.map((span) => (
          <Button key={span} onClick={() => onMore(span)}>
            <span>{format.duration(span)}</span>
            <span class="options__until">
              {ofToday ? actions.moreOfToday : actions.moreUntil(format.time(begin + span * MINUTE))}
            </span>
          </Button>
        ))}
      </div>
      <form
        class="custom-minutes"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (minutes === undefined) setWrong(true);
          else onMore(minutes);
        }}
      >
        <TextField
          label={actions.customMinutes}
          inputMode="numeric"
          autocomplete="off"
          maxLength={4}
          value={custom}
          onText={(text) => {
            setWrong(false);
            setCustom(text.replace(/\D/g, ''));
          }}
          error={wrong ? actions.customWrong : undefined}
        />
        <Button tone="primary" type="submit">
          {actions.give}
        </Button>
      </form>
      {access.reason === 'grant' && (
        <Button tone="danger-soft" wide label={actions.endGrantOf(profile.name)} onClick={onEnd}>
          {actions.endGrant}
        </Button>
      )}
    </Sheet>
  );
}

function minutesOf(text: string): number | undefined {
  const minutes = Number(text);
  return text !== '' && minutes >= 1 && minutes <= LONGEST ? minutes : undefined;
}
