import { useState } from 'preact/hooks';
import { defaultContacts, dnsNameFromText, isUnder, type ProfileView } from '../../api/contract.ts';
import { Page, Section } from '../../app/page.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { useRules } from '../../household/context.ts';
import { add, drop } from '../../household/rules-edit.ts';
import { useTexts } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';
import { DeliveryLine } from './access-state.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';

type NameList = 'blockedNames' | 'allowedNames';

/** As the server takes it. */
const LIMIT = 500;

export function NamesPage() {
  return <WithChild>{(profile) => <Names profile={profile} />}</WithChild>;
}

function Names({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  return (
    <Page title={texts.child.names} back={backTo(profile)} intro={texts.child.namesIntro}>
      <DeliveryLine profile={profile} />
      <NameSection profile={profile} list="blockedNames" />
      <NameSection profile={profile} list="allowedNames" />
    </Page>
  );
}

function NameSection({ profile, list }: { profile: ProfileView; list: NameList }) {
  const texts = useTexts();
  const rules = useRules(profile);
  const edit = useEdit(profile);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const { child } = texts;
  const blocks = list === 'blockedNames';
  const known = rules[list];
  const other = rules[blocks ? 'allowedNames' : 'blockedNames'];
  const name = text.trim() === '' ? undefined : dnsNameFromText(text);

  const submit = () => {
    const found = problemOf(texts, list, known, name);
    setProblem(found);
    if (found !== undefined || name === undefined) return;
    edit(add(list, name));
    setText('');
  };

  return (
    <Section title={blocks ? child.namesBlocked : child.namesAllowed}>
      <form
        class="inline-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={blocks ? child.nameToBlock : child.nameToAllow}
          inputMode="url"
          autocomplete="off"
          verbatim
          placeholder={child.namePlaceholder}
          maxLength={2000}
          value={text}
          onText={(typed) => {
            setProblem(undefined);
            setText(typed);
          }}
          error={problem}
          hint={name === undefined || problem !== undefined ? undefined : child.nameWillBe(name)}
          beside={
            <Button
              tone="primary"
              type="submit"
              label={`${texts.common.add}: ${blocks ? child.namesBlocked : child.namesAllowed}`}
            >
              {texts.common.add}
            </Button>
          }
        />
      </form>
      {known.length === 0 ? (
        <p class="muted small">{blocks ? child.namesBlockedEmpty : child.namesAllowedEmpty}</p>
      ) : (
        <ul class="list card">
          {[...known].sort().map((entry) => (
            <li class="own-name" key={entry}>
              <span class="own-name__text">
                <span class="mono">{entry}</span>
                {other.includes(entry) && <span class="small muted">{child.nameInBoth}</span>}
              </span>
              <IconButton
                icon="close"
                label={child.removeName(entry)}
                onClick={() =>
                  edit(drop(list, entry), { text: child.nameRemoved(entry), undo: add(list, entry) })
                }
              />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Why a name cannot be put on a list; undefined where it can. */
function problemOf(
  { child }: Texts,
  list: NameList,
  known: readonly string[],
  name: string | undefined,
): string | undefined {
  if (name === undefined) return child.nameUnusable;
  if (known.includes(name)) return child.nameKnown;
  if (known.length >= LIMIT) return child.nameLimit;
  const isHelp = defaultContacts.some((contact) => contact.names.some((help) => isUnder(name, help)));
  return list === 'blockedNames' && isHelp ? child.nameIsHelp : undefined;
}
