import { Button } from '../../design/button.tsx';
import { useTexts } from '../../language/language.ts';

/** The passkey's button above a form for a password. */
export function PasskeyFirst({
  label,
  busy,
  onPress,
}: {
  label: string;
  busy: boolean;
  onPress: () => void;
}) {
  const { security } = useTexts();
  return (
    <>
      <Button tone="primary" wide icon="key" busy={busy} onClick={onPress}>
        {label}
      </Button>
      <p class="account__or small muted">{security.or}</p>
    </>
  );
}
