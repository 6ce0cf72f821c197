/** One question that a dnsmasq was asked. */
export interface Query {
  /** As dnsmasq names it: `A`, `AAAA`, `HTTPS`, `type=65` … */
  readonly type: string;
  readonly name: string;
  /** The address of who asked. */
  readonly from: string;
}

const queryLine = /query\[([^\]]+)\] (\S+) from (\S+)/;

/** Reads the questions out of what dnsmasq logs with `log-queries`. */
export function parseQueryLog(log: string): Query[] {
  return log.split('\n').flatMap((line) => {
    const [, type, name, from] = queryLine.exec(line) ?? [];
    return type === undefined || name === undefined || from === undefined ? [] : [{ type, name, from }];
  });
}
