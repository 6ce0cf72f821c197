import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useTexts } from '../../language/language.ts';
import { useAccount } from './use-own.ts';

/** The one time that recovery codes are seen: to be saved as a file, or printed. */
export function CodesSheet({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const texts = useTexts();
  const { security } = texts;
  const account = useAccount();
  const title = security.codesFile(account.email ?? account.name);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const text = `${title}\n\n${codes.join('\n')}\n\n${security.codesOnce}\n`;
    const made = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [codes, title]);

  return (
    <Sheet title={security.codesTitle} onClose={onClose}>
      <p>{security.codesOnce}</p>
      <div class="codes">
        <p class="codes__title">{title}</p>
        <ol class="codes__list mono" aria-label={security.codes}>
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
      <div class="sheet__actions">
        {url !== undefined && (
          <a class="button button--soft" href={url} download="khien-recovery-codes.txt">
            <Icon name="download" size={20} />
            <span class="button__text">{security.codesDownload}</span>
          </a>
        )}
        <Button onClick={() => window.print()}>{security.codesPrint}</Button>
      </div>
      <Button tone="primary" wide onClick={onClose}>
        {security.codesSaved}
      </Button>
    </Sheet>
  );
}
