// Put in by the bundler; from source the package says it.
declare const KHIEN_VERSION: string | undefined;

/** Version of khiend, semver. */
export const version: string = typeof KHIEN_VERSION === 'string' ? KHIEN_VERSION : '0.0.0-source';
