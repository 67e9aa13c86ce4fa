/** The version of this package, put in by the build. */
declare const __VERSION__: string;

export const VERSION: string = typeof __VERSION__ === 'undefined' ? '0.0.0' : __VERSION__;
