/*
 * @peculiar/x509 registers its signers with tsyringe, which refuses to load where the reflect-metadata proposal is
 * missing. It asks only for the constructor parameters of those signers, and they have none, so "nothing is known" is
 * a true answer to every question. A real polyfill that is loaded already is left alone.
 */
for (const name of ['getMetadata', 'getOwnMetadata'] as const) {
  if (!Reflect.has(Reflect, name)) {
    Object.defineProperty(Reflect, name, { value: () => undefined, configurable: true, writable: true });
  }
}
