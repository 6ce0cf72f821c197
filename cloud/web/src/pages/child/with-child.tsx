import type { ComponentChildren } from 'preact';
import { useRoute } from 'preact-iso';
import type { ProfileView } from '../../api/contract.ts';
import { useProfile } from '../../household/context.ts';
import { NotFoundPage } from '../not-found-page.tsx';

/** The child that the address names; a page says so where there is none (any more). */
export function WithChild({ children }: { children: (profile: ProfileView) => ComponentChildren }) {
  const profile = useProfile(useRoute().params.child);
  return profile === undefined ? <NotFoundPage /> : children(profile);
}

/** Where the pages below a child's page lead back to. */
export function backTo(profile: ProfileView): { href: string; name: string } {
  return { href: `/children/${profile.id}`, name: profile.name };
}
