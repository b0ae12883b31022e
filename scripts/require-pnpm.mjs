// npm would pack the manifest as it stands in the workspace: `catalog:` versions, and `exports` that name the sources.
if (!/[\\/](pnpm|pn)(\.\w+)?$/.test(process.env.npm_execpath ?? '')) {
  process.stderr.write(
    'Pack and publish with pnpm: npx pnpm@12.21.0 publish. npm leaves workspace versions in the manifest.\n',
  );
  process.exitCode = 1;
}
