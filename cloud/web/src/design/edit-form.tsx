import type { ComponentChildren } from 'preact';
import { useTexts } from '../language/language.ts';
import { Button } from './button.tsx';

interface EditFormProps {
  children: ComponentChildren;
  onSave: () => void;
  /** Left out for what is not there yet. */
  onRemove?: (() => void) | undefined;
  /** The accessible name of what removes it. */
  removeLabel?: string;
}

/** What can be changed of one thing, to be saved, or the thing removed. */
export function EditForm({ children, onSave, onRemove, removeLabel }: EditFormProps) {
  const { common } = useTexts();
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSave();
      }}
    >
      {children}
      <div class="sheet__actions">
        {onRemove && (
          <Button
            tone="danger-soft"
            icon="trash"
            {...(removeLabel === undefined ? {} : { label: removeLabel })}
            onClick={onRemove}
          >
            {common.remove}
          </Button>
        )}
        <Button tone="primary" type="submit">
          {common.save}
        </Button>
      </div>
    </form>
  );
}
