import { useEffect, useRef } from 'preact/hooks';
import { Store, useStore } from '../api/store.ts';
import { useTexts } from '../language/language.ts';
import { Button, IconButton } from './button.tsx';
import './toast.css';

export interface Toast {
  readonly text: string;
  readonly tone: 'good' | 'bad';
  readonly action?: { readonly label: string; readonly run: () => void };
}

const shown = new Store<Toast | undefined>(undefined);

/** Says something in passing; a newer one takes the place of an older. */
export function showToast(toast: Toast): void {
  shown.set(toast);
}

/** Milliseconds. What can be pressed stays longer. */
const STAY = 5_000;
const STAY_WITH_ACTION = 10_000;

/** The one place where toasts appear; screen readers read them out. */
export function Toasts() {
  const toast = useStore(shown);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const leave = () => shown.set(undefined);
  const hold = () => clearTimeout(timer.current);
  const start = () => {
    hold();
    if (shown.value !== undefined)
      timer.current = setTimeout(leave, shown.value.action === undefined ? STAY : STAY_WITH_ACTION);
  };

  useEffect(() => {
    start();
    return hold;
  }, [toast]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done by these, the toast only waits for who reads it
    <div class="toasts" onMouseEnter={hold} onMouseLeave={start} onFocusIn={hold} onFocusOut={start}>
      <div class="toasts__place" role="status">
        {toast?.tone === 'good' && <ToastBox toast={toast} onLeave={leave} />}
      </div>
      <div class="toasts__place" role="alert">
        {toast?.tone === 'bad' && <ToastBox toast={toast} onLeave={leave} />}
      </div>
    </div>
  );
}

function ToastBox({ toast, onLeave }: { toast: Toast; onLeave: () => void }) {
  const texts = useTexts();
  const { action } = toast;
  return (
    <div class={`toast toast--${toast.tone}`}>
      <p class="toast__text">{toast.text}</p>
      {action && (
        <Button
          tone="plain"
          onClick={() => {
            onLeave();
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label={texts.common.close} onClick={onLeave} />
    </div>
  );
}
