import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useTexts } from '../language/language.ts';
import { IconButton } from './button.tsx';
import './sheet.css';

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal question at the bottom of the phone. It is open as long as it is rendered. */
export function Sheet({ title, onClose, children }: SheetProps) {
  const texts = useTexts();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    heading.current?.focus();
    // The backdrop is part of the dialog itself; the keyboard has Escape.
    const pressed = (event: MouseEvent) => {
      if (event.target === element) close.current();
    };
    element?.addEventListener('click', pressed);
    // Closing, and not only removing, gives the focus back to what opened it.
    return () => {
      element?.removeEventListener('click', pressed);
      element?.close();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="sheet__inner">
        <header class="sheet__head">
          <h2 id={titleId} class="sheet__title" ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <IconButton icon="close" label={texts.common.close} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
