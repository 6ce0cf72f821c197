import { Skeleton } from '../design/empty.tsx';

/** Before anything is known of what is to be shown. */
export function Loading() {
  return (
    <main class="alone" aria-busy="true">
      <Skeleton />
    </main>
  );
}
