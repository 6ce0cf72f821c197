import { Section } from '../../app/page.tsx';
import { useHome } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { AlertCard } from './alert-card.tsx';
import { ProposalCard } from './proposal-card.tsx';

/** What a parent should look at: addresses that look like a child's device, and addresses that something else may use. */
export function ToCheck() {
  const texts = useTexts();
  const { alerts, proposals, devices } = useHome();
  // One whose device is gone, or is no child's any more, asks nothing.
  const asked = proposals.filter((proposal) =>
    devices.some(({ id, profile }) => id === proposal.device && profile !== null),
  );
  if (alerts.length + asked.length === 0) return null;
  return (
    <Section title={texts.devices.check}>
      {alerts.map((alert) => (
        <AlertCard key={alert.id} alert={alert} />
      ))}
      {asked.map((proposal) => (
        <ProposalCard key={proposal.id} proposal={proposal} />
      ))}
    </Section>
  );
}
