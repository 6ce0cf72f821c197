import { useRef, useState } from 'preact/hooks';
import type { NotificationSettings, SettingsChange } from '../../api/contract.ts';
import type { Toast } from '../../design/toast.tsx';
import { useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

interface Choices {
  /** As they will be when all that was chosen is saved. */
  readonly settings: NotificationSettings;
  readonly choose: (change: SettingsChange, done?: Omit<Toast, 'tone'>) => void;
}

/** Shows what was chosen at once, until it is saved or was refused: who taps twice does not see the first tap undone. */
export function useChoices(
  kept: NotificationSettings,
  save: (change: SettingsChange) => Promise<void>,
): Choices {
  const { common } = useTexts();
  const run = useRun();
  const [chosen, setChosen] = useState<NotificationSettings>();
  const saving = useRef(0);

  const choose: Choices['choose'] = async (change, done = { text: common.saved }) => {
    saving.current += 1;
    setChosen((before = kept) => merged(before, change));
    await run(() => save(change), done);
    saving.current -= 1;
    if (saving.current === 0) setChosen(undefined);
  };

  return { settings: chosen ?? kept, choose: (change, done) => void choose(change, done) };
}

function merged(settings: NotificationSettings, change: SettingsChange): NotificationSettings {
  const { channels, quiet = settings.quiet, details = settings.details } = change;
  return { ...settings, quiet, details, channels: { ...settings.channels, ...channels } };
}
