import { useState } from 'preact/hooks';
import type { QuotaTarget } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { TextField } from '../../design/field.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { ButtonRow, List, PlainRow } from '../../design/list.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { findServices, folded } from '../../household/blocking.ts';
import { targetGlyph, targetName } from '../../household/quota-text.ts';
import { targetKey } from '../../household/rules-edit.ts';
import { useLanguage, useTexts } from '../../language/language.ts';

interface QuotaTargetSheetProps {
  /** What has a quota already. */
  taken: readonly QuotaTarget[];
  onClose: () => void;
  onChoose: (of: QuotaTarget) => void;
}

/** What a new limit is to be of: the network, a category, or one service. */
export function QuotaTargetSheet({ taken, onClose, onChoose }: QuotaTargetSheetProps) {
  const texts = useTexts();
  const { language } = useLanguage();
  const [query, setQuery] = useState('');
  const searching = query.trim() !== '';
  // Minutes are counted of services, so of categories that have some; study is never limited.
  const groups = findServices(query, language).filter(({ category }) => category.bit !== null);
  // While searching, a category is found by its own name only, not by that of a service in it.
  const categories = groups
    .map(({ category }) => category)
    .filter(({ name }) => !searching || folded(name[language]).includes(folded(query)));
  const services = searching ? groups.flatMap((group) => group.services) : [];
  const isTaken = (of: QuotaTarget) => taken.some((other) => targetKey(other) === targetKey(of));
  const row = (of: QuotaTarget, detail?: string) => {
    const look = {
      leading: <Glyph>{targetGlyph(of)}</Glyph>,
      title: targetName(texts, language, of),
    };
    return isTaken(of) ? (
      <PlainRow key={targetKey(of)} {...look} detail={texts.quota.allTaken} />
    ) : (
      <ButtonRow key={targetKey(of)} {...look} detail={detail} onClick={() => onChoose(of)} />
    );
  };

  return (
    <Sheet title={texts.quota.addTitle} onClose={onClose}>
      <TextField
        label={texts.quota.search}
        type="search"
        autocomplete="off"
        maxLength={64}
        value={query}
        onText={setQuery}
      />
      {!searching && <List>{row({ kind: 'network' }, texts.quota.networkText)}</List>}
      {categories.length > 0 && (
        <Section title={texts.quota.categories}>
          <List>
            {categories.map(({ id, description }) => row({ kind: 'category', id }, description[language]))}
          </List>
        </Section>
      )}
      {services.length > 0 && (
        <Section title={texts.quota.services}>
          <List>{services.map(({ id }) => row({ kind: 'service', id }))}</List>
        </Section>
      )}
      {searching && categories.length + services.length === 0 && (
        <p class="muted">{texts.quota.noMatch(query)}</p>
      )}
      {!searching && (
        <Section title={texts.quota.services}>
          <p class="small muted">{texts.quota.searchForService}</p>
        </Section>
      )}
    </Sheet>
  );
}
