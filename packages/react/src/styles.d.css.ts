// oxlint-disable-next-line unicorn/require-module-specifiers -- A style sheet exports nothing.
export {};
