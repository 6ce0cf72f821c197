import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useTexts } from '../language/language.ts';
import { Button } from './button.tsx';
import { Sheet } from './sheet.tsx';

interface AskSheetProps {
  title: string;
  /** What is lost by it. */
  children: ComponentChildren;
  confirm: string;
  tone?: 'danger' | 'primary';
  /** Closes the sheet itself where it succeeds; until it settles the button is busy. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Asks once more before something that has no way back. */
export function AskSheet({ title, children, confirm, tone = 'danger', onConfirm, onClose }: AskSheetProps) {
  const { common } = useTexts();
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      await onConfirm();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet title={title} onClose={onClose}>
      <div class="stack">{children}</div>
      <div class="sheet__actions">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button tone={tone} busy={busy} onClick={() => void go()}>
          {confirm}
        </Button>
      </div>
    </Sheet>
  );
}
