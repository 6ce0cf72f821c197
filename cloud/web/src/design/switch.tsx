import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './switch.css';

interface SwitchRowProps {
  label: string;
  description?: ComponentChildren;
  leading?: ComponentChildren;
  checked: boolean;
  disabled?: boolean;
  onToggle: (checked: boolean) => void;
}

/** One thing that is on or off; the whole row can be pressed. */
export function SwitchRow({ label, description, leading, checked, disabled, onToggle }: SwitchRowProps) {
  const id = useId();
  return (
    <div class={`switch-row${disabled ? ' switch-row--fixed' : ''}`}>
      {leading}
      <div class="switch-row__texts">
        <label class="switch-row__label" for={id}>
          {label}
        </label>
        {description && (
          <div class="switch-row__description" id={`${id}-description`}>
            {description}
          </div>
        )}
      </div>
      <input
        class="switch"
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox has its own state; aria-checked would be a second one
        role="switch"
        id={id}
        checked={checked}
        disabled={disabled}
        aria-describedby={description ? `${id}-description` : undefined}
        onChange={(event) => onToggle(event.currentTarget.checked)}
      />
    </div>
  );
}
