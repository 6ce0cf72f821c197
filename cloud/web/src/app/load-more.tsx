import { Button } from '../design/button.tsx';
import { useTexts } from '../language/language.ts';

/** A list of which more can be fetched. */
export interface Growing {
  readonly more: boolean;
  readonly loadingMore: boolean;
  readonly loadMore: () => void;
}

/** At the end of a list: fetches what comes after, where there is any. */
export function LoadMore({ more, loadingMore, loadMore }: Growing) {
  const { common } = useTexts();
  if (!more) return null;
  return (
    <Button wide busy={loadingMore} onClick={loadMore}>
      {common.loadMore}
    </Button>
  );
}
