import type { Mac } from '@khien/shared/id';

/** The router's own side of the LAN, from rtnetlink. */
export interface LanSide {
  /** Names of the interfaces frames come in by: the bridge's ports, or the interface itself. */
  readonly ports: readonly string[];
  /** MAC addresses of the router on the LAN: what a routed frame is addressed to. */
  readonly routerMacs: readonly Mac[];
  /** The router's own LAN addresses, as text; IPv6 link-local ones with `%interface`. */
  readonly addresses: readonly string[];
  /** Names of the layer-3 interfaces (`br-lan`). */
  readonly interfaces: readonly string[];
}

export interface LanSideSource {
  current(): LanSide;
  onChange(listener: (side: LanSide) => void): () => void;
}
