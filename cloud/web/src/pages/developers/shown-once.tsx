import { Button } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { showToast } from '../../design/toast.tsx';
import { useTexts } from '../../language/language.ts';
import './developers.css';

/** A secret, the one time that it is known. */
export function ShownOnce(props: { title: string; text: string; secret: string; onClose: () => void }) {
  const { title, text, secret, onClose } = props;
  const { common, developers } = useTexts();
  // Rejects where the browser forbids it: the secret is there to be selected.
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => showToast({ tone: 'good', text: developers.copied }),
      () => undefined,
    );
  return (
    <Sheet title={title} onClose={onClose}>
      <p>{text}</p>
      <p class="secret mono">{secret}</p>
      {'clipboard' in navigator && (
        <Button tone="primary" wide onClick={() => void copy()}>
          {developers.copy}
        </Button>
      )}
      <Button wide onClick={onClose}>
        {common.done}
      </Button>
    </Sheet>
  );
}
