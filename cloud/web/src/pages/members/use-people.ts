import { useEffect, useMemo } from 'preact/hooks';
import type { InvitationView, MemberView } from '../../api/contract.ts';
import { Resource, type Snapshot } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useHousehold } from '../../household/context.ts';

export interface People {
  readonly members: readonly MemberView[];
  /** Open ones; none for who may not invite. */
  readonly invitations: readonly InvitationView[];
}

/** Who belongs to the household and who is invited. It is kept on no phone. */
export function usePeople(): { people: Snapshot<People>; refresh: () => Promise<void> } {
  const { api } = useHousehold();
  const resource = useMemo(
    () =>
      new Resource<People>(async () => {
        const { items: members } = await api.members.list();
        const isOwner = members.some(({ me, role }) => me && role === 'owner');
        return { members, invitations: isOwner ? (await api.members.invitations()).items : [] };
      }),
    [api],
  );
  useEffect(() => {
    void resource.refresh();
  }, [resource]);
  return { people: useStore(resource), refresh: () => resource.refresh() };
}
