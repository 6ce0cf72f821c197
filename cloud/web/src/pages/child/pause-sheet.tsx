import { Button } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useNow } from '../../household/context.ts';
import { minutesToMorning } from '../../household/schedule-time.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

const SPANS = [30, 60, 120];
const MINUTE = 60_000;

interface PauseSheetProps {
  title: string;
  text: string;
  onClose: () => void;
  /** Null is until resumed. */
  onPause: (minutes: number | null) => void;
}

/** For how long a child's network, or that of one device, is to be off. */
export function PauseSheet({ title, text, onClose, onPause }: PauseSheetProps) {
  const { actions } = useTexts();
  const format = useFormat();
  const now = useNow();
  const morning = minutesToMorning(now, format.zone);
  return (
    <Sheet title={title} onClose={onClose}>
      <p class="muted">{text}</p>
      <div class="options">
        <Button tone="primary" wide onClick={() => onPause(null)}>
          {actions.untilResumed}
        </Button>
        {SPANS.map((minutes) => (
          <Button key={minutes} wide onClick={() => onPause(minutes)}>
            {actions.forDuration(format.duration(minutes), format.time(now + minutes * MINUTE))}
          </Button>
        ))}
        <Button wide onClick={() => onPause(morning)}>
          {actions.untilMorning(format.moment(now + morning * MINUTE, now))}
        </Button>
      </div>
    </Sheet>
  );
}
