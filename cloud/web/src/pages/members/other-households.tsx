import { useLocation } from 'preact-iso';
import { chooseHousehold } from '../../app/chosen-household.ts';
import { useApp } from '../../app/context.ts';
import { Section } from '../../app/page.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHome } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { useAccount } from '../security/use-own.ts';

/** Leads to the other households of somebody who belongs to several. */
export function OtherHouseholds() {
  const { members } = useTexts();
  const { session, keep } = useApp();
  const { households } = useAccount();
  const home = useHome();
  const { route } = useLocation();
  const others = households.filter(({ id }) => id !== home.id);
  if (others.length === 0) return null;
  const change = async ({ id, name }: (typeof others)[number]) => {
    chooseHousehold(keep, id);
    route('/', true);
    await session.ask();
    showToast({ tone: 'good', text: members.switched(name) });
  };
  return (
    <Section title={members.others}>
      <List label={members.others}>
        {others.map((household) => (
          <ButtonRow
            key={household.id}
            leading={<Icon name="home" />}
            title={household.name}
            detail={members.roles[household.role].name}
            onClick={() => void change(household)}
          />
        ))}
      </List>
    </Section>
  );
}
