import { useLayoutEffect, useRef } from 'preact/hooks';
import { Field } from '../../design/field.tsx';
import { claimCodeIn, claimInput } from './claim-input.ts';

interface CodeProps {
  label: string;
  hint: string;
  value: string;
  onText: (text: string) => void;
  error?: string | undefined;
}

/** A claim code as it is typed or pasted. */
export function CodeField({ label, hint, value, onText, error }: CodeProps) {
  const input = useRef<HTMLInputElement>(null);
  const caret = useRef<number>(undefined);

  // Writing the hyphen would otherwise throw the caret to the end.
  useLayoutEffect(() => {
    if (caret.current !== undefined) input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [value]);

  const take = (raw: string, position: number) => {
    const formatted = claimInput(raw, position);
    caret.current = formatted.caret;
    if (input.current !== null) input.current.value = formatted.text;
    onText(formatted.text);
  };

  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <input
          ref={input}
          id={id}
          class="input code-input"
          inputMode="text"
          autocomplete="off"
          autoCapitalize="characters"
          spellcheck={false}
          placeholder="XXXX-XXXX"
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => take(event.currentTarget.value, event.currentTarget.selectionStart ?? 0)}
          onPaste={(event) => {
            const code = claimCodeIn(event.clipboardData?.getData('text') ?? '');
            if (code === undefined) return;
            event.preventDefault();
            take(code, code.length);
          }}
        />
      )}
    </Field>
  );
}
