import type { ApiError } from '../api/api-error.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { errorText } from '../language/error-text.ts';
import { useTexts } from '../language/language.ts';

/** Something could not be loaded, and nothing of it is known from before. */
export function LoadFailed({
  error,
  onRetry,
  alone = false,
}: {
  error: ApiError;
  onRetry: () => void;
  /** There is nothing else on the page. */
  alone?: boolean;
}) {
  const texts = useTexts();
  return (
    <div role="status">
      <Empty
        icon={error.unreachable ? 'offline' : 'alert'}
        title={texts.connection.loadFailed}
        alone={alone}
        action={
          <Button tone="primary" onClick={onRetry}>
            {texts.common.retry}
          </Button>
        }
      >
        {errorText(texts, error)}
      </Empty>
    </div>
  );
}
