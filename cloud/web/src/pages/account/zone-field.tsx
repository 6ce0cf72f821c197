import { useMemo } from 'preact/hooks';
import { SelectField } from '../../design/field.tsx';
import { useTexts } from '../../language/language.ts';
import { allZones, knownZone, timeOfDay, zoneOfBrowser } from '../../language/zoned.ts';

interface ZoneProps {
  value: string;
  onChoose: (zone: string) => void;
  error?: string | undefined;
}

/** The zone that bedtimes are meant in, with the time it is there now to check it by. */
export function ZoneField({ value, onChoose, error }: ZoneProps) {
  const texts = useTexts();
  const { near, all } = useMemo(() => {
    const near = [...new Set([value, zoneOfBrowser(), 'Asia/Ho_Chi_Minh'])];
    return { near, all: allZones().filter((zone) => !near.includes(zone)) };
  }, [value]);

  return (
    <SelectField
      label={texts.account.zone}
      hint={texts.account.zoneHint(timeOfDay(Date.now(), knownZone(value)))}
      value={value}
      onChoose={onChoose}
      error={error}
    >
      <optgroup label={texts.account.zonesNear}>{near.map(zoneOption)}</optgroup>
      <optgroup label={texts.account.zonesAll}>{all.map(zoneOption)}</optgroup>
    </SelectField>
  );
}

function zoneOption(zone: string) {
  return (
    <option key={zone} value={zone}>
      {zone.replaceAll('_', ' ').replaceAll('/', ' / ')}
    </option>
  );
}
