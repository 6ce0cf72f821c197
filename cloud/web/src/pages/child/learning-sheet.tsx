import { Button } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

const SPANS = [30, 60, 120];
const MINUTE = 60_000;

interface LearningSheetProps {
  name: string;
  onClose: () => void;
  /** Null is until ended. */
  onStart: (minutes: number | null) => void;
}

/** For how long only study is to be open. */
export function LearningSheet({ name, onClose, onStart }: LearningSheetProps) {
  const { actions } = useTexts();
  const format = useFormat();
  const now = useNow();
  return (
    <Sheet title={actions.learnTitle(name)} onClose={onClose}>
      <p class="muted">{actions.learnText}</p>
      <div class="options">
        {SPANS.map((minutes) => (
          <Button
            key={minutes}
            wide
            tone={minutes === 60 ? 'primary' : 'soft'}
            onClick={() => onStart(minutes)}
          >
            {actions.forDuration(format.duration(minutes), format.time(now + minutes * MINUTE))}
          </Button>
        ))}
        <Button wide onClick={() => onStart(null)}>
          {actions.untilEnded}
        </Button>
      </div>
    </Sheet>
  );
}
