import type { ApiError } from '../api/api-error.ts';
import { HelpLink } from './help-link.tsx';
import { LoadFailed } from './load-failed.tsx';

/** Nothing is known from before, and nothing could be loaded: what is left is to try again, and help. */
export function Unreachable({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  return (
    <main class="alone">
      <LoadFailed alone error={error} onRetry={onRetry} />
      <HelpLink />
    </main>
  );
}
